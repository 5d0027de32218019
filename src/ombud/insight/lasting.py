"""Where the time goes: in which phases, with whom, and from which duties what was late came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, F, Q, Sum
from django.db.models.functions import Coalesce

from ombud.cases.models import Duty
from ombud.insight.compliance import conditions
from ombud.insight.rates import rank
from ombud.insight.registry import Rows
from ombud.insight.scopes import Scope, duties, measured


@dataclass(kw_only=True, slots=True)
class Stay:
    """What closed complaints spent in one phase."""

    phase: str
    lengths: list[int] = field(default_factory=list)  # of each case that was there, in seconds, all its stays together
    ours: int = 0

    @property
    def total(self) -> int:
        return sum(self.lengths)

    @property
    def middle(self) -> int:
        found: int = rank(self.lengths, 5)
        return found


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
    found: dict[str, Stay] = {}
    rows = measured(scope, Rows.CLOSED, now).filter(is_withdrawn=False).values_list("stays", flat=True)
    for stays in rows.iterator(chunk_size=2000):
        mine: dict[str, int] = defaultdict(int)
        for phase, seconds, ours in stays:
            mine[phase] += seconds
            found.setdefault(phase, Stay(phase=phase)).ours += ours
        for phase, seconds in mine.items():
            found[phase].lengths.append(seconds)
    return sorted(found.values(), key=lambda each: -each.total)


def waits(scope: Scope, now: datetime) -> list[Waits]:
    """Return for each grade with whom the complaints closed in the span lay, the most cases first."""
    rows = measured(scope, Rows.CLOSED, now).filter(is_withdrawn=False).order_by().values("grade")
    sums = rows.annotate(
        n=Count("pk"), with_us=Sum("ours"), with_them=Sum("complainants"), with_others=Sum("others")
    ).order_by("-n", "grade")
    return [
        Waits(
            key=row["grade"],
            cases=row["n"],
            ours=row["with_us"] or 0,
            complainants=row["with_them"] or 0,
            others=row["with_others"] or 0,
        )
        for row in sums
    ]


def lateness(scope: Scope, now: datetime) -> list[Lateness]:
    """Return the duties of which some were late in the span, or are overdue now, the most time lost first."""
    rows = duties(scope, now).order_by().values("case__procedure", "duty", "clauses")
    counts = conditions(now)
    late = counts["late"] | counts["overdue"]
    over = Coalesce(F("done_at"), now) - F("due_at")
    ended = Q(done_at__isnull=False) | Q(status=Duty.Status.OPEN)  # what was withdrawn late was never done
    sums = rows.annotate(
        n=Count("pk"),
        times=Count("pk", filter=late),
        by=Sum(over, filter=late & ended & Q(due_at__isnull=False), output_field=DurationField()),
    ).filter(times__gt=0)
    found: Iterable[Lateness] = (
        Lateness(
            procedure=row["case__procedure"],
            duty=row["duty"],
            clauses=tuple(row["clauses"]),
            times=row["times"],
            of=row["n"],
            by=row["by"] or timedelta(0),
        )
        for row in sums
    )
    return sorted(found, key=lambda each: (-each.by, each.duty))
