"""Explore: any measure by one or two dimensions, beside the span before and that of a year ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.reading.paging import NotOurs
from ombud.insight import keys, measures, spans
from ombud.insight.beginnings import begun, unbegun
from ombud.insight.figure_words import words
from ombud.insight.measures import DIMENSIONS, MEASURES, Figure, Key, Measure, Scope, is_known
from ombud.insight.registry import How, Rows
from ombud.insight.scopes import NAMED, TIMES
from ombud.insight.spans import Span
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.policy.model.pack import Pack
from ombud.workbench.explore_drawing import drawing, has_echarts
from ombud.workbench.figure_scope import MEASURE, can_count, href, in_span, narrowed, scope_of, step_of
from ombud.workbench.figures import Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField
from ombud.workbench.saved_view_menu import menu as saved_menu

ROWS, COLUMNS = "rows", "columns"
_USUAL = "received"
MOST = 12  # rows of two dimensions: each asks by itself


@require_GET
@desk
def explore(request: HttpRequest) -> HttpResponse:
    """Show a measure taken apart as the address asks."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        raise NotOurs("policy")
    wanted = asked_for(request, known, now)
    pack = wanted.pack
    measure, rows, columns = chosen(wanted)
    standing = reader_state_of(request, person(request), now=now).permissions
    scope = scope_of(wanted, standing)
    found = found_by(measure, rows, scope, now)
    across = across_of(measure, rows, columns, found, scope, now) if columns else []
    beside = [] if columns else _beside(measure, rows, scope, now)
    context: dict[str, Any] = {
        "pack": pack,
        "wanted": wanted,
        "measure": measure,
        "filter_fields": [*filters(wanted, known), *_choices(pack, measure, rows, columns)],
        "chart": _chart(measure, rows, found, pack),
        "drawing": _drawing(measure, rows, found, beside, across, pack) if has_echarts() else None,
        "row_title": keys.title(rows, pack),
        "columns": [key.words for key in columns_of(across)],
        "lines": _lines(measure, rows, columns, found, across, beside, wanted, scope.span),
        "saved": saved_menu(standing, "explore", now),
        "is_compared": not across and rows not in TIMES,
        "is_counted": measure.how is not How.COUNT,
        "narrowed": narrowed(wanted, scope),
    }
    return show(request, "workbench/explore.html", "overview", context, now=now)


def chosen(wanted: Asked) -> tuple[Measure, str, str]:
    """Return the measure and the dimensions; for one that does not go with what was chosen last, one that does."""
    id = wanted.query.get(MEASURE, _USUAL)
    if id not in MEASURES:
        raise NotOurs(id)
    measure = MEASURES[id] if can_count(MEASURES[id], wanted.pack) else MEASURES[_USUAL]
    known = _dimensions(wanted.pack, measure)
    rows, columns = wanted.query.get(ROWS, "month"), wanted.query.get(COLUMNS, "")
    rows = rows if rows in known else next(iter(known))
    return measure, rows, columns if columns in known and columns != rows else ""


def _dimensions(pack: Pack, measure: Measure) -> dict[str, Any]:
    """Return by what a measure of the policy can be taken apart, with what that is called."""
    named = {getattr(pack.figures, name) for name in NAMED}  # these go by what they are named as
    names = [*DIMENSIONS, *(name for name in (*pack.fields, *pack.tables) if name not in {*DIMENSIONS, *named})]
    found = {name: keys.title(name, pack) for name in names if is_known(name, pack)}
    if measure.rows is not Rows.OPEN:
        found.pop("age", None)
    if measure.rows is Rows.OVERDUE:
        found = {name: title for name, title in found.items() if name not in TIMES}
    return found


def _choices(pack: Pack, measure: Measure, rows: str, columns: str) -> Iterable[FilterField]:
    named = [(name, str(title)) for name, title in _dimensions(pack, measure).items()]
    counted = [(each.id, str(each.name)) for each in MEASURES.values() if can_count(each, pack)]
    yield FilterField(name=MEASURE, label="", value=measure.id, choices=counted)
    yield FilterField(name=ROWS, label="", value=rows, choices=named)
    across = [(name, title) for name, title in named if name not in ("day", rows)]
    yield FilterField(name=COLUMNS, label=_("And by"), value=columns, choices=across)


