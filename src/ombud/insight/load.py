"""What falls due: the open duties of the coming days, of a policy or of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

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
    duties: QuerySet[Duty] = owed_now(scope)
    if holders is not None:
        duties = duties.filter(holder__in=holders)
    zone = scope.span.begin.tzinfo
    today = now.astimezone(zone).date()
    overdue = duties.filter(due_at__lt=now).count()  # whenever it was due: only what lies ahead goes by days
    due = duties.filter(due_at__gte=now, due_at__lt=now + timedelta(days=DAYS)).order_by()
    found = dict(due.annotate(day=TruncDate("due_at", tzinfo=zone)).values_list("day").annotate(Count("pk")))
    days = [today + timedelta(days=each) for each in range(DAYS)]
    return Load(overdue=overdue, days=tuple((day, found.get(day, 0)) for day in days))
