"""What cannot wait for a quiet time to end: what is overdue or escalates, and what is owed within the hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.notices.models import Notice

SHORT = timedelta(hours=1)


def urgent(notices: Sequence[Notice]) -> set[str]:
    """Return the dedupe keys of those that are urgent; one query, whatever their number."""
    short = _short_duties({row.case_id for row in notices if row.kind == Notice.Kind.ACT and row.case_id})
    return {row.dedupe for row in notices if _is_urgent(row, short.get(row.case_id or 0, ()))}


def _short_duties(cases: Iterable[int]) -> dict[int, list[Duty]]:
    found = defaultdict(list)
    for duty in Duty.objects.filter(case__in=cases, due_at__isnull=False):
        if duty.due_at is not None and duty.due_at - duty.opened_at <= SHORT:
            found[duty.case_id].append(duty)
    return found


def _is_urgent(row: Notice, short: Iterable[Duty]) -> bool:
    if row.kind in (Notice.Kind.BREACH, Notice.Kind.OPENED, Notice.Kind.ON_SHIFT, Notice.Kind.SHIFT_OVER):
        return True
    if row.kind == Notice.Kind.WARNING:
        return row.due_at is not None and row.due_at - row.at <= SHORT
    return row.kind == Notice.Kind.ACT and any(_concerns(row, duty) for duty in short)


def _concerns(row: Notice, duty: Duty) -> bool:
    """Return whether the act opened a duty of an hour, or was itself the report that was owed within one."""
    if duty.opened_at == row.at:
        return True
    assert row.case is not None, "acts are done on cases"
    act = program_of(row.case).procedure.acts.get(row.act)
    if act is None or act.to is not None or act.choices:
        return False  # it moves the case on; that somebody is told of it is not what was owed
    return duty.done_at == row.at and row.act in duty.do
