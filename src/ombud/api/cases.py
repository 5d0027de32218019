"""GET /cases and what stands below a case; POST .../acts: what a person may see and do, by token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from ombud.api import roles, shown, strict, times
from ombud.api.callers import Call, Caller, Token
from ombud.api.keys import ACT, READ
from ombud.api.openapi import LIST, failures
from ombud.api.shapes import ActIn, CaseOut, DoneEventOut, DutiesOut, EventsOut, ListOut, PerformedOut
from ombud.api.strict import Malformed, error
from ombud.cases.access import case_access
from ombud.cases.commands import Performed, perform
from ombud.cases.models import Event
from ombud.cases.reading import queries
from ombud.cases.reading.paging import PAGE
from ombud.cases.reading.queries import Filters
from ombud.organisation.models import Department, Person

router = Router(tags=["cases"])
MOST = 200
LONGEST = 200  # of a search or a filter
_OWN = ("cursor", "limit", "sort", "q", "department")
_GRADE = "grade."


@router.get(
    "/cases",
    auth=Token(READ),
    response={200: ListOut, **failures(401, 403, 422)},
    openapi_extra={"parameters": LIST},
    operation_id="list_cases",
    summary="List cases",
)
def list_cases(request: Call) -> ListOut:
    """Return the cases that the person may see, one page at a time."""
    query = strict.only(request, *(each["name"] for each in LIST), prefix=_GRADE)
    person = _person(request.auth)
    if not query.get("cursor", "0").isascii():
        raise _bad("cursor")
    filters = _filters({name: value for name, value in query.items() if name not in _OWN}, person)
    filters = replace(filters, policy=request.auth.only(filters.policy))
    if "department" in query:
        filters = replace(filters, department=_department(query["department"], filters.policy))
    try:
        page = queries.register(
            person,
            now=timezone.now(),
            filters=filters,
            text=query.get("q", ""),
            sort=query.get("sort", "newest"),
            cursor=query.get("cursor"),
            limit=_limit(query.get("limit", str(PAGE))),
        )
    except ValueError as problem:
        raise _bad(str(problem).partition(":")[0]) from problem
    return ListOut(cases=[shown.line(row) for row in page.rows], next=page.after)


@router.get(
    "/cases/{reference}",
    auth=Token(READ),
    response={200: CaseOut, **failures(401, 403, 404, 422)},
    operation_id="read_case",
    summary="Read a case",
)
def read_case(request: Call, reference: str) -> CaseOut:
    """Return the case, its facts as the person may see them, and the acts that they may perform."""
    strict.only(request)
    return shown.case_of(request.auth.case(reference), now=timezone.now())


@router.get(
    "/cases/{reference}/events",
    auth=Token(READ),
    response={200: EventsOut, **failures(401, 403, 404, 422)},
    operation_id="read_events",
    summary="What happened to a case",
)
def read_events(request: Call, reference: str) -> EventsOut:
    """Return every event of the case, oldest first."""
    strict.only(request)
    found = request.auth.case(reference)
    return EventsOut(reference=found.case.reference, seq=found.case.seq, events=shown.events_of(found))


@router.get(
    "/cases/{reference}/duties",
    auth=Token(READ),
    response={200: DutiesOut, **failures(401, 403, 404, 422)},
    operation_id="read_duties",
    summary="What is and was owed in a case",
)
def read_duties(request: Call, reference: str) -> DutiesOut:
    """Return every duty of the case: open ones by due time, then the others."""
    strict.only(request)
    case = request.auth.case(reference).case
    return DutiesOut(reference=case.reference, seq=case.seq, duties=shown.duties_of(case, now=timezone.now()))


@router.post(
    "/cases/{reference}/acts/{act}",
    auth=Token(ACT),
    response={200: PerformedOut, **failures(400, 401, 403, 404, 409, 413, 415, 422)},
    operation_id="perform_act",
    summary="Perform an act",
)
def perform_act(request: Call, reference: str, act: str, sent: ActIn) -> PerformedOut:
    """Perform an act of the policy, or CHAIN.approve and CHAIN.reject, on the case as it was at `seen`."""
    strict.only(request)
    now = timezone.now()
    found = request.auth.case(reference, case_access.ACT)
    strict.no_filled_in(sent.data)
    actor = roles.for_act(found, act, sent.role, now=now)
    done = perform(
        found.case, act, actor=actor, at=sent.at or now, now=now, seen=sent.seen,
        data=strict.with_reason(sent.data, sent.late_reason),
        owner=request.auth.owner,
    )  # fmt: skip
    return _performed(done)


def _performed(done: Performed) -> PerformedOut:
    case = done.case
    return PerformedOut(
        reference=case.reference,
        seq=case.seq,
        phase=case.phase,
        grades={name: str(value) for name, value in case.grades.items() if value is not None},
        department=case.department.key if case.department else None,
        office=case.office.key if case.office else None,
        closed_at=times.at(case.closed_at),
        events=[_event(row) for row in done.events],
        duties=shown.duties_of(case, now=timezone.now()),
    )


def _event(row: Event) -> DoneEventOut:
    return DoneEventOut(seq=row.seq, act=row.act, occurred_at=times.at_seconds(row.occurred))


def _person(caller: Caller) -> Person:
    assert caller.person is not None, "intake keys open no other door than the one for complaints"
    return caller.person


def _filters(query: dict[str, str], person: Person) -> Filters:
    bad = [name for name, value in query.items() if not value or len(value) > LONGEST]
    if bad:
        raise _bad(*bad)
    try:
        filters = queries.filters_from(query, person)
    except (ValueError, OverflowError) as problem:
        raise _bad(str(problem).partition("=")[0]) from problem
    if (filters.handler or 0) >= 2**63:
        raise _bad("handler")
    return filters


def _department(key: str, policy: str | None) -> int:
    """Return the number of a department; a key that several policies use needs the policy beside it."""
    rows = Department.objects.filter(key=key, **({"policy": policy} if policy else {}))
    found = list(rows.values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise _bad("department")
    return found[0]


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise ValueError("limit")
    return int(text)


def _bad(*names: str) -> Malformed:
    words: Any = _("This value does not fit.")
    return Malformed([error(("query", name), "value", words) for name in names])
