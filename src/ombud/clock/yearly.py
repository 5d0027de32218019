"""The calendar of periodic duties: a year's past occurrences with what became of them, those to come as planned."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from ombud.cases.access import assignees
from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.fold import program_of
from ombud.cases.models import WAS_LATE, Case, Duty
from ombud.cases.reading.titles import phase_title
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import Planned, between
from ombud.organisation import editions, library, publishing
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy.model.duties import Periodic
from ombud.policy.model.pack import Pack
from ombud.texts import Text

PLANNED, OPEN, OVERDUE, DONE, LATE = "planned", "open", "overdue", "done", "late"
MISSED = "missed"  # its time passed while no clock ran, longer ago than one looks back


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarEntry:
    """One occurrence of a periodic duty in the calendar."""

    policy: str
    policy_title: Text
    periodic: str
    title: Text
    every: str  # day, workday, week, month, quarter, half-year, year
    clauses: tuple[str, ...]
    bearer: Text  # the role that owes it
    period: str  # 2026-11, 2026-W47, 2026-11-21, 2026-Q4, 2026-H2, 2026
    office: Text  # empty where it is not one office's
    department: Text  # likewise
    at: datetime  # when it begins
    status: str  # one of the above; late: done, but something in it was not in time
    phase: Text  # empty while planned
    case: Case | None  # None while planned, and for who may not see it


def year(reader: Person, number: int, *, now: datetime, policy: str | None = None) -> tuple[CalendarEntry, ...]:
    """Return the occurrences of a calendar year, oldest first: of the reader's policies, theirs and everybody's."""
    standing = permissions_of(reader)
    zone = timezone.get_default_timezone()
    first, last = (datetime.combine(date(each, 1, 1), time(0), zone) for each in (number, number + 1))
    entries: list[CalendarEntry] = []
    wanted = [
        version
        for version in publishing.policies_in_force(now=now)
        if policy in (None, version.policy) and (standing.sees_all or version.policy in standing.policies)
    ]
    known: set[tuple[str, str, str, int | None, int | None]] = set()
    entries += _opened(standing, [version.policy for version in wanted], first, last, now, known)
    row = editions.current()
    if row is not None:
        for version in wanted:
            entries += _not_opened(standing, version, row.edition, first, last, now, known)
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _opened(
    standing: Permissions,
    policies: Collection[str],
    first: datetime,
    last: datetime,
    now: datetime,
    known: set[tuple[str, str, str, int | None, int | None]],
) -> Iterator[CalendarEntry]:
    """Yield what the clock opened, and note it as known."""
    rows = list(
        Occurrence.objects.filter(policy__in=policies, due_at__gte=first, due_at__lt=last).select_related(
            "case", "office", "department"
        )
    )
    cases = [row.case_id for row in rows]
    late = set(Duty.objects.filter(WAS_LATE, case__in=cases, is_outsiders=False).values_list("case", flat=True))
    seen = set(scoped(standing, is_leading=False).filter(pk__in=cases).values_list("pk", flat=True))
    for row in rows:
        known.add((row.policy, row.periodic, row.period, row.office_id, row.department_id))
        program = program_of(row.case)
        periodic = program.pack.periodic.get(row.periodic)
        if periodic is None:  # a version that the case was moved to has it no more
            continue
        if row.case_id not in seen and not _is_theirs(
            standing, program.pack, periodic, row.office_id, row.department_id
        ):
            continue
        yield CalendarEntry(
            **_what(program.pack, periodic),
            period=row.period,
            office=row.office.name if row.office else {},
            department=row.department.name if row.department else {},
            at=row.due_at,
            status=_status(row.case, row.case_id in late, now),
            phase=phase_title(program, row.case.phase),
            case=row.case if row.case_id in seen else None,
        )


def _not_opened(
    standing: Permissions,
    version: PolicyVersion,
    edition: str,
    first: datetime,
    last: datetime,
    now: datetime,
    known: set[tuple[str, str, str, int | None, int | None]],
) -> Iterator[CalendarEntry]:
    """Yield what is to come, and what nobody opened; before a version was in force it was nobody's duty."""
    pack, days = library.pack(version.hash), editions.read(edition)
    since = datetime.combine(version.effective_on, time(0), timezone.get_default_timezone())
    since = max(first, since, version.published_at or now)
    for periodic in pack.periodic.values():
        for each in between(pack, periodic, days, first.date(), last.date()):
            place = _rows_of(pack, each)
            if (pack.id, periodic.id, each.period, *place) in known or not _is_theirs(standing, pack, periodic, *place):
                continue
            if since <= each.at < last:
                yield CalendarEntry(
                    **_what(pack, periodic),
                    period=each.period,
                    office=pack.offices[each.office].title if each.office else {},
                    department=pack.departments[each.department].title if each.department else {},
                    at=each.at,
                    status=PLANNED if each.at > now else MISSED,
                    phase={},
                    case=None,
                )


def _rows_of(pack: Pack, each: Planned) -> tuple[int | None, int | None]:
    return assignees.office_id(each.office), assignees.department_id(pack.id, each.department)


def _what(pack: Pack, periodic: Periodic) -> dict[str, Any]:
    return {
        "policy": pack.id,
        "policy_title": pack.title,
        "periodic": periodic.id,
        "title": periodic.title,
        "every": periodic.every,
        "clauses": periodic.cite,
        "bearer": pack.roles[periodic.bearer].title,
    }


def _is_theirs(
    standing: Permissions, pack: Pack, periodic: Periodic, office: int | None, department: int | None
) -> bool:
    """Return whether an occurrence concerns the reader: everybody's does, one place's only its own people."""
    if standing.sees_all or pack.id in standing.full_policies or (office is None and department is None):
        return True
    holder = assignees.Assignee(policy=pack.id, role=periodic.bearer, department_id=department, office_id=office)
    return holder.key in standing.assignee_keys or bool(set(holder.viewers) & set(standing.viewers))


def _status(case: Case, is_breached: bool, now: datetime) -> str:
    if not case.is_open:
        return LATE if is_breached else DONE
    return OVERDUE if is_breached or (case.next_due_at is not None and case.next_due_at < now) else OPEN
