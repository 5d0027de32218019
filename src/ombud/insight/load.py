"""What falls due: the open duties of the coming days, of a policy or of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import Count, QuerySet, Value

from ombud.cases.models import Duty
from ombud.insight.scopes import Scope, owed_now

DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How many duties are late already, and how many fall due on each of the coming days."""

    overdue: int
    days: tuple[tuple[date, int], ...]


def ahead(scope: Scope, now: datetime, *, holders: Sequence[str] | None = None) -> Load:
    """Return the load of the cases in scope, whatever its span; `holders` narrows to what these owe."""
    duties: QuerySet[Duty] = owed_now(scope, now, holders)
    zone = scope.span.begin.tzinfo
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=each) for each in range(DAYS)]
    # A look along the index for each day: no instant is turned into a day.
    begins = [datetime.combine(each, time.min, zone) for each in (*days, today + timedelta(days=DAYS))]
    last = now + timedelta(days=DAYS)
    spans = [(max(now, begin), min(end, last)) for begin, end in pairwise(begins)]
    looks = [duties.filter(due_at__lt=now), *(duties.filter(due_at__gte=one, due_at__lt=end) for one, end in spans)]
    told = [
        each.order_by().annotate(place=Value(place)).values_list("place").annotate(n=Count("*"))
        for place, each in enumerate(looks)
    ]
    found = dict(told[0].union(*told[1:], all=True))
    overdue, number = found.pop(0, 0), {day: found.get(place, 0) for place, day in enumerate(days, 1)}
    return Load(overdue=overdue, days=tuple(number.items()))
