"""The periodic duties of a span of days: what was fulfilled, what is owed, what is still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ombud.cases.models import Case, Duty
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import Planned, between
from ombud.organisation.models import PolicyVersion
from ombud.policy.model import Pack
from ombud.worktime import Edition


class State(StrEnum):
    """How an occurrence stands."""

    DONE = "done"
    LATE = "late"  # fulfilled, but some duty of it was breached
    OPEN = "open"
    OVERDUE = "overdue"
    PLANNED = "planned"
    MISSED = "missed"  # its time passed while no clock ran, longer ago than one looks back


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One occurrence, opened already or planned."""

    pack: Pack
    planned: Planned
    state: State
    case: Case | None  # none where it was never opened


def agenda(
    policies: Iterable[tuple[PolicyVersion, Pack]], edition: Edition, first: date, last: date, *, now: datetime
) -> list[Entry]:
    """Return the occurrences whose time lies within these days, oldest first, by one query.

    What would have fallen due before a version was in force was nobody's duty and is left out.
    """
    known = list(policies)
    zone = timezone.get_default_timezone()
    begins, ends = datetime.combine(first, time.min, zone), datetime.combine(last, time.max, zone)
    opened = _opened([version.policy for version, _pack in known], begins, ends)
    found = []
    for version, pack in known:
        since = max(datetime.combine(version.effective_on, time.min, zone), version.published_at or now)
        for periodic in pack.periodic.values():
            for each in between(pack, periodic, edition, first, last):
                if not begins <= each.at <= ends:
                    continue
                key = (pack.id, periodic.id, each.period, each.office, each.department)
                row = opened.get(key)
                if row is not None:
                    found.append(Entry(pack=pack, planned=each, state=_state(row, now), case=row.case))
                elif each.at > since:
                    state = State.PLANNED if each.at > now else State.MISSED
                    found.append(Entry(pack=pack, planned=each, state=state, case=None))
    return sorted(found, key=lambda entry: entry.planned.at)


def _opened(
    policies: list[str], begins: datetime, ends: datetime
) -> dict[tuple[str, str, str, str | None, str | None], Occurrence]:
    rows = (
        Occurrence.objects.filter(policy__in=policies, due_at__gte=begins, due_at__lte=ends)
        .select_related("case", "office", "department")
        .annotate(is_breached=Exists(Duty.objects.filter(case=OuterRef("case"), breached_at__isnull=False)))
    )
    return {
        (
            row.policy,
            row.periodic,
            row.period,
            row.office.key if row.office else None,
            row.department.key if row.department else None,
        ): row
        for row in rows
    }


def _state(row: Occurrence, now: datetime) -> State:
    if row.case.closed_at is not None:
        return State.LATE if row.is_breached else State.DONE  # type: ignore[attr-defined]  # annotated
    due = row.case.next_due_at
    is_late = row.is_breached or (due is not None and now > due)  # type: ignore[attr-defined]
    return State.OVERDUE if is_late else State.OPEN
