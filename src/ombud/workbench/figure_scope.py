"""From an address to what is counted and back: the scope that it asks for, and where the cases of a figure are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from ombud.cases.access.permissions import Permissions
from ombud.cases.reading.paging import NotOurs
from ombud.insight import keys, spans
from ombud.insight.measures import Measure, Scope
from ombud.insight.scopes import PHASE, TIMES
from ombud.insight.spans import Span
from ombud.policy.model.pack import Pack
from ombud.workbench.figures import BY, GRADE, NONE, SPAN, VERSION, Asked

MEASURE = "measure"


def scope_of(wanted: Asked, reader: Permissions) -> Scope:
    """Return what the address asks for, with every further dimension that it names. Raises NotOurs for none of ours.

    A day, week or month narrows the span itself, to the part of it that lies within.
    """
    narrowed, span = {GRADE: wanted.only.grade} if wanted.only.grade is not None else {}, wanted.span
    if wanted.only.version is not None:
        narrowed[VERSION] = str(wanted.only.version)
    for dimension, value in wanted.by.items():
        if dimension != PHASE:
            keys.check(dimension, wanted.pack)
        if dimension in TIMES:
            span = step_of(dimension, value, span)
        else:
            narrowed[dimension] = value
    return Scope(
        reader=reader,
        policy=wanted.pack.id,
        span=span,
        department=wanted.only.department,
        office=wanted.only.office,
        only=narrowed,
    )


def step_of(unit: str, id: str, span: Span) -> Span:
    """Return the part of a span that lies in one day, week or month. Raises NotOurs where nothing of it does."""
    step = spans.step(unit, id, span)
    found = spans.shared(step, span) if step is not None else None
    if found is None:
        raise NotOurs(id)
    return found


def narrowed(wanted: Asked, scope: Scope) -> list[tuple[Any, Any]]:
    """Return (dimension, value) of all that the address narrows to, in words. Raises NotOurs for no such value."""
    told = [(keys.title(each, wanted.pack), keys.one(each, id, wanted.pack).words) for each, id in scope.only.items()]
    times = [each for each in wanted.by if each in TIMES]
    return told + [(keys.title(each, wanted.pack), keys.time(each, scope.span.begin).words) for each in times]


def can_count(measure: Measure, pack: Pack) -> bool:
    """Return whether the policy names what a measure is counted from."""
    return all(getattr(pack.figures, name) for name in measure.named)


def in_span(wanted: Asked, span: Span) -> Asked:
    """Return what the address asks for, of another span, which its address names."""
    query = {name: value for name, value in wanted.query.items() if name.removeprefix(BY) not in TIMES}
    name = spans.name_of(span, timezone.get_current_timezone())
    return replace(wanted, name=name, span=span, query={**query, SPAN: name})


def href(wanted: Asked, measure: str, **only: str) -> str:
    """Return where the cases of a figure are, narrowed as the address is and by what is given beside it."""
    by = {**wanted.by, **only}
    further = urlencode([(MEASURE, measure), *((BY + name, value or NONE) for name, value in by.items())])
    return f"{reverse('desk_overview_cases')}?{wanted.address}&{further}"
