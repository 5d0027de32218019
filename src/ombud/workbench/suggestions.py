"""Suggestions: what complainants suggested in a span, grouped by what they share, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.insight import keys, measures
from ombud.insight import suggestions as reading
from ombud.insight.counting import HIT, MISS
from ombud.insight.figure_words import words
from ombud.insight.measures import MEASURES, Scope
from ombud.insight.suggestions import ANSWERED, SUGGESTED
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.policy.model.pack import Pack
from ombud.workbench.figure_scope import href, scope_of
from ombud.workbench.figures import Asked, asked_for, filters, known_packs
from ombud.workbench.overview_cases import SIDE
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField


@require_GET
@desk
def suggestions(request: HttpRequest) -> HttpResponse:
    """Show the suggestions of one policy and span."""
    now = timezone.now()
    known = {id: pack for id, pack in known_packs(request).items() if pack.figures.suggestion}
    if not known:
        return show(request, "workbench/suggestions.html", "suggestions", {"pack": None}, now=now)
    wanted = asked_for(request, known, now)
    reader = reader_state_of(request, person(request), now=now).permissions
    scope, side = scope_of(wanted, reader), wanted.query.get(SIDE, "")
    is_masked = reader.is_masked(wanted.pack.id)
    groups = reading.groups(wanted.pack, scope, now, is_masked=is_masked)
    page = reading.page(wanted.pack, scope, now, wanted.query.get("cursor"), side=side, is_masked=is_masked)
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": [*filters(wanted, known), _sides(side)],
        "tiles": _tiles(wanted, scope, now),
        "chart": _chart(wanted, scope, now),
        "lines": [(row, _outcome(wanted.pack, row.outcome)) for row in page.rows],
        "groups": groups if any(each.word for each in groups) else [],  # else it is the list above once more
        **hrefs(request, page),
    }
    return show(request, "workbench/suggestions.html", "suggestions", context, now=now)


def _sides(side: str) -> FilterField:
    choices = [(MISS, _("Not answered yet")), (HIT, _("Answered"))]
    return FilterField(name=SIDE, label=_("All suggestions"), value=side, choices=choices)


def _tiles(wanted: Asked, scope: Scope, now: datetime) -> Iterable[dict[str, Any]]:
    """Return how many there are and how many are answered; each number opens its cases."""
    found = measures.figures((SUGGESTED, ANSWERED), scope, now)
    for id in (SUGGESTED, ANSWERED):
        figure = found[id]
        yield {
            "measure": MEASURES[id],
            "figure": figure,
            "words": words(figure, MEASURES[id], wanted.pack),
            "href": href(wanted, id) if figure.of else "",
        }


def _chart(wanted: Asked, scope: Scope, now: datetime) -> Chart:
    named = wanted.pack.figures.suggestion
    assert named is not None, "the caller looked"
    points = [
        Point(
            label=key.words,
            value=float(figure.value or 0),
            words=words(figure, MEASURES[SUGGESTED], wanted.pack),
            href=href(wanted, SUGGESTED, **{named.outcome: key.id}),
        )
        for key, figure in measures.by(SUGGESTED, named.outcome, scope, now)
    ]
    return charts.bars(str(keys.title(named.outcome, wanted.pack)), points, column=_("What came of it"))


def _outcome(pack: Pack, outcome: str) -> Any:
    named = pack.figures.suggestion
    assert named is not None, "the caller looked"
    return keys.value_words(named.outcome, outcome, pack) if outcome else ""
