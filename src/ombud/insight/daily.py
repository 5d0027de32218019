"""What the rows of some cases, or of all, come to day by day: the parts that sums of days are made of, and less of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Case, Count, DurationField, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from ombud.cases.models import Duty
from ombud.insight import compliance
from ombud.insight.measuring import TOP, is_counted, zone
from ombud.insight.models import Measured
from ombud.insight.registry import MEASURES, ORDERED, How, Measure, Rows, condition_of
from ombud.insight.scopes import DIMENSIONS, TIMES, column
from ombud.policy.model.pack import Pack

CLAUSES, STAYS, LAY = "clauses", "stays", "lay"
#: By what cases are summed, beside the facts with a list of values; by what duties are, and stays.
OF_CASES = tuple(each for each in DIMENSIONS if each not in TIMES and each != "age")
OF_DUTIES = ("department", "office", "handler", "grade", "version", "category", "channel")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What was withdrawn late was never done: nobody can say by how much.
HAS_ENDED = Q(due_at__isnull=False) & (Q(done_at__isnull=False) | Q(status=Duty.Status.OPEN))
#: A side of this name is one for who sees only some cases: its values are `circle/value`.
CIRCLED = "@"
_CIRCLED_LENGTHS = ("", "category", "grade", "channel", "department", "office")
Place = tuple[date, str, str, str]  # day, procedure, side, value of it


class Days:
    """Sums and lengths of days in the making."""

    def __init__(self) -> None:
        self.sums = defaultdict[tuple[str, date, str, str], dict[str, Any]](dict)
        self.lengths = defaultdict[tuple[str, date, str, str], list[tuple[str, str, list[int]]]](list)

    def add(self, of: str, place: Place, sums: Any) -> None:
        day, procedure, side, key = place
        self.sums[of, day, procedure, side][key] = sums

    def add_lengths(self, of: str, column: str, place: Place, lengths: list[int]) -> None:
        day, procedure, side, key = place
        if lengths:
            self.lengths[of, day, procedure, side].append((column, key, lengths))


def in_circle(circle: int | None, place: Place) -> Place:
    """Return the place of the same for who sees only the cases of some circles."""
    day, procedure, side, key = place
    return day, procedure, CIRCLED + side, f"{circle or ''}/{key}"


def parted(key: str) -> tuple[int | None, str]:
    """Return the circle and the value of the side that `in_circle` put together."""
    circle, _slash, value = key.partition("/")
    return (int(circle) if circle else None), value


def sides_of(pack: Pack) -> tuple[str, ...]:
    """Return by what the cases of a policy are summed."""
    facts = (each for each in pack.kinds if each not in DIMENSIONS and is_counted(pack, each))
    return (*OF_CASES, *facts, *((TOP,) if pack.causes.field is not None else ()))


def sum_cases(
    made: Days, rows: Rows, measured: QuerySet[Measured], sides: Sequence[str], now: datetime
) -> QuerySet[Measured]:
    """Add what the measured cases come to by when they came in, ended or suggested something; return them."""
    parts = {each.id: _parts(each, now) for each in MEASURES.values() if each.rows is rows and each.how not in ORDERED}
    ordered = {each.column: each for each in MEASURES.values() if each.rows is rows and each.how in ORDERED}
    numbers: dict[str, Any] = {f"{id}__{n}": part for id, some in parts.items() for n, part in enumerate(some)}
    numbers |= {f"in_{name}": _if(condition_of(each), F(name)) for name, each in ordered.items()}
    found = measured.annotate(**numbers)
    facts, tz = sides[len(OF_CASES) :], zone()
    buckets = defaultdict[Place, dict[int | None, list[tuple[Any, ...]]]](lambda: defaultdict(list))  # by circle
    asked = (rows.value, "procedure", "choices", "circle", *OF_CASES, *numbers)
    for at, procedure, choices, circle, *values in found.values_list(*asked):
        told, day = tuple(values[len(OF_CASES) :]), at.astimezone(tz).date()
        buckets[day, procedure, "", ""][circle].append(told)
        for side, value in zip(OF_CASES, values, strict=False):
            buckets[day, procedure, side, "" if value is None else str(value)][circle].append(told)
        for side in facts:
            buckets[day, procedure, side, choices.get(side, "")][circle].append(told)
    many = sum(map(len, parts.values()))
    for place, circles in buckets.items():
        all_of = [0] * many
        runs: dict[str, list[int]] = {name: [] for name in ordered}
        for circle, lines in circles.items():
            columns = list(zip(*lines, strict=True))
            totals = [sum(filter(None, each)) for each in columns[:many]]  # nothing, or not known, adds nothing
            all_of = [one + other for one, other in zip(all_of, totals, strict=True)]
            mine = in_circle(circle, place)
            made.add(rows.value, mine, _told(parts, totals))
            for name, values in zip(ordered, columns[many:], strict=True):
                lengths = [each for each in values if each is not None]
                runs[name] += lengths
                if has_lengths(mine[2]):
                    made.add_lengths(rows.value, name, mine, lengths)
        made.add(rows.value, place, _told(parts, all_of))
        for name, lengths in runs.items():
            made.add_lengths(rows.value, name, place, lengths)
    return found


def _told(parts: Mapping[str, Sequence[Any]], totals: Iterable[int | Decimal]) -> dict[str, list[int | str]]:
    """Return the totals by measure; of money as text, so that no cent is lost."""
    told = iter(totals)
    return {
        id: [total if isinstance(total, int) else str(total) for total in islice(told, len(some))]
        for id, some in parts.items()
    }


def hit_of(asked: Measure, now: datetime) -> Q:
    """Return which of its rows are the numerator of a share."""
    return compliance.conditions(now)["met"] if asked.rows is Rows.DUTIES else asked.hit


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


def sum_stays(made: Days, closed: QuerySet[Measured]) -> None:
    """Add with whom the closed cases lay that were not withdrawn, and how long they were in each phase."""
    lay = defaultdict[Place, list[tuple[int, ...]]](list)
    phases = defaultdict[Place, dict[str, list[tuple[int, int]]]](lambda: defaultdict(list))
    sides = [each for each in OF_DUTIES if each in OF_CASES]
    asked = ("closed_at", "procedure", "stays", "ours", "complainants", "others", "circle", *sides)
    tz = zone()
    rows = closed.filter(is_withdrawn=False).values_list(*asked)
    for at, procedure, stays, ours, theirs, others, circle, *values in rows:
        in_phases, day = by_phase(stays), at.astimezone(tz).date()
        for side, value in (("", None), *zip(sides, values, strict=True)):
            here = (day, procedure, side, "" if value is None else str(value))
            for place in (here, in_circle(circle, here)):
                lay[place].append((1, ours or 0, theirs or 0, others or 0))
                for phase, length in in_phases.items():
                    phases[place][phase].append(length)
    for place, lines in lay.items():
        made.add(LAY, place, [sum(each) for each in zip(*lines, strict=True)])
        made.add(STAYS, place, {
            phase: [len(lengths), sum(each for each, _ours in lengths), sum(ours for _each, ours in lengths)]
            for phase, lengths in phases[place].items()
        })  # fmt: skip
        for phase, lengths in phases[place].items() if has_lengths(place[2]) else ():
            made.add_lengths(STAYS, phase, place, [each for each, _ours in lengths])


def has_lengths(side: str) -> bool:
    """Return whether lengths are kept by a side: for who sees only some cases, by those that are asked for most."""
    return not side.startswith(CIRCLED) or side.removeprefix(CIRCLED) in _CIRCLED_LENGTHS


def has_months(side: str) -> bool:
    """Return whether lengths of whole months are kept by a side, of which each has as many as there are cases.

    They are by those sides that an overview is of: everything, a department or office, what somebody handles.
    """
    return side.removeprefix(CIRCLED) in ("", "department", "office", "handler")


def sum_duties(made: Days, owed: Mapping[date, QuerySet[Duty]], now: datetime) -> datetime | None:
    """Add what became of the duties that began on each of some days, and return when the next of them is overdue."""
    sides = {f"by_{each}": column(each, Rows.DUTIES) for each in OF_DUTIES} | {"circle": F("case__measured__circle")}
    lines = defaultdict[Place, dict[tuple[str, tuple[str, ...]], list[int]]](dict)
    ends = []
    for day, row in _counted(owed, sides, now):
        lost_and_losing = (micros(row[each]) for each in ("lost", "losing"))
        numbers = [*(row[f"n_{name}"] for name in compliance.STATES), *lost_and_losing]
        kind = (row["duty"], tuple(row["clauses"]))
        told = [("", None), *((each, row[f"by_{each}"]) for each in OF_DUTIES)]
        for side, value in told:
            here = (day, row["case__procedure"], side, "" if value is None else str(value))
            for mine in (lines[here], lines[in_circle(row["circle"], here)]):
                mine[kind] = [a + b for a, b in zip(mine[kind], numbers, strict=True)] if kind in mine else numbers
        ends.append(row["next"])
    at = micros(now - EPOCH)
    for place, kinds in lines.items():
        clauses = [[duty, list(of), *numbers, at] for (duty, of), numbers in sorted(kinds.items())]
        made.add(CLAUSES, place, clauses)
        counts = [dict(zip(compliance.STATES, numbers, strict=False)) for numbers in kinds.values()]
        told_of = [each["met"] + each["late"] + each["overdue"] for each in counts]
        made.add(Rows.DUTIES.value, place, {"on_time": [sum(told_of), sum(each["met"] for each in counts)]})
    return min((each for each in ends if each is not None), default=None)


def _counted(
    owed: Mapping[date, QuerySet[Duty]], sides: Mapping[str, Any], now: datetime
) -> Iterator[tuple[date, dict[str, Any]]]:
    late = compliance.is_late(now) & HAS_ENDED
    sums = {f"n_{name}": Count(Value(1), filter=condition) for name, condition in compliance.conditions(now).items()}
    for day, rows in owed.items():
        found = rows.order_by().annotate(**sides).values("case__procedure", "duty", "clauses", *sides)
        for row in found.annotate(
            **sums,
            lost=Sum(over(now), filter=late & Q(done_at__isnull=False), output_field=DurationField()),
            losing=Sum(over(now), filter=late & Q(done_at=None), output_field=DurationField()),
            next=Min("due_at", filter=Q(status=Duty.Status.OPEN, due_at__gte=now)),
        ):
            yield day, row


def by_phase(stays: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    """Return for each phase how long a case was in it, and how much of that it lay with us."""
    found: dict[str, tuple[int, int]] = {}
    for phase, seconds, ours in stays:
        before = found.get(phase, (0, 0))
        found[phase] = (before[0] + seconds, before[1] + ours)
    return found


def over(now: datetime) -> Combinable:
    """Return by how much a duty was done, or is not done yet, after its time."""
    return Coalesce(F("done_at"), now) - F("due_at")


def micros(length: timedelta | None) -> int:
    """Return a length of time in millionths of a second; none is 0."""
    return 0 if length is None else length // timedelta(microseconds=1)


def less(of: str, told: Any) -> Any:
    """Return sums that take away what these add."""
    if of == CLAUSES:  # names stay, and the instant of the sum
        return [[duty, clauses, *(-each for each in numbers), at] for duty, clauses, *numbers, at in told]
    if isinstance(told, dict):
        return {name: less("", each) for name, each in told.items()}
    if isinstance(told, list):
        return [less("", each) for each in told]
    return str(-Decimal(told)) if isinstance(told, str) else -told
