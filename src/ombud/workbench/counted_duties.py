"""The duties behind a number that is of no clause: those that began in a span, or fall due on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.access.permissions import Permissions
from ombud.cases.models import Duty
from ombud.cases.reading.paging import NotOurs
from ombud.insight import compliance, load
from ombud.insight.compliance import BROKEN, SEVERAL
from ombud.insight.lasting import Lateness
from ombud.insight.scopes import Scope, duties, owed_now, seen_in
from ombud.organisation.models import words
from ombud.policy.compare.naming import Names
from ombud.policy.model.pack import Pack
from ombud.workbench.clause_duties import DUTY, MATTERS, STATE
from ombud.workbench.compliance_clause import TITLES, duty_line
from ombud.workbench.figure_scope import narrowed, scope_of
from ombud.workbench.figures import MINE, STATES, WHOSE, Asked, asked_for, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of

DUE, CITED = "due", "cited"


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedDuties:
    """The duties that an address asks for, and what they are called."""

    rows: QuerySet[Duty]
    state: str
    title: str
    duty: str  # empty: of every kind
    is_own: bool  # what the reader owes
    is_of_span: bool  # those that began in it; else what is owed now
    narrowed: Sequence[tuple[Any, Any]]


@require_GET
@desk
def listed(request: HttpRequest) -> HttpResponse:
    """Show the duties that a number counts."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        raise NotOurs("policy")
    wanted = asked_for(request, known, now)
    found = asked_duties(reader_state_of(request, person(request), now=now).permissions, wanted, now)
    page = compliance.listed(found.rows, found.state, now, wanted.query.get("cursor"))
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "found": found,
        "lines": [duty_line(row, now) for row in page.rows],
        **hrefs(request, page),
    }
    return show(request, "workbench/counted_duties.html", "overview", context, now=now)


def asked_duties(reader: Permissions, wanted: Asked, now: datetime) -> CountedDuties:
    """Return the duties that the address asks for. Raises NotOurs for a state, day or kind that there is not."""
    state, when, kind = (wanted.query.get(each, "") for each in (STATE, DUE, DUTY))
    if state and state not in {*STATES, *SEVERAL}:
        raise NotOurs(state)
    scope = scope_of(wanted, reader)
    is_own = bool(when) and wanted.query.get(WHOSE) == MINE
    holders = reader.assignee_keys if is_own else None
    rows = _of_policy(wanted, scope, when) if MATTERS in wanted.query else _of_complaints(scope, when, holders, now)
    if when:
        rows = rows.filter(load.falls_due(when, scope, now))
    procedure, _slash, duty = kind.partition("/")
    if kind:
        rows = rows.filter(case__procedure=procedure, duty=duty, clauses=wanted.query.get(CITED, "").split())
    return CountedDuties(
        rows=rows,
        state=state,
        title=_due_title(when) if when else str(TITLES[state]) if state else _("All duties"),
        duty=duty_words(wanted.pack, procedure, duty) if duty else "",
        is_own=is_own,
        is_of_span=not when,
        narrowed=narrowed(wanted, scope),
    )


def _of_complaints(scope: Scope, when: str, holders: Sequence[str] | None, now: datetime) -> QuerySet[Duty]:
    return owed_now(scope, now, holders) if when else duties(scope, now)


def _of_policy(wanted: Asked, scope: Scope, when: str) -> QuerySet[Duty]:
    if wanted.by:
        raise NotOurs("matters have none of these dimensions")
    seen = seen_in(scope, case="case", measured=compliance.OF_CASE)
    rows = compliance.owed_whenever(seen, policy=wanted.pack.id, only=wanted.only)
    return rows.filter(status=Duty.Status.OPEN) if when else compliance.within(rows, [scope.span])


def _due_title(when: str) -> str:
    if when == load.OVERDUE:
        return str(STATES[load.OVERDUE])
    if when == load.AHEAD:
        return _("Due within seven days")
    return _("Due on {day}").format(day=date_format(date.fromisoformat(when), "DATE_FORMAT"))


def duty_words(pack: Pack, procedure: str, duty: str) -> str:
    """Return what a duty is called."""
    return words(dict(Names(pack, pack.procedures.get(procedure)).owed(duty)))


def href(wanted: Asked, **only: str) -> str:
    """Return where duties are listed, narrowed as the address is and by what is given beside it."""
    return f"{reverse('desk_counted_duties')}?{wanted.whole_address}&{urlencode(only)}"


def due_href(wanted: Asked, when: str, *, is_own: bool = False) -> str:
    """Return where what falls due then is listed: of what is shown, or of this what the reader owes."""
    return href(wanted, **{DUE: when}, **({WHOSE: MINE} if is_own else {}))


def broken_href(late: Lateness, wanted: Asked) -> str:
    """Return where the duties of one kind are that were late or are overdue."""
    kind = {STATE: BROKEN, DUTY: f"{late.procedure}/{late.duty}"}
    return href(wanted, **kind, **({CITED: " ".join(late.clauses)} if late.clauses else {}))
