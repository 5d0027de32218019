"""The overview: how complaints stand and go, as far as the reader may see them; every number opens its cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.access.permissions import Permissions
from ombud.cases.reading.paging import NotOurs
from ombud.insight import clause_counts, keys, load, measures, rising, spans
from ombud.insight.figure_words import change, words
from ombud.insight.measures import MEASURES, Figure, Key, Measure, Scope
from ombud.insight.registry import How
from ombud.insight.scopes import TIMES
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.policy.model.pack import Pack
from ombud.workbench.control_points import controlled
from ombud.workbench.figures import GRADE, VERSION, Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of

#: The figures at the head of the page, in this order, as far as the policy has what they are counted from.
TILES = (
    "received", "closed", "open", "overdue", "on_time", "answering_hours", "closing_days", "satisfied",
    "first_contact", "repeat", "asked", "given",
)  # fmt: skip
WORST = 5
MEASURE = "measure"
BY, NONE = "by-", "-"  # what an address says of one value of a dimension, and of none


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One figure with its name, how the span before compares, and where its cases are."""

    measure: Measure
    figure: Figure
    words: str
    change: str
    href: str


@require_GET
@desk
def overview(request: HttpRequest) -> HttpResponse:
    """Show the figures of one policy and span."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        return show(request, "workbench/overview.html", "overview", {"pack": None}, now=now)
    wanted = asked_for(request, known, now)
    standing = reader_state_of(request, person(request), now=now).permissions
    scope = scope_of(wanted, standing)
    is_full = standing.sees_all or wanted.pack.id in standing.full_policies
    mine = None if is_full else standing.assignee_keys
    context = {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": filters(wanted, known),
        "tiles": _tiles(wanted, scope, now),
        "charts": [*_course(wanted, scope, now), _ages(wanted, scope, now), _load(scope, now, mine)],
        "topics": rising.topics(wanted.pack, scope, spans.before(wanted.span), now),
        "worst": _worst(wanted, scope, now),
        "is_whole": is_full,
    }
    return show(request, "workbench/overview.html", "overview", context, now=now)


def scope_of(wanted: Asked, reader: Permissions) -> Scope:
    """Return what the address asks for, with every further dimension that it names. Raises NotOurs for none of ours."""
    narrowed = {GRADE: wanted.only.grade} if wanted.only.grade is not None else {}
    if wanted.only.version is not None:
        narrowed[VERSION] = str(wanted.only.version)
    for name, value in wanted.query.items():
        if not name.startswith(BY):
            continue
        dimension = name.removeprefix(BY)
        keys.check(dimension, wanted.pack)
        if dimension in TIMES:
            raise NotOurs(dimension)
        narrowed[dimension] = "" if value == NONE else value
    return Scope(
        reader=reader,
        policy=wanted.pack.id,
        span=wanted.span,
        department=wanted.only.department,
        office=wanted.only.office,
        only=narrowed,
    )


def narrowed(scope: Scope, pack: Pack) -> list[tuple[Any, Any]]:
    """Return (dimension, value) of all that the address narrows to, in words. Raises NotOurs for no such value."""
    return [(keys.title(each, pack), keys.one(each, id, pack).words) for each, id in scope.only.items()]


def can_count(measure: Measure, pack: Pack) -> bool:
    """Return whether the policy names what a measure is counted from."""
    return all(getattr(pack.figures, name) for name in measure.named)


def _tiles(wanted: Asked, scope: Scope, now: datetime) -> list[Tile]:
    """Return the figures, beside the span before where that can be told."""
    asked = [MEASURES[id] for id in TILES if can_count(MEASURES[id], wanted.pack)]
    found, earlier = measures.compared((each.id for each in asked), scope, spans.before(scope.span), now)
    return [
        Tile(
            measure=each,
            figure=found[each.id],
            words=words(found[each.id], each, wanted.pack),
            change=change(found[each.id], earlier[each.id], each) if each.id in earlier else "",
            href=href(wanted, each.id) if found[each.id].of else "",
        )
        for each in asked
    ]


def href(wanted: Asked, measure: str, **only: str) -> str:
    further = urlencode([(MEASURE, measure), *((BY + name, value or NONE) for name, value in only.items())])
    return f"{reverse('desk_overview_cases')}?{wanted.address}&{further}"


def _course(wanted: Asked, scope: Scope, now: datetime) -> Iterable[Chart]:
    """Return what came in, and how much was in time, by month; within one quarter by week."""
    unit = "month" if len(spans.months(scope.span)) > spans.MONTHS_OF_A_QUARTER else "week"
    by_what = _("Month") if unit == "month" else _("Week")
    steps = spans.steps(scope.span, unit, now)
    for id, draw in (("received", charts.bars), ("on_time", charts.line), ("satisfied", charts.line)):
        measure = MEASURES[id]
        if not can_count(measure, wanted.pack):
            continue
        found = measures.by(id, unit, scope, now)
        points = [
            _point(key, figure, measure, wanted, is_open=step.end > now)
            for (key, figure), step in zip(found, steps, strict=True)
        ]
        counted = measure.how is How.COUNT
        yield draw(measure.name, controlled(points, steps, scope.span, now) if counted else points, column=by_what)


def _point(
    key: Key, figure: Figure, measure: Measure, wanted: Asked, *, is_open: bool = False, href: str = ""
) -> Point:
    return Point(
        label=key.words,
        value=None if figure.value is None else float(figure.value),
        words=words(figure, measure, wanted.pack),
        low=figure.low,
        high=figure.high,
        is_open=is_open,
        is_from_few=figure.is_from_few and figure.of > 0 and measure.how is How.SHARE,
        href=href,
    )


def _ages(wanted: Asked, scope: Scope, now: datetime) -> Chart:
    found = measures.by("open", "age", scope, now)
    points = [
        _point(key, figure, MEASURES["open"], wanted, href=href(wanted, "open", age=key.id) if figure.of else "")
        for key, figure in found
    ]
    return charts.bars(_("How long what is open has been open"), points, column=_("Age"))


def _load(scope: Scope, now: datetime, mine: Sequence[str] | None) -> Chart:
    found = load.ahead(scope, now, holders=mine)
    points = [Point(label=_("overdue"), value=found.overdue, words=str(found.overdue), is_open=True)]
    points += [
        Point(label=date_format(day, "MONTH_DAY_FORMAT"), value=number, words=str(number)) for day, number in found.days
    ]
    title = _("What falls due in the coming days") if mine is None else _("What you owe in the coming days")
    return charts.bars(title, points, column=_("Day"))


def _worst(wanted: Asked, scope: Scope, now: datetime) -> list[tuple[Any, Any, str]]:
    """Return the clauses that were broken most often."""
    assert scope.reader is not None, "people look at pages"
    found = clause_counts.counted(
        scope.reader, policy=wanted.pack.id, span=wanted.span, only=wanted.only, now=now, page=scope
    )
    sums = {ref: found.of(ref) for ref in found.by_month}
    clauses = {**wanted.pack.clauses, **wanted.pack.base_clauses}
    broken = sorted(
        ((ref, counts) for ref, counts in sums.items() if counts.late + counts.overdue and ref in clauses),
        key=lambda each: (-(each[1].late + each[1].overdue), each[0]),
    )
    return [
        (clauses[ref], counts, f"{reverse('desk_compliance_clause', args=[ref])}?{wanted.address}")
        for ref, counts in broken[:WORST]
    ]
