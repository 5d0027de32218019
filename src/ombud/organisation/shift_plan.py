"""Who is on when: the shifts of rotas laid out day by day, from patterns, single days and absences.

Days and hours are those of the rota's office; every instant is reckoned from them once, so that a night of seven or
nine hours, where clocks change, begins and ends when the people there say it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from ombud.organisation.absences import Absence
from ombud.organisation.models import Office, Person
from ombud.organisation.rotas import Rota, Shift, ShiftDay, ShiftPattern

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
BACK = timedelta(days=8)  # how far back somebody is looked for who was on last


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A shift on one day."""

    rota: Rota
    shift: Shift
    day: date  # on which it begins
    starts_at: datetime
    ends_at: datetime
    people: tuple[Person, ...]  # whose it is
    away: frozenset[int]  # of these who cannot come: away then, or gone (Person.pk)
    is_changed: bool  # the day is not as the pattern has it

    @property
    def there(self) -> tuple[Person, ...]:
        """Return who has the shift and can come."""
        return tuple(each for each in self.people if each.pk not in self.away)

    @property
    def missing(self) -> int:
        """Return how many people the shift still wants."""
        return max(0, self.shift.places - len(self.there))

    @property
    def hours(self) -> float:
        """Return how long it takes, a change of the clocks counted."""
        return (self.ends_at - self.starts_at) / timedelta(hours=1)

    def is_running(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


def zone_of(office: Office | None) -> ZoneInfo:
    """Return the clock by which the shifts of a rota are meant."""
    return ZoneInfo(office.tz if office is not None else settings.TIME_ZONE)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def today(rota: Rota, now: datetime) -> date:
    """Return what day it is where the rota holds."""
    return now.astimezone(zone_of(rota.office)).date()


def span(day: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when until when a shift of a day runs."""
    last = day if ends > starts else day + DAY
    return (
        datetime.combine(day, starts, zone).astimezone(UTC),
        datetime.combine(last, ends, zone).astimezone(UTC),
    )


def is_b_week(rota: Rota, day: date) -> bool:
    """Return whether a day lies in a B week; weeks are counted, not numbered, so that no year's end breaks the turn."""
    return ((monday_of(day) - monday_of(rota.a_week)).days // 7) % 2 == 1


def active() -> QuerySet[Rota]:
    return Rota.objects.filter(is_active=True).select_related("office").order_by("policy", "office", "pk")


class Plan:
    """The shifts of some rotas in some days; four questions, whatever their number."""

    def __init__(self, rotas: Sequence[Rota], first: date, last: date) -> None:
        self._first, self._last = first, last
        self.rotas = {rota.pk: rota for rota in rotas}
        shifts = Shift.objects.filter(Q(last_day=None) | Q(last_day__gte=first), rota__in=self.rotas)
        self.shifts = list(shifts.filter(first_day__lte=last).order_by("starts", "pk")) if self.rotas else []
        keys = [each.pk for each in self.shifts]
        self._patterns: dict[int, list[ShiftPattern]] = defaultdict(list)
        self._days: dict[tuple[int, date], ShiftDay] = {}
        if keys:
            for pattern in ShiftPattern.objects.filter(shift__in=keys, first_day__lte=last).order_by("-first_day"):
                self._patterns[pattern.shift_id].append(pattern)
            rows = ShiftDay.objects.filter(shift__in=keys, day__gte=first, day__lte=last)
            self._days = {(row.shift_id, row.day): row for row in rows}
        meant: list[ShiftPattern | ShiftDay] = [
            *self._days.values(),
            *(each for found in self._patterns.values() for each in found),
        ]
        self._people = Person.objects.in_bulk({pk for row in meant for pk in _named(row)})
        self._absences = self._away()

    def _away(self) -> dict[int, list[Absence]]:
        found: dict[int, list[Absence]] = defaultdict(list)
        if self._people:
            begin = datetime.combine(self._first, time(), UTC) - 2 * DAY
            end = datetime.combine(self._last, time(), UTC) + 3 * DAY
            rows = Absence.objects.filter(person__in=self._people, starts_at__lt=end, ends_at__gt=begin)
            for row in rows:
                found[row.person_id].append(row)
        return found

    def slots(self) -> list[Slot]:
        """Return all of them, the first to begin first."""
        days = [self._first + timedelta(days=n) for n in range((self._last - self._first).days + 1)]
        found = [self.slot(shift, day) for shift in self.shifts for day in days if shift.runs_on(day)]
        return sorted(found, key=lambda each: (each.starts_at, each.shift.pk))

    def slot(self, shift: Shift, day: date) -> Slot:
        rota = self.rotas[shift.rota_id]
        starts_at, ends_at = span(day, shift.starts, shift.ends, zone_of(rota.office))
        changed = self._days.get((shift.pk, day))
        keys = changed.people if changed is not None else self.usual(shift, day)
        people = tuple(self._people[pk] for pk in keys if pk in self._people)
        away = frozenset(each.pk for each in people if not each.is_active or self._is_away(each.pk, starts_at, ends_at))
        return Slot(
            rota=rota,
            shift=shift,
            day=day,
            starts_at=starts_at,
            ends_at=ends_at,
            people=people,
            away=away,
            is_changed=changed is not None,
        )

    def usual(self, shift: Shift, day: date) -> list[int]:
        """Return whose a shift of a day is by the pattern (Person.pk)."""
        pattern = next((each for each in self._patterns[shift.pk] if each.first_day <= day), None)
        if pattern is None or not pattern.weeks:
            return []
        number = is_b_week(self.rotas[shift.rota_id], day) if len(pattern.weeks) > 1 else 0
        people: list[int] = pattern.weeks[number][day.weekday()]
        return people

    def _is_away(self, person: int, starts_at: datetime, ends_at: datetime) -> bool:
        return any(row.starts_at < ends_at and row.ends_at > starts_at for row in self._absences.get(person, ()))


def _named(row: ShiftPattern | ShiftDay) -> Iterator[int]:
    if isinstance(row, ShiftDay):
        yield from row.people
    else:
        yield from (pk for week in row.weeks for people in week for pk in people)


def about(rotas: Sequence[Rota], now: datetime, *, back: timedelta = 2 * DAY, ahead: timedelta = 2 * DAY) -> list[Slot]:
    """Return the shifts about an instant, in whatever zone they are."""
    return Plan(rotas, (now - back).date(), (now + ahead).date()).slots()


def running(slots: Iterable[Slot], now: datetime) -> list[Slot]:
    """Return those that run at an instant."""
    return [each for each in slots if each.is_running(now)]


def on_now(policy: str, office: int | None, channel: str, *, now: datetime) -> list[Slot]:
    """Return the running shifts to which a case of this office and channel would come, whoever has them."""
    found = [each for each in active().filter(policy=policy) if fits(each, office, channel)]
    return running(about(found, now), now) if found else []


def on_now_under(policy: str, *, now: datetime) -> list[Slot]:
    """Return the running shifts of a policy, whatever the office and channel."""
    return running(about(list(active().filter(policy=policy)), now), now)


def fits(rota: Rota, office: int | None, channel: str) -> bool:
    """Return whether what comes in there is the rota's."""
    return rota.office_id in (None, office) and (not rota.channels or channel in rota.channels)


def followers(slot: Slot, slots: Iterable[Slot]) -> list[Slot]:
    """Return whom a shift is handed over to: those of its rota that are staffed and run, or begin first, at its end."""
    rest = [
        each
        for each in slots
        if each.rota.pk == slot.rota.pk and each.ends_at > slot.ends_at and each.there and each is not slot
    ]
    late = [each for each in rest if each.starts_at > slot.starts_at or each.shift.pk != slot.shift.pk]
    running_then = [each for each in late if each.starts_at <= slot.ends_at]
    if running_then:
        return running_then
    return sorted(late, key=lambda each: each.starts_at)[:1]


def absent_between(people: Collection[int], starts_at: datetime, ends_at: datetime) -> set[int]:
    """Return which of these people are away at some time between (Person.pk)."""
    rows = Absence.objects.filter(person__in=people, starts_at__lt=ends_at, ends_at__gt=starts_at)
    return set(rows.values_list("person", flat=True))
