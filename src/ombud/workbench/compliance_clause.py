"""One clause in figures: by month, department and office, and the duties that were owed under it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.paging import NotOurs
from ombud.cases.reading.titles import bearer_title, duty_title
from ombud.insight import compliance as counting
from ombud.insight import spans
from ombud.insight.compliance import NOTHING, Counts
from ombud.organisation.models import Department, Office
from ombud.policy.vocabulary import DEPARTMENT
from ombud.workbench.figures import DEFINITIONS, STATES, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of


@require_GET
@desk
def clause(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one clause: by month, department and office, how much of its time is used, and the duties themselves."""
    now, known = timezone.now(), known_packs(request)
    wanted = asked_for(request, known, now) if known else None
    shown = (wanted.pack.clauses.get(ref) or wanted.pack.base_clauses.get(ref)) if wanted else None
    if wanted is None or shown is None:
        raise Http404
    state = wanted.query.get("state", "")
    if state and state not in STATES:
        raise NotOurs(state)
    reader = reader_state_of(request, person(request), now=now).permissions
    everything = counting.owed(reader, policy=wanted.pack.id, span=wanted.span, only=wanted.only)
    duties = counting.under(everything, ref, now)
    by_month = counting.by_month(duties, wanted.span, now)
    page = counting.listed(duties, state, now, wanted.query.get("cursor"))
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "clause": shown,
        "filter_fields": filters(wanted, known),
        "counts": counting.totals(duties, now),
        "share": counting.share_used(duties),
        "months": [(month, by_month.get(month.begin, NOTHING)) for month in spans.months(wanted.span)],
        "most": max((each.total for each in by_month.values()), default=0),
        "sides": _sides(duties, now),
        "state": state,
        "states": STATES,
        "definitions": DEFINITIONS,
        "lines": [_line(row, now) for row in page.rows],
        **hrefs(request, page),
    }
    return show(request, "workbench/compliance_clause.html", "compliance", context, now=now)


def _sides(duties: QuerySet[Duty], now: datetime) -> list[tuple[str, list[tuple[str, Counts]]]]:
    departments = counting.by_side(duties, DEPARTMENT, now)
    offices = counting.by_side(duties, "case__office", now)
    named = {row.pk: str(row) for row in Department.objects.filter(pk__in=[key for key in departments if key])}
    placed = {row.pk: str(row) for row in Office.objects.filter(pk__in=[key for key in offices if key])}
    return [
        (title, [(names[key] if key else _("none"), each) for key, each in found.items()])
        for title, names, found in (
            (_("By department"), named, departments),
            (_("By office"), placed, offices),
        )
        if any(found)
    ]


def _line(row: Duty, now: datetime) -> dict[str, Any]:
    program = program_of(row.case)
    return {
        "duty": row,
        "title": duty_title(program, row.duty),
        "bearer": bearer_title(program, row),
        "is_overdue": row.is_overdue(now),
        "used": (row.done_at or now) - row.opened_at,
    }
