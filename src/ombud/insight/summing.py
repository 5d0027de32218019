"""Sums up the days of every policy, so that figures over years read some rows a day instead of every case and duty.

What is summed is what `counting`, `compliance` and `lasting` count row by row, by the same conditions. A day is summed
anew whenever one of its cases or duties is another, or the next duty of it is overdue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, DurationField, F, Min, Q, Sum, Value, When
from django.db.models.expressions import Combinable

from ombud.cases.models import Duty
from ombud.insight import compliance, keys, lasting
from ombud.insight.counting import ORDERED, condition_of, hit_of
from ombud.insight.measuring import zone
from ombud.insight.models import ChangedDay, DayLengths, DaySum, Kept, Measured, SummedDay
from ombud.insight.registry import MEASURES, OF_A_DAY, How, Measure, Rows
from ombud.insight.scopes import column
from ombud.insight.spans import Span
from ombud.insight.sums import CLAUSES, LAY, OF_CASES, OF_DUTIES, STAYS, packed, sides_of, stamp
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack

AT_ONCE = 20  # days that one look sums up
_DAY = timedelta(days=1)
Place = tuple[str, str, str]  # procedure, side, value of it


def catch_up(*, now: datetime) -> int:
    """Sum up some days that are not, the newest first, and return how many of them never were."""
    done = 0
    for policy in PolicyVersion.objects.order_by("policy").values_list("policy", flat=True).distinct():
        pack = keys.pack_of(policy)
        done += _sum_all(pack, islice(_unsummed(pack, now), AT_ONCE), now)
        _sum_all(pack, _outdated(policy, now), now)  # counts nothing: where days keep changing a look is enough
    return done


def rebuild(*, now: datetime) -> None:
    """Forget all sums and make them anew."""
    with transaction.atomic():
        _alone()
        for model in (SummedDay, DaySum, DayLengths, ChangedDay):
            model._default_manager.all().delete()
    packs = [keys.pack_of(each) for each in PolicyVersion.objects.values_list("policy", flat=True).distinct()]
    for pack in packs:
        held, days = _held(pack), list(_unsummed(pack, now))
        _sum_all(pack, [each for each in days if each in held], now)
        empty = [each for each in days if each not in held]
        SummedDay.objects.bulk_create(
            [SummedDay(policy=pack.id, day=each, made=stamp(pack), at=now) for each in empty],
            ignore_conflicts=True,  # a clock was there first
        )


def _held(pack: Pack) -> set[date]:
    """Return the days that any case or duty is of, as far as cases are measured; another one is noted when it is."""
    rows = Measured.objects.filter(policy=pack.id).values_list("days", flat=True)
    return {date.fromisoformat(each) for days in rows.iterator() for each in days}


def note(days: Iterable[tuple[str, str]]) -> None:
    """Note that days, told by policy, are to be summed up anew."""
    ChangedDay.objects.bulk_create(
        [ChangedDay(policy=policy, day=date.fromisoformat(day)) for policy, day in sorted(set(days))]
    )


def _unsummed(pack: Pack, now: datetime) -> Iterator[date]:
    """Yield the days since the first case that were never summed so, the newest first."""
    first, day = _first_day(pack), now.astimezone(zone()).date()
    if first is None:
        return
    known = SummedDay.objects.filter(policy=pack.id, made=stamp(pack), day__gte=first, day__lte=day)
    if known.count() == (day - first).days + 1:
        return
    days = set(known.values_list("day", flat=True))
    while day >= first:
        if day not in days:
            yield day
        day -= _DAY


def _first_day(pack: Pack) -> date | None:
    """Return the day of the first case: of each procedure it stands first in the index."""
    of_policy = Measured.objects.filter(policy=pack.id)
    found = [
        of_policy.filter(procedure=each).order_by("received_at").values_list("received_at", flat=True).first()
        for each in _procedures(pack.id)
    ]
    return min((each.astimezone(zone()).date() for each in found if each is not None), default=None)


def _procedures(policy: str) -> list[str]:
    """Return the procedures that any case has: from one to the next along the index, whatever version knows them."""
    found: list[str] = []
    rows = Measured.objects.filter(policy=policy).order_by("procedure").values_list("procedure", flat=True)
    following = rows.first()
    while following is not None:
        found.append(following)
        following = rows.filter(procedure__gt=following).first()
    return found


def _outdated(policy: str, now: datetime) -> list[date]:
    changed = ChangedDay.objects.filter(policy=policy).order_by("-day").values_list("day", flat=True).distinct()
    overdue = SummedDay.objects.filter(policy=policy, until__lt=now).order_by("-day").values_list("day", flat=True)
    return sorted({*changed[:AT_ONCE], *overdue[:AT_ONCE]}, reverse=True)[:AT_ONCE]


def _sum_all(pack: Pack, days: Iterable[date], now: datetime) -> int:
    done = 0
    for day in days:
        sum_up(pack, day, now=now)
        done += 1
    return done


def sum_up(pack: Pack, day: date, *, now: datetime) -> None:
    """Sum up one day of a policy as it stands. Only the writing is locked: nobody who acts waits for the counting.

    What changes meanwhile is noted, and the note stays. Where somebody else summed the day meanwhile theirs stays, too:
    they may have seen more.
    """
    noted = list(ChangedDay.objects.filter(policy=pack.id, day=day).values_list("pk", flat=True))
    before = _standing(pack, day)
    begin, end = (datetime.combine(each, time.min, zone()) for each in (day, day + _DAY))
    span, made = Span(begin=begin, end=end), _Day(policy=pack.id, day=day)
    for rows in OF_A_DAY:
        _sum_cases(made, rows, span, sides_of(pack), now)
    until = _sum_duties(made, span, now)
    with transaction.atomic():
        _alone()
        if _standing(pack, day) != before:
            return
        made.save()
        SummedDay.objects.bulk_create(
            [SummedDay(policy=pack.id, day=day, made=stamp(pack), at=now, until=until)],
            update_conflicts=True, unique_fields=["policy", "day"], update_fields=["made", "at", "until"],
        )  # fmt: skip
        ChangedDay.objects.filter(pk__in=noted).delete()


def _standing(pack: Pack, day: date) -> tuple[Any, ...] | None:
    """Return by what and as of when a day was summed last."""
    return SummedDay.objects.filter(policy=pack.id, day=day).values_list("pk", "made", "at").first()


def _alone() -> None:
    """Wait for whoever else writes sums: two sums of one day would count it twice."""
    list(Kept.objects.select_for_update())


class _Day:
    """The sums of one day in the making."""

    def __init__(self, *, policy: str, day: date) -> None:
        self.policy, self._day = policy, day
        self._sums = defaultdict[tuple[str, str, str], dict[str, Any]](dict)
        self._lengths = defaultdict[tuple[str, str, str], list[tuple[str, str, list[int]]]](list)

    def add(self, of: str, place: Place, sums: Any) -> None:
        procedure, side, key = place
        self._sums[of, procedure, side][key] = sums

    def add_lengths(self, of: str, column: str, place: Place, lengths: list[int]) -> None:
        procedure, side, key = place
        if lengths:
            self._lengths[of, procedure, side].append((column, key, lengths))

    def save(self) -> None:
        """Put these sums in the place of those that there are."""
        for model in (DaySum, DayLengths):
            model._default_manager.filter(policy=self.policy, day=self._day).delete()
        common: dict[str, Any] = {"policy": self.policy, "day": self._day}
        DaySum.objects.bulk_create(
            [
                DaySum(**common, of=of, procedure=procedure, side=side, sums=sums)
                for (of, procedure, side), sums in self._sums.items()
            ]
        )
        DayLengths.objects.bulk_create(
            [
                DayLengths(
                    **common, of=of, procedure=procedure, side=side,
                    runs=[[column, key, len(lengths)] for column, key, lengths in runs],
                    lengths=packed(lengths for _column, _key, lengths in runs),
                )
                for (of, procedure, side), runs in self._lengths.items()
            ]
        )  # fmt: skip


def _sum_cases(made: _Day, rows: Rows, span: Span, sides: Sequence[str], now: datetime) -> None:
    parts = {each.id: _parts(each, now) for each in MEASURES.values() if each.rows is rows and each.how not in ORDERED}
    ordered = {each.column: each for each in MEASURES.values() if each.rows is rows and each.how in ORDERED}
    numbers: dict[str, Any] = {f"{id}__{n}": part for id, some in parts.items() for n, part in enumerate(some)}
    numbers |= {f"in_{name}": _if(condition_of(each), F(name)) for name, each in ordered.items()}
    found = Measured.objects.filter(
        policy=made.policy,
        procedure__in=_procedures(made.policy),  # the index has it before the time
        **{f"{rows.value}__gte": span.begin, f"{rows.value}__lt": span.end},
    ).annotate(**numbers)
    facts, buckets = sides[len(OF_CASES) :], defaultdict[Place, list[tuple[Any, ...]]](list)
    for procedure, choices, *values in found.values_list("procedure", "choices", *OF_CASES, *numbers):
        told = tuple(values[len(OF_CASES) :])
        buckets[procedure, "", ""].append(told)
        for side, value in zip(OF_CASES, values, strict=False):
            buckets[procedure, side, "" if value is None else str(value)].append(told)
        for side in facts:
            buckets[procedure, side, choices.get(side, "")].append(told)
    for place, lines in buckets.items():
        columns = iter(zip(*lines, strict=True))
        made.add(rows.value, place, {id: [_total(next(columns)) for _part in some] for id, some in parts.items()})
        for name, lengths in zip(ordered, columns, strict=True):
            made.add_lengths(rows.value, name, place, [each for each in lengths if each is not None])
    if rows is Rows.CLOSED:
        _sum_stays(made, found.filter(is_withdrawn=False))


def _parts(measure: Measure, now: datetime) -> list[Any]:
    """Return what is summed of each row for a measure, in the order of `counting.PARTS`."""
    counts = condition_of(measure)
    parts = [_if(counts, Value(1))]
    if measure.how is How.SHARE:
        parts.append(_if(counts & hit_of(measure, now), Value(1)))
    if measure.how in (How.SUM, How.MEAN, How.PART):
        parts.append(_if(counts, F(measure.column)))
    return [*parts, _if(counts, F(measure.of))] if measure.how is How.PART else parts


def _if(condition: Q, then: Combinable | Value) -> Any:
    return Case(When(condition, then=then)) if condition else then


def _total(column: Iterable[Any]) -> int | str:
    """Return the sum; of money as text, so that no cent is lost."""
    total = sum(each for each in column if each is not None)
    return total if isinstance(total, int) else str(total)


def _sum_stays(made: _Day, found: Any) -> None:
    """Sum with whom the closed cases of the day lay, and how long they were in each phase."""
    lay = defaultdict[Place, list[tuple[int, ...]]](list)
    phases = defaultdict[Place, dict[str, list[tuple[int, int]]]](lambda: defaultdict(list))
    sides = [each for each in OF_DUTIES if each in OF_CASES]
    asked = found.values_list("procedure", "stays", "ours", "complainants", "others", *sides)
    for procedure, stays, ours, theirs, others, *values in asked:
        in_phases = lasting.by_phase(stays)
        told = [("", None), *zip(sides, values, strict=True)]
        for place in ((procedure, side, "" if value is None else str(value)) for side, value in told):
            lay[place].append((1, ours or 0, theirs or 0, others or 0))
            for phase, length in in_phases.items():
                phases[place][phase].append(length)
    for place, lines in lay.items():
        made.add(LAY, place, [sum(each) for each in zip(*lines, strict=True)])
        made.add(STAYS, place, {
            phase: [len(lengths), sum(each for each, _ours in lengths), sum(ours for _each, ours in lengths)]
            for phase, lengths in phases[place].items()
        })  # fmt: skip
        for phase, lengths in phases[place].items():
            made.add_lengths(STAYS, phase, place, [each for each, _ours in lengths])


def _sum_duties(made: _Day, span: Span, now: datetime) -> datetime | None:
    """Sum what became of the duties that began on the day, and return when the next of them is overdue."""
    sides = {f"by_{each}": column(each, Rows.DUTIES, span) for each in OF_DUTIES}
    states = compliance.STATES
    late = compliance.is_late(now) & lasting.HAS_ENDED
    found = (
        compliance.owed(None, policy=made.policy, span=span)
        .order_by()
        .annotate(**sides)
        .values("case__procedure", "duty", "clauses", *sides)
        .annotate(
            **{f"n_{name}": Count("pk", filter=condition) for name, condition in compliance.conditions(now).items()},
            lost=Sum(lasting.over(now), filter=late & Q(done_at__isnull=False), output_field=DurationField()),
            losing=Sum(lasting.over(now), filter=late & Q(done_at=None), output_field=DurationField()),
            next=Min("due_at", filter=Q(status=Duty.Status.OPEN, due_at__gte=now)),
        )
    )
    lines = defaultdict[Place, dict[tuple[str, tuple[str, ...]], list[int]]](dict)
    ends = []
    for row in found:
        numbers = [*(row[f"n_{name}"] for name in states), *(lasting.micros(row[each]) for each in ("lost", "losing"))]
        kind = (row["duty"], tuple(row["clauses"]))
        told = [("", None), *((each, row[f"by_{each}"]) for each in OF_DUTIES)]
        for side, value in told:
            mine = lines[row["case__procedure"], side, "" if value is None else str(value)]
            mine[kind] = [a + b for a, b in zip(mine.get(kind, [0] * len(numbers)), numbers, strict=True)]
        ends.append(row["next"])
    at = lasting.micros(now - lasting.EPOCH)
    for place, kinds in lines.items():
        made.add(CLAUSES, place, [[duty, list(clauses), *numbers, at] for (duty, clauses), numbers in kinds.items()])
        counts = [dict(zip(states, numbers, strict=False)) for numbers in kinds.values()]
        told_of = [each["met"] + each["late"] + each["overdue"] for each in counts]
        made.add(Rows.DUTIES.value, place, {"on_time": [sum(told_of), sum(each["met"] for each in counts)]})
    return min((each for each in ends if each is not None), default=None)
