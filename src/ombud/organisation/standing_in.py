"""Who is away and who stands in: entering an absence, ending it, and who stands in for whom now.

A deputy stands in for the roles that somebody holds under policies, never for those of the organisation itself, and
only for what these people hold themselves: what is lent is not lent on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ombud.organisation import changes
from ombud.organisation.absences import Absence, Deputy
from ombud.organisation.models import Person

Lent = tuple[str, str]  # (policy, role); both empty: all that somebody holds under policies
ALL: Lent = ("", "")
LONGEST = timedelta(days=366)
YEARS = (2000, 2200)  # beyond which no instant of every zone is sure to be stored


class AbsenceError(ValueError):
    """It cannot be entered so; `code` says why, `who` of whom."""

    def __init__(self, code: str, who: Person | None = None) -> None:
        super().__init__(code)
        self.code, self.who = code, who


@dataclass(frozen=True, kw_only=True, slots=True)
class Deputising:
    """Somebody stands in for somebody now."""

    deputy: str  # Person.key
    absent: str
    policy: str
    role: str

    def is_for(self, policy: str, role: str) -> bool:
        """Return whether what somebody is told or owes in a role, or by name (no role), is lent to the deputy."""
        return (self.policy, self.role) == ALL or (self.policy == policy and role in ("", self.role))


@dataclass(frozen=True, kw_only=True, slots=True)
class Away:
    """Somebody is away just now."""

    last_day: date
    deputies: tuple[Person, ...]


def zone_of(person: Person) -> ZoneInfo:
    """Return the clock by which the days of somebody's absence are meant."""
    return ZoneInfo(person.tz or settings.TIME_ZONE)


def enter(
    person: Person, first_day: date, last_day: date, deputies: Mapping[Lent, Person], *, by: Person, now: datetime
) -> Absence:
    """Write down that somebody is away from the first to the last day, both included, in their own zone.

    Of a day that has begun the absence counts from now on: what was owed before was owed by nobody else. Raises
    AbsenceError: "backwards", "passed", "long", "nobody", "oneself", "inactive", "overlap", "away".
    """
    zone = zone_of(person)
    if last_day < first_day:
        raise AbsenceError("backwards")
    if last_day - first_day > LONGEST:
        raise AbsenceError("long")
    if not YEARS[0] <= first_day.year <= last_day.year <= YEARS[1]:
        raise AbsenceError("passed")
    starts_at = max(_midnight(first_day, zone), now.astimezone(UTC))
    ends_at = _midnight(last_day + timedelta(days=1), zone)
    if ends_at <= now:
        raise AbsenceError("passed")
    _check_deputies(person, deputies.values())
    with transaction.atomic():
        # Two entries of one person wait for each other: neither may overlap the other.
        Person.objects.select_for_update().filter(pk=person.pk).first()
        if _overlapping([person.pk], starts_at, ends_at).exists():
            raise AbsenceError("overlap")
        away = _overlapping({each.pk for each in deputies.values()}, starts_at, ends_at).select_related("person")
        if (other := away.first()) is not None:
            raise AbsenceError("away", other.person)
        row = Absence.objects.create(
            person=person,
            first_day=first_day,
            last_day=last_day,
            starts_at=starts_at,
            ends_at=ends_at,
            entered_by=by,
            entered_at=now,
        )
        lent = [Deputy(absence=row, person=each, policy=policy, role=role) for (policy, role), each in deputies.items()]
        Deputy.objects.bulk_create(lent)
        changes.note([row, *lent], by=by, now=now)
    return row


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins, as the database gives it back."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _check_deputies(person: Person, deputies: Collection[Person]) -> None:
    if not deputies:
        raise AbsenceError("nobody")
    for each in deputies:
        if each.pk == person.pk:
            raise AbsenceError("oneself")
        if not each.is_active:
            raise AbsenceError("inactive", each)


def _overlapping(people: Collection[int], starts_at: datetime, ends_at: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(person__in=people, starts_at__lt=ends_at, ends_at__gt=starts_at)


def end(row: Absence, *, by: Person, now: datetime) -> bool:
    """Let an absence be over, or never begin; everything is the person's own again. Return whether that is news."""
    with transaction.atomic():
        fresh = Absence.objects.select_for_update().get(pk=row.pk)
        if fresh.ends_at <= now or fresh.ended_by_id is not None:
            return False
        fresh.ends_at, fresh.ended_by = max(fresh.starts_at, now.astimezone(UTC)), by
        fresh.save(update_fields=["ends_at", "ended_by"])
        changes.note([fresh], by=by, now=now)
    return True


def list_of(person: Person | None, *, now: datetime) -> list[Absence]:
    """Return who is away now or will be, soonest first: everybody, or one person and whom they stand in for."""
    rows = Absence.objects.filter(ends_at__gt=now).exclude(ended_by__isnull=False, starts_at__gte=now)
    if person is not None:
        rows = rows.filter(person=person) | rows.filter(deputies__person=person)
    rows = rows.select_related("person", "entered_by").prefetch_related("deputies__person")
    return list(rows.distinct().order_by("starts_at", "id"))


def passed(person: Person | None, *, now: datetime, most: int = 30) -> list[Absence]:
    """Return the absences that are over or were taken back, last ended first."""
    rows = Absence.objects.filter(ends_at__lte=now)
    if person is not None:
        rows = rows.filter(person=person)
    rows = rows.select_related("person", "entered_by").prefetch_related("deputies__person")
    return list(rows.order_by("-ends_at", "-id")[:most])


def standing_now(*, now: datetime) -> list[Deputising]:
    """Return who stands in for whom at this instant; both may sign in."""
    rows = Deputy.objects.filter(
        absence__starts_at__lte=now,
        absence__ends_at__gt=now,
        person__is_active=True,
        absence__person__is_active=True,
    ).values_list("person", "absence__person", "policy", "role")
    return [
        Deputising(deputy=f"p{deputy}", absent=f"p{absent}", policy=policy, role=role)
        for deputy, absent, policy, role in rows.order_by("pk")
    ]


def away(people: Collection[int], policy: str, *, now: datetime) -> dict[int, Away]:
    """Return which of these people are away now, until when, and who stands in for them under a policy."""
    if not people:
        return {}
    rows = Absence.objects.filter(person__in=people, starts_at__lte=now, ends_at__gt=now)
    found = {}
    for row in rows.prefetch_related("deputies__person"):
        lent = [each.person for each in row.deputies.all() if each.policy in ("", policy)]
        found[row.person_id] = Away(last_day=row.last_day, deputies=tuple(dict.fromkeys(lent)))
    return found


def deputies_of(people: Iterable[str], policy: str, *, now: datetime) -> set[str]:
    """Return who stands in for one of these people under a policy now."""
    keys = set(people)
    return {each.deputy for each in standing_now(now=now) if each.absent in keys and each.policy in ("", policy)}


def whom(deputy: Person, *, now: datetime) -> list[Person]:
    """Return for whom somebody stands in now."""
    rows = Absence.objects.filter(deputies__person=deputy, starts_at__lte=now, ends_at__gt=now)
    return list(dict.fromkeys(row.person for row in rows.select_related("person") if row.person.is_active))


def without_deputy(row: Absence) -> list[Person]:
    """Return the deputies of an absence who cannot stand in for all of it: gone since, or away themselves by then."""
    people = {each.person_id: each.person for each in row.deputies.all()}
    away = set(_overlapping(people, row.starts_at, row.ends_at).values_list("person", flat=True))
    return [each for pk, each in people.items() if pk in away or not each.is_active]
