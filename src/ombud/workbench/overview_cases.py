"""What stands behind a figure: its cases, and how each measure is counted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.models import Case
from ombud.cases.reading.paging import NotOurs
from ombud.cases.reading.register import line as case_line
from ombud.cases.reading.register import whole
from ombud.insight import measures
from ombud.insight.counting import HIT, MISS
from ombud.insight.figure_words import words
from ombud.insight.measures import MEASURES, Measure
from ombud.insight.registry import How
from ombud.workbench.figure_scope import MEASURE, can_count, narrowed, scope_of
from ombud.workbench.figures import asked_for, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import PAGING, hrefs
from ombud.workbench.reader_state import reader_state_of

SIDE = "side"


@require_GET
@desk
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases that a figure counts."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        raise NotOurs("policy")
    wanted = asked_for(request, known, now)
    standing = reader_state_of(request, person(request), now=now).permissions
    scope = scope_of(wanted, standing)
    asked, side = wanted.query.get(MEASURE, ""), wanted.query.get(SIDE, "")
    page = measures.cases(asked, scope, now, wanted.query.get("cursor"), side=side)
    rows = {row.pk: row for row in whole(Case.objects.filter(pk__in=[each.pk for each in page.rows]))}
    found = measures.figure(asked, scope, now)
    measure = MEASURES[asked]
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "measure": measure,
        "figure": found,
        "words": words(found, measure, wanted.pack),
        "narrowed": narrowed(wanted, scope),
        "sides": _sides(request, measure, side),
        "lines": [case_line(rows[row.pk], standing, now) for row in page.rows],
        **hrefs(request, page),
    }
    return show(request, "workbench/overview_cases.html", "overview", context, now=now)


@require_GET
@desk
def counted(request: HttpRequest) -> HttpResponse:
    """Show how every measure is counted."""
    known = known_packs(request)
    lines = [(each, [pack for pack in known.values() if not can_count(each, pack)]) for each in MEASURES.values()]
    context = {"lines": lines, "address": request.GET.urlencode()}
    return show(request, "workbench/overview_counted.html", "overview", context, now=timezone.now())


def _sides(request: HttpRequest, measure: Measure, side: str) -> list[tuple[Any, str, bool]]:
    """Return the links to each side of a share: (words, address, whether it is shown)."""
    if measure.how is not How.SHARE:
        return []
    found = []
    for name, label in (("", _("All that count")), (HIT, _("Those in the figure")), (MISS, _("The others"))):
        query = request.GET.copy()
        for each in (*PAGING, SIDE):
            query.pop(each, None)
        if name:
            query[SIDE] = name
        found.append((label, f"?{query.urlencode()}", name == side))
    return found
