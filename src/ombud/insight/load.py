"""What falls due: the open duties of the coming days, of a policy or of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import Count, Q, QuerySet, Value

from ombud.cases.models import Duty
from ombud.cases.reading.paging import NotOurs
from ombud.insight.scopes import Scope, owed_now

DAYS = 7
OVERDUE, AHEAD = "overdue", "ahead"  # late already, on any of the coming days


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How many duties are late already, and how many fall due on each of the coming days."""

    overdue: int
    days: tuple[tuple[date, int], ...]


def ahead(scope: Scope, now: datetime, *, holders: Sequence[str] | None = None) -> Load:
    """Return the load of the cases in scope, whatever its span; `holders` narrows to what these owe."""
    duties: QuerySet[Duty] = owed_now(scope, now, holders)
    # A look along the index for each day: no instant is turned into a day.
    days = _days(scope, now)
    looks = [Q(due_at__lt=now), *(Q(due_at__gte=one, due_at__lt=end) for one, end in days.values())]
    told = [
        duties.filter(each).order_by().annotate(place=Value(place)).values_list("place").annotate(n=Count("*"))
        for place, each in enumerate(looks)
    ]
    found = dict(told[0].union(*told[1:], all=True))
    overdue, number = found.pop(0, 0), {day: found.get(place, 0) for place, day in enumerate(days, 1)}
    return Load(overdue=overdue, days=tuple(number.items()))


def falls_due(when: str, scope: Scope, now: datetime) -> Q:
    """Return the condition that an open duty is OVERDUE, falls due AHEAD, or on one of these days.

    Raises NotOurs for what is none of them.
    """
    if when == OVERDUE:
        return Q(due_at__lt=now)
    days = {day.isoformat(): each for day, each in _days(scope, now).items()}
    spans = {**days, AHEAD: (now, max(end for _begin, end in days.values()))}
    if when not in spans:
        raise NotOurs(when)
    begin, end = spans[when]
    return Q(due_at__gte=begin, due_at__lt=end)


def _days(scope: Scope, now: datetime) -> dict[date, tuple[datetime, datetime]]:
    """Return the coming days, each from when, and until before when, something falls due on it."""
    zone = scope.span.begin.tzinfo
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=each) for each in range(DAYS + 1)]
    begins = [datetime.combine(each, time.min, zone) for each in days]
    return {day: (max(now, begin), end) for day, (begin, end) in zip(days, pairwise(begins), strict=False)}
