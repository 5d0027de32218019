"""The calendar of periodic duties: a year's past occurrences with what became of them, those to come as planned."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from ombud.cases import holders
from ombud.cases.models import Case, Duty
from ombud.cases.showing import phase_title, program_of
from ombud.cases.standing import Standing, scoped, standing_of
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import Planned, between
from ombud.organisation import editions, library, publishing
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy.model import Pack, Periodic, Text

PLANNED, OPEN, OVERDUE, DONE = "planned", "open", "overdue", "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarEntry:
    """One occurrence of a periodic duty in the calendar."""

    policy: str
    policy_title: Text
    periodic: str
    title: Text
    clauses: tuple[str, ...]
    bearer: Text  # the role that owes it
    period: str  # 2026-11, 2026-W47, 2026-11-21, 2026-Q4, 2026-H2, 2026
    office: Text  # empty where it is not one office's
    department: Text  # likewise
    at: datetime  # when it begins
    status: str  # planned, open, overdue, done
    was_late: bool  # something in it was not done in time
    phase: Text  # empty while planned
    case: Case | None  # None while planned, and for who may not see it


def year(reader: Person, number: int, *, now: datetime, policy: str | None = None) -> tuple[CalendarEntry, ...]:
    """Return the occurrences of a calendar year, oldest first: of the reader's policies, theirs and everybody's."""
    standing = standing_of(reader)
    zone = timezone.get_default_timezone()
    first, last = (datetime.combine(date(each, 1, 1), time(0), zone) for each in (number, number + 1))
    entries: list[CalendarEntry] = []
    wanted = [
        version
        for version in publishing.policies_in_force(now=now)
        if policy in (None, version.policy) and (standing.sees_all or version.policy in standing.policies)
    ]
    entries += _past(standing, [version.policy for version in wanted], first, last, now)
    row = editions.current()
    if row is not None:
        for version in wanted:
            entries += _future(standing, version, row.edition, max(first, now), last)
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _past(
    standing: Standing, policies: Collection[str], first: datetime, last: datetime, now: datetime
) -> Iterator[CalendarEntry]:
    rows = list(
        Occurrence.objects.filter(policy__in=policies, due_at__gte=first, due_at__lt=last).select_related(
            "case", "office", "department"
        )
    )
    cases = [row.case_id for row in rows]
    late = set(
        Duty.objects.filter(case__in=cases, breached_at__isnull=False, is_outsiders=False).values_list(
            "case", flat=True
        )
    )
    seen = set(scoped(standing, is_leading=False).filter(pk__in=cases).values_list("pk", flat=True))
    for row in rows:
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
            status=_status(row.case, now),
            was_late=row.case_id in late,
            phase=phase_title(program, row.case.phase),
            case=row.case if row.case_id in seen else None,
        )


def _future(
    standing: Standing, version: PolicyVersion, edition: str, first: datetime, last: datetime
) -> Iterator[CalendarEntry]:
    pack, known = library.pack(version.hash), editions.read(edition)
    for periodic in pack.periodic.values() if first < last else ():
        for each in between(pack, periodic, known, first.date(), last.date()):
            if first < each.at < last and _is_theirs(standing, pack, periodic, *_rows_of(pack, each)):
                yield CalendarEntry(
                    **_what(pack, periodic),
                    period=each.period,
                    office=pack.offices[each.office].title if each.office else {},
                    department=pack.departments[each.department].title if each.department else {},
                    at=each.at,
                    status=PLANNED,
                    was_late=False,
                    phase={},
                    case=None,
                )


def _rows_of(pack: Pack, each: Planned) -> tuple[int | None, int | None]:
    return holders.office_id(each.office), holders.department_id(pack.id, each.department)


def _what(pack: Pack, periodic: Periodic) -> dict[str, Any]:
    return {
        "policy": pack.id,
        "policy_title": pack.title,
        "periodic": periodic.id,
        "title": periodic.title,
        "clauses": periodic.cite,
        "bearer": pack.roles[periodic.bearer].title,
    }


def _is_theirs(standing: Standing, pack: Pack, periodic: Periodic, office: int | None, department: int | None) -> bool:
    """Return whether an occurrence concerns the reader: everybody's does, one place's only its own people."""
    if standing.sees_all or pack.id in standing.full_policies or (office is None and department is None):
        return True
    holder = holders.Holder(policy=pack.id, role=periodic.bearer, department_id=department, office_id=office)
    return holder.key in standing.holder_keys or bool(set(holder.viewers) & set(standing.viewers))


def _status(case: Case, now: datetime) -> str:
    if not case.is_open:
        return DONE
    return OVERDUE if case.next_due_at is not None and case.next_due_at < now else OPEN
