"""Where the time goes: in which phases, with whom, and from which duties what was late came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, Sum, Value

from ombud.insight import sums
from ombud.insight.compliance import STATES, is_late
from ombud.insight.daily import CLAUSES, EPOCH, HAS_ENDED, LAY, OF_DUTIES, STAYS, by_phase, micros, over
from ombud.insight.rates import rank_of
from ombud.insight.registry import Rows
from ombud.insight.scopes import Scope, duties, measured


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """What closed complaints spent in one phase, in seconds; all stays of a case together."""

    phase: str
    cases: int
    total: int
    middle: int
    ours: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """With whom closed complaints lay, in seconds."""

    key: str
    cases: int
    ours: int
    complainants: int
    others: int

    @property
    def total(self) -> int:
        return self.ours + self.complainants + self.others


@dataclass(frozen=True, kw_only=True, slots=True)
class Lateness:
    """One duty with how often it was late, and how much later than it was due it was done, all together."""

    procedure: str
    duty: str
    clauses: tuple[str, ...]
    times: int
    of: int
    by: timedelta


def phases(scope: Scope, now: datetime) -> list[Stay]:
    """Return the phases in which complaints closed in the span spent their time, the longest first."""
    part = sums.of(scope, STAYS, scope.span, now, columns=(), sides=OF_DUTIES)
    told = defaultdict[str, list[int]](lambda: [0, 0, 0])
    for _day, _key, mine in part.sums:
        for phase, numbers in mine.items():
            told[phase] = [a + b for a, b in zip(told[phase], numbers, strict=True)]
    runs = {phase: [run for _day, _key, run in some] for phase, some in part.lengths.items()}
    lengths = defaultdict[str, list[int]](list)
    rows = measured(scope, Rows.CLOSED, now, part.rest).filter(is_withdrawn=False).values_list("stays", flat=True)
    for stays in rows.iterator(chunk_size=2000) if part.rest else ():
        for phase, (seconds, ours) in by_phase(stays).items():
            lengths[phase].append(seconds)
            told[phase] = [a + b for a, b in zip(told[phase], (1, seconds, ours), strict=True)]
    found = (
        Stay(phase=phase, cases=cases, total=total, ours=ours,
             middle=rank_of([sorted(lengths[phase]), *runs.get(phase, ())], 5))
        for phase, (cases, total, ours) in told.items()
        if cases
    )  # fmt: skip
    return sorted(found, key=lambda each: (-each.total, each.phase))


def waits(scope: Scope, now: datetime) -> list[Waits]:
    """Return for each grade with whom the complaints closed in the span lay, the most cases first."""
    part = sums.of(scope, LAY, scope.span, now, by="grade", sides=OF_DUTIES)
    told = defaultdict[str, list[int]](lambda: [0, 0, 0, 0])
    rows = measured(scope, Rows.CLOSED, now, part.rest).filter(is_withdrawn=False).order_by().values("grade")
    looked = rows.annotate(n=Count("*"), us=Sum("ours"), them=Sum("complainants"), outside=Sum("others"))
    more = looked.values_list("grade", "n", "us", "them", "outside") if part.rest else ()
    for grade, numbers in (*((key, mine) for _day, key, mine in part.sums), *((key, each) for key, *each in more)):
        told[grade] = [a + (b or 0) for a, b in zip(told[grade], numbers, strict=True)]
    found = (
        Waits(key=grade, cases=cases, ours=us, complainants=them, others=outside)
        for grade, (cases, us, them, outside) in told.items()
        if cases
    )
    return sorted(found, key=lambda each: (-each.cases, each.key))


def lateness(scope: Scope, now: datetime) -> list[Lateness]:
    """Return the duties of which some were late in the span, or are overdue now, the most time lost first."""
    part = sums.of(scope, CLAUSES, scope.span, now, sides=OF_DUTIES)
    told = defaultdict[tuple[str, str, tuple[str, ...]], list[int]](lambda: [0, 0, 0])
    at_now = micros(now - EPOCH)
    for _day, _key, mine in part.sums:
        for procedure, duty, clauses, *numbers, lost, losing, at in mine:
            if procedure == scope.procedure:
                states = dict(zip(STATES, numbers, strict=True))
                late = states["late"] + states["overdue"]
                by = lost + losing + states["overdue"] * (at_now - at)
                _more(told[procedure, duty, tuple(clauses)], late, sum(numbers), by)
    rows = duties(scope, now, part.rest).order_by().values("case__procedure", "duty", "clauses")
    looked = rows.annotate(
        n=Count("*"),
        times=Count(Value(1), filter=is_late(now)),
        by=Sum(over(now), filter=is_late(now) & HAS_ENDED, output_field=DurationField()),
    )
    for row in looked if part.rest else ():
        key = (row["case__procedure"], row["duty"], tuple(row["clauses"]))
        _more(told[key], row["times"], row["n"], micros(row["by"]))
    found: Iterable[Lateness] = (
        Lateness(procedure=procedure, duty=duty, clauses=clauses, times=times, of=of, by=timedelta(microseconds=by))
        for (procedure, duty, clauses), (times, of, by) in told.items()
        if times
    )
    return sorted(found, key=lambda each: (-each.by, each.duty))


def _more(told: list[int], times: int, of: int, by: int) -> None:
    told[:] = [told[0] + times, told[1] + of, told[2] + by]
