"""Somebody's notices, those of one case together: what happened, by whom, and what they owe on the case now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Q

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.fold import program_of, seconds
from ombud.cases.models import Case, Duty, Event
from ombud.cases.projections import OWED
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_id
from ombud.cases.reading.titles import bearer_title, duty_title, summary
from ombud.notices.models import Notice
from ombud.notices.reading import NoticeLine, line_of, own
from ombud.organisation import staff
from ombud.organisation.models import Person
from ombud.policy.vocabulary import COMPLAINANT, SYSTEM
from ombud.privacy.sealing import is_sealed
from ombud.texts import Text, same

ALL, UNREAD, DUE, ACTS = "all", "unread", "due", "acts"
SHOWN: Final = (ALL, UNREAD, DUE, ACTS)  # all, not read yet, of due times, of what people did
_OF_DUE = (Notice.Kind.WARNING, Notice.Kind.BREACH, Notice.Kind.DUE_MOVED, Notice.Kind.PROVISIONAL)
_OF_ACTS = (Notice.Kind.ACT, Notice.Kind.REMINDER)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldLine:
    """One notice with what its reader wants to know beside it."""

    line: NoticeLine
    who: str  # who did it; no words for what the machine did
    role: Text
    outcome: Text  # what the act decided, where it decides
    bearer: Text  # whose duty it is, where it is not the reader's
    is_settled: bool  # the duty is not owed any more


@dataclass(kw_only=True, slots=True)
class CaseNotices:
    """The notices of one case that stand on one page, newest first."""

    case: Case | None  # none: of how work is shared out
    subject: str  # masked where the reader sees masked
    owed: tuple[tuple[Text, datetime | None], ...]  # what the reader owes on it, soonest due first
    told: list[ToldLine] = field(default_factory=list)

    @property
    def is_unread(self) -> bool:
        """Return whether one of them has not been read."""
        return any(not each.line.is_read for each in self.told)


def notices_of(person: Person, *, show: str = ALL, cursor: str | None = None, limit: int = PAGE) -> Page[CaseNotices]:
    """Return the person's notices, newest first, those of a case under the newest of them.

    `show` is one of SHOWN. Raises NotOurs for another, or for a cursor that is not ours.
    """
    if show not in SHOWN:
        raise NotOurs(f"show={show}")
    permissions = permissions_of(person)
    rows = own(permissions).select_related("case__complainant", "case__office", "case__department", "asked_by")
    if show == UNREAD:
        rows = rows.filter(read_at=None)
    elif show != ALL:
        rows = rows.filter(kind__in=_OF_DUE if show == DUE else _OF_ACTS)
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    after = str(shown[-1].pk) if len(found) > limit else None
    return Page(rows=_grouped(shown, permissions), after=after)


def _grouped(rows: Sequence[Notice], permissions: Permissions) -> tuple[CaseNotices, ...]:
    events, duties = _events_of(rows), _duties_of(rows, permissions)
    people = staff.people({event.actor for event in events.values()})
    groups: dict[int | None, CaseNotices] = {}
    for row in rows:
        if row.case is None:
            groups.setdefault(None, CaseNotices(case=None, subject="", owed=())).told.append(_told_of_staffing(row))
            continue
        if row.case_id not in groups:
            groups[row.case_id] = _group(row.case, duties.get(row.case.pk, ()), permissions)
        duty = next((each for each in duties.get(row.case.pk, ()) if _is_of(row, each)), None)
        groups[row.case_id].told.append(
            _told(row, events.get((row.case.pk, row.act, seconds(row.at))), people, duty, permissions)
        )
    return tuple(groups.values())


def _events_of(rows: Sequence[Notice]) -> dict[tuple[int, str, int], Event]:
    """Return the events behind notices of acts: of the case, the act and the instant."""
    acts = [row for row in rows if row.act and row.kind == Notice.Kind.ACT]
    cases, names, times = {row.case_id for row in acts}, {row.act for row in acts}, {seconds(row.at) for row in acts}
    found = Event.objects.filter(case__in=cases, act__in=names, occurred__in=times) if acts else ()
    return {(event.case_id, event.act, event.occurred): event for event in found}


def _duties_of(rows: Sequence[Notice], permissions: Permissions) -> dict[int, list[Duty]]:
    """Return what the reader owes on these cases, and the duties that notices are about."""
    cases = {row.case.pk: row.case for row in rows if row.case is not None}
    asked = (permissions.owes & Q(status__in=OWED)) | Q(duty__in={row.duty for row in rows if row.duty})
    found: dict[int, list[Duty]] = {}
    duties = Duty.objects.filter(asked, case__in=cases, is_outsiders=False)
    for duty in duties.select_related("person", "department").order_by("due_at", "pk") if rows else ():
        duty.case = cases[duty.case_id]
        found.setdefault(duty.case_id, []).append(duty)
    return found


def _is_of(row: Notice, duty: Duty) -> bool:
    return bool(row.duty) and (duty.duty, duty.instance) == (row.duty, row.instance)


def _group(case: Case, duties: Iterable[Duty], permissions: Permissions) -> CaseNotices:
    program = program_of(case)
    subject, _name = summary(case, is_masked=permissions.is_masked(case.policy))
    owed = [each for each in duties if permissions.is_owed(each) and each.status == Duty.Status.OPEN and not each.waits]
    return CaseNotices(
        case=case, subject=subject, owed=tuple((duty_title(program, each.duty), each.due_at) for each in owed[:2])
    )


def _told(
    row: Notice, event: Event | None, people: Mapping[str, Person], duty: Duty | None, permissions: Permissions
) -> ToldLine:
    assert row.case is not None, "the others are told apart"
    pack = program_of(row.case).pack
    is_persons = event is not None and event.actor not in (SYSTEM, COMPLAINANT)
    role = pack.roles.get(event.role) if event is not None and event.actor != SYSTEM else None
    return ToldLine(
        line=line_of(row),
        who=str(people[event.actor]) if event is not None and is_persons and event.actor in people else "",
        role=role.title if role else {},
        outcome=_outcome(row, event),
        bearer=bearer_title(program_of(row.case), duty) if duty is not None and not permissions.is_owed(duty) else {},
        is_settled=duty is not None and duty.status not in OWED,
    )


def _told_of_staffing(row: Notice) -> ToldLine:
    return ToldLine(line=line_of(row), who="", role={}, outcome={}, bearer={}, is_settled=False)


def _outcome(row: Notice, event: Event | None) -> Text:
    """Return what an act decided, such as the answer that it brought; nothing personal."""
    if row.case is None:
        return {}
    program = program_of(row.case)
    plan = program.acts.get(row.act)
    if event is None or plan is None or plan.choice is None or plan.choice not in program.pack.fields:
        return {}
    value, known = event.data.get(plan.choice), program.pack.fields[plan.choice]
    if value is None or is_sealed(value) or known.is_personal:
        return {}
    return known.of.get(str(value), same(str(value)))
