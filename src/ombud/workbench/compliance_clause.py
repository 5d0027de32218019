"""One clause in figures: by month, department and office, and the duties that were owed under it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.titles import bearer_title, duty_title
from ombud.insight import compliance as counting
from ombud.insight import keys
from ombud.insight.compliance import BROKEN, NOTHING, OWED, TOLD, Counts
from ombud.insight.scopes import DIMENSIONS, Words
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.workbench.clause_duties import MONTH, asked_duties
from ombud.workbench.figures import DEFINITIONS, GRADE, STATES, VERSION, Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of

#: What is listed is called, beside all of them.
TITLES = {
    **STATES,
    BROKEN: gettext_lazy("Late or overdue now"),
    TOLD: gettext_lazy("In time, late, or overdue now"),
    OWED: gettext_lazy("Owed"),
}


@require_GET
@desk
def clause(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one clause: by month, department and office, how much of its time is used, and the duties themselves."""
    now, known = timezone.now(), known_packs(request)
    wanted = asked_for(request, known, now) if known else None
    shown = (wanted.pack.clauses.get(ref) or wanted.pack.base_clauses.get(ref)) if wanted else None
    if wanted is None or shown is None:
        raise Http404
    reader = reader_state_of(request, person(request), now=now).permissions
    found = asked_duties(reader, wanted, ref, now)
    duties = found.every
    by_month = counting.by_month(duties, wanted.span, now)
    first = min((begin for begin, each in by_month.items() if each.total), default=wanted.span.begin)
    course = [
        (name, f"{wanted.address}&{MONTH}={name}", by_month.get(each.begin, NOTHING))
        for name, each in found.months.items()
        if first <= each.begin <= now
    ]
    page = counting.listed(found.shown, found.state, now, wanted.query.get("cursor"))
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "here": f"?{wanted.address}",
        "clause": shown,
        "filter_fields": filters(wanted, known),
        "counts": counting.totals(duties, now),
        "share": counting.share_used(duties),
        "months": course,
        "month": found.month,
        "duty": found.duty,
        "most": max((each.total for each in by_month.values()), default=0),
        "sides": _sides(duties, wanted, now),
        "state": found.state,
        "states": STATES,
        "titles": TITLES,
        "definitions": DEFINITIONS,
        "lines": [duty_line(row, now) for row in page.rows],
        **hrefs(request, page),
    }
    return show(request, "workbench/compliance_clause.html", "compliance", context, now=now)


def _sides(
    duties: QuerySet[Duty], wanted: Asked, now: datetime
) -> list[tuple[str, Words, list[tuple[str, str, Counts]]]]:
    """Return the counts by department, office, grade and version, each with its name and where its duties are."""
    sides: list[tuple[str, str, dict[Any, Counts]]] = [
        (title, name, counting.by_side(duties, column, now))
        for title, name, column in (
            (_("By department"), DEPARTMENT, DEPARTMENT),
            (_("By office"), OFFICE, "case__office"),
            (_("By grade"), GRADE, "case__measured__grade"),
            (_("By version"), VERSION, "case__measured__version"),
        )
    ]
    return [
        (title, DIMENSIONS[name], [(names[key], _address(wanted, name, key), each) for key, each in found.items()])
        for title, name, found in sides
        if any(found) and (names := {key: str(row.words) for key, row in keys.named(name, found, wanted.pack).items()})
    ]


def _address(wanted: Asked, name: str, key: Any) -> str:
    """Return the address of the same narrowed to one value; empty for what none can be asked for."""
    return f"{wanted.with_(name, str(key))}" if key else ""


def duty_line(row: Duty, now: datetime) -> dict[str, Any]:
    """Return one duty as lists behind numbers show it."""
    program = program_of(row.case)
    return {
        "duty": row,
        "title": duty_title(program, row.duty),
        "bearer": bearer_title(program, row),
        "is_overdue": row.is_overdue(now),
    }