def found_by(measure: Measure, rows: str, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    """Return the figure of each value of a dimension; of times only since anything came in at all."""
    found = measures.by(measure.id, rows, scope, now)
    skipped = unbegun(spans.steps(scope.span, rows, now), begun(scope, now)) if rows in TIMES else 0
    return found[skipped:]


def across_of(
    measure: Measure, rows: str, columns: str, found: Iterable[tuple[Key, Figure]], scope: Scope, now: datetime
) -> list[dict[Key, Figure]]:
    """Return for each of the first rows its figures by the second dimension."""
    if not {rows, columns} & {*TIMES, "age"}:
        ids = [key.id for key, _figure in list(found)[:MOST]]
        return measures.crossed(measure.id, rows, columns, scope, now, ids)
    if rows in TIMES:
        ids = [key.id for key, _figure in list(found)[-MOST:]]
        scopes = [scope.within(step_of(rows, id, scope.span)) for id in ids]
    else:
        scopes = [scope.narrowed(rows, key.id) for key, _figure in list(found)[:MOST]]
    return [dict(measures.by(measure.id, columns, each, now)) for each in scopes]


def columns_of(across: Iterable[dict[Key, Figure]]) -> list[Key]:
    """Return the values of the second dimension that any row has."""
    return list(dict.fromkeys(key for row in across for key in row))


def _lines(
    measure: Measure,
    rows: str,
    columns: str,
    found: tuple[tuple[Key, Figure], ...],
    across: list[dict[Key, Figure]],
    beside: list[dict[Key, Figure]],
    wanted: Asked,
    span: Span,
) -> list[dict[str, Any]]:
    if across:
        return [
            {
                "key": key,
                "figure": figure,
                "words": words(figure, measure, wanted.pack),
                "href": _href(wanted, measure, figure, {rows: key.id}),
                "cells": [
                    (words(cells[column], measure, wanted.pack), _href(wanted, measure, cells[column], here | there))
                    if column in cells and cells[column].of
                    else ("", "")
                    for column in columns_of(across)
                    for here, there in [({rows: key.id}, {columns: column.id})]
                ],
            }
            for (key, figure), cells in zip(_shown(rows, found), across, strict=True)
        ]
    earlier = [in_span(wanted, each) for each in _earlier(span)]
    return [
        {
            "key": key,
            "figure": figure,
            "words": words(figure, measure, wanted.pack),
            "href": _href(wanted, measure, figure, {rows: key.id}),
            "cells": [
                (words(each[key], measure, wanted.pack), _href(then, measure, each[key], {rows: key.id}))
                if key in each
                else ("", "")
                for then, each in zip(earlier, beside or ({}, {}), strict=True)
            ],
        }
        for key, figure in found
    ]


def _earlier(span: Span) -> tuple[Span, Span]:
    return spans.before(span), spans.year_before(span)


def _beside(measure: Measure, rows: str, scope: Scope, now: datetime) -> list[dict[Key, Figure]]:
    """Return the same figures of the span before and of the year before, where that can be told."""
    if rows in TIMES or measure.rows in (Rows.OPEN, Rows.OVERDUE):
        return []
    return [dict(measures.by(measure.id, rows, scope.within(span), now)) for span in _earlier(scope.span)]


def _shown(rows: str, found: tuple[tuple[Key, Figure], ...]) -> tuple[tuple[Key, Figure], ...]:
    """Return the rows of two dimensions: of times the last ones."""
    return found[-MOST:] if rows in TIMES else found[:MOST]


def _drawing(
    measure: Measure,
    rows: str,
    found: tuple[tuple[Key, Figure], ...],
    beside: list[dict[Key, Figure]],
    across: list[dict[Key, Figure]],
    pack: Pack,
) -> dict[str, Any]:
    shown, is_course = (_shown(rows, found) if across else found), measure.how is not How.COUNT and rows in TIMES
    return drawing(measure, pack, shown, beside, across, columns_of(across), is_course=is_course)


def _href(wanted: Asked, measure: Measure, figure: Figure, of: Mapping[str, str]) -> str:
    """Return where the cases of a figure are."""
    return href(wanted, measure.id, **of) if figure.of else ""


def _chart(measure: Measure, rows: str, found: tuple[tuple[Key, Figure], ...], pack: Pack) -> Chart:
    points = [
        Point(
            label=key.words,
            value=None if figure.value is None else float(figure.value),
            words=words(figure, measure, pack),
            low=figure.low,
            high=figure.high,
            is_from_few=figure.is_from_few and figure.of > 0 and measure.how is How.SHARE,
        )
        for key, figure in (found if rows in TIMES else found[:MOST])
    ]
    is_course = measure.how in (How.SHARE, How.PART) and rows in TIMES
    draw = charts.line if is_course else charts.shares if measure.how in (How.SHARE, How.PART) else charts.bars
    return draw(measure.name, points, column=keys.title(rows, pack))
