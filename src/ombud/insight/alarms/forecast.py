"""What falls due in the coming days, beside how much was done and how much of it was in time in the last weeks.

Counted at each look, since every duty of a policy is read for it; pages show the last one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from ombud.cases.models import WAS_LATE, Duty
from ombud.insight.alarms.models import Look
from ombud.insight.rates import Rate

AHEAD, PAST = timedelta(days=7), timedelta(days=28)
MUCH = 1.25  # of what was done in as long a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """The load of one policy."""

    policy: str
    at: datetime
    overdue: int  # owed then, their time over
    ahead: int  # fall due within AHEAD
    usual: float  # done in as long a time, by the last weeks
    on_time: Rate  # of those whose time was over in the last weeks, how many had been done in it

    @property
    def likely_late(self) -> float | None:
        """How many of those ahead will be late if as many are as lately; None where nothing tells."""
        return None if self.on_time.share is None else self.ahead * (1 - self.on_time.share)

    @property
    def is_much(self) -> bool:
        """Whether more is owed in the coming days than was done lately in as many, by a quarter."""
        return self.overdue + self.ahead > MUCH * self.usual


def load(policy: str, *, now: datetime) -> dict[str, int]:
    """Return how many duties of ours stand how, for Look.load; one query."""
    over = Q(due_at__gt=now - PAST, due_at__lte=now)
    is_open = Q(status=Duty.Status.OPEN)
    return Duty.objects.filter(policy=policy, is_outsiders=False).aggregate(
        overdue=Count("pk", filter=is_open & Q(due_at__lt=now)),
        ahead=Count("pk", filter=is_open & Q(due_at__gte=now, due_at__lt=now + AHEAD)),
        done=Count("pk", filter=Q(done_at__gt=now - PAST, done_at__lte=now)),
        missed=Count("pk", filter=over & WAS_LATE),
        met=Count("pk", filter=over & Q(status=Duty.Status.MET)),
    )


def forecasts(policies: Collection[str]) -> tuple[Forecast, ...]:
    """Return the load of each policy that owes anything, as it was at the last look, by policy."""
    return tuple(
        Forecast(
            policy=row.policy,
            at=row.at,
            overdue=row.load["overdue"],
            ahead=row.load["ahead"],
            usual=row.load["done"] * (AHEAD / PAST),
            on_time=Rate(number=row.load["met"], of=row.load["met"] + row.load["missed"]),
        )
        for row in Look.objects.filter(policy__in=policies).order_by("policy")
        if row.load and (row.load["overdue"] or row.load["ahead"])
    )
