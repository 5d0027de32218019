"""What reports count: every measure of the registry, and beside it duties by what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ombud.cases.models import WAS_LATE, Case, Duty
from ombud.insight import compliance, keys, measures, registry
from ombud.insight.compliance import NOTHING, Counts
from ombud.insight.measures import Direction, Figure, Measure, Scope, Unit
from ombud.insight.models import Measured
from ombud.insight.registry import Rows
from ombud.insight.scopes import TIMES, column, duties, measured
from ombud.insight.spans import steps

_OWN = (
    Measure(
        id="breached",
        name=_("With something late"),
        unit=Unit.COUNT,
        definition=_("Complaints that came in within the period and in which a duty of ours was late."),
        good=Direction.DOWN,
        rows=Rows.RECEIVED,
    ),
    Measure(
        id="owed",
        name=_("Duties"),
        unit=Unit.COUNT,
        definition=_("Duties of ours that began within the period, without those withdrawn in time."),
        good=Direction.NEITHER,
        rows=Rows.DUTIES,
    ),
    Measure(
        id="met",
        name=_("Done in time"),
        unit=Unit.COUNT,
        definition=_("Of the duties, those done in time."),
        good=Direction.UP,
        rows=Rows.DUTIES,
    ),
    Measure(
        id="late",
        name=pgettext_lazy("measure", "Done late or overdue"),
        unit=Unit.COUNT,
        definition=_("Of the duties, those done after their time or still owed after it."),
        good=Direction.DOWN,
        rows=Rows.DUTIES,
    ),
)
MEASURES: Mapping[str, Measure] = {**registry.MEASURES, **{each.id: each for each in _OWN}}

_OF_DUTIES: Mapping[str, Callable[[Counts], int]] = {
    "owed": lambda counts: counts.applied,
    "met": lambda counts: counts.met,
    "late": lambda counts: counts.late + counts.overdue,
}
_LISTED: Mapping[str, Rows] = {
    "received": Rows.RECEIVED,
    "closed": Rows.CLOSED,
    "open": Rows.OPEN,
    "overdue": Rows.OVERDUE,
    "breached": Rows.RECEIVED,
    "suggested": Rows.SUGGESTED,
}


def figure(measure: str, scope: Scope, now: datetime) -> Figure:
    """Return what is counted."""
    if measure in _OF_DUTIES:
        return _count(_OF_DUTIES[measure](compliance.totals(duties(scope, now), now)))
    if measure in registry.MEASURES:
        return measures.figure(measure, scope, now)
    return _count(_rows(measure, scope, now).count())


def by(measure: str, dimension: str, scope: Scope, now: datetime) -> tuple[tuple[str, Figure], ...]:
    """Return what is counted for each value of a dimension, by its id: empty where a case has none."""
    if measure in registry.MEASURES:
        return tuple((key.id, found) for key, found in measures.by(measure, dimension, scope, now))
    numbers = _numbers(measure, dimension, scope, now)
    if dimension in TIMES:
        return tuple(
            (keys.time(dimension, step.begin).id, _count(numbers.get(step.begin, 0)))
            for step in steps(scope.span, dimension, now)
        )
    named = keys.named(dimension, numbers, keys.pack_of(scope.policy))
    most_first = sorted(numbers.items(), key=lambda each: (-each[1], named[each[0]].id))
    return tuple((named[value].id, _count(number)) for value, number in most_first)


def cases(which: str, scope: Scope, now: datetime) -> QuerySet[Case]:
    """Return the cases that a number counts, newest first."""
    rows = _rows(which, scope, now)
    return Case.objects.filter(pk__in=rows.values("case")).order_by("-received_at", "-pk")


def _rows(which: str, scope: Scope, now: datetime) -> QuerySet[Measured]:
    rows = measured(scope, _LISTED[which], now)
    if which != "breached":
        return rows
    return rows.filter(case__in=Duty.objects.filter(WAS_LATE, is_outsiders=False).values("case"))


def _numbers(measure: str, dimension: str, scope: Scope, now: datetime) -> dict[Any, int]:
    if measure in _OF_DUTIES:
        owed = duties(scope, now).annotate(key=column(dimension, Rows.DUTIES, scope.span))
        counts = compliance.by_side(owed, "key", now)
        return {key: _OF_DUTIES[measure](each or NOTHING) for key, each in counts.items()}
    rows = _rows(measure, scope, now).order_by().annotate(key=column(dimension, Rows.RECEIVED, scope.span))
    return dict(rows.values_list("key").annotate(n=Count("pk")))


def _count(number: int) -> Figure:
    return Figure(value=number, of=number)
