"""My duties: what a person owes, by due time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.paging import PAGE, Page, by_id, by_instant, instant_cursor
from ombud.cases.reading.titles import acts_for, duty_title, phase_title, summary
from ombud.engine.program import ActPlan, Program
from ombud.organisation.models import Person
from ombud.texts import Text

COUNTED = 1000  # beyond it people need no exact number


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedDuty:
    """One line of my duties."""

    duty: Duty  # with .case loaded
    title: Text
    clauses: tuple[str, ...]
    acts: tuple[tuple[str, Text], ...]  # that would discharge it, with titles; none where something else comes first
    phase: Text
    subject: str  # masked where the reader sees masked
    is_overdue: bool
    is_mine: bool  # by name, not merely the pool's


# One short walk over the index duty_owed per holder, then the soonest of all: a plain IN would sort everything owed.
# The states stand in the text, since SQLite uses a partial index only where it can read the condition.
_OWED = {
    False: "status IN ('open', 'paused') AND status = 'open'",
    True: "status IN ('open', 'paused') AND status = 'paused'",
}
_NOT_RECUSED = "NOT EXISTS (SELECT 1 FROM cases_recusal r WHERE r.case_id = d.case_id AND r.person_id = %s)"
_WALK = (
    "SELECT * FROM (SELECT id, due_at FROM cases_duty d WHERE holder = %s AND {owed}{after} AND NOT is_outsiders"
    f" AND {_NOT_RECUSED}"
    " ORDER BY {order} LIMIT %s) AS walk"
)


def my_duties(
    person: Person, *, now: datetime, cursor: str | None = None, limit: int = PAGE, is_paused: bool = False
) -> Page[OwedDuty]:
    """Return what the person owes, earliest due first: their own, their roles', and an empty role's below them.

    With `is_paused` those whose clock stands still instead, oldest first.
    """
    permissions = permissions_of(person)
    ids = _owed_ids(permissions, cursor, limit + 1, is_paused)
    rows = Duty.objects.filter(pk__in=ids).select_related("case__complainant", "case__department", "person")
    found = sorted(rows, key=lambda row: (row.pk,) if is_paused else (row.due_at or now, row.pk))
    shown = found[:limit]
    after = None
    if len(found) > limit:
        last = shown[-1]
        after = str(last.pk) if is_paused or last.due_at is None else instant_cursor(last.due_at, last.pk)
    return Page(rows=tuple(_owed(row, permissions, now) for row in shown), after=after)


def my_duty_count(person: Person, *, now: datetime) -> tuple[int, int]:
    """Return how many duties the person owes (at most 1000 are counted), and how many of them are overdue."""
    keys = permissions_of(person).assignee_keys
    holes = ", ".join(["%s"] * len(keys))
    sql = (
        "SELECT count(*), coalesce(sum(CASE WHEN due_at < %s THEN 1 ELSE 0 END), 0)"
        f" FROM (SELECT due_at FROM cases_duty d WHERE holder IN ({holes}) AND {_OWED[False]} AND NOT is_outsiders"
        f" AND {_NOT_RECUSED} LIMIT {COUNTED}) AS owed"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_stored(now), *keys, person.pk])
        total, overdue = cursor.fetchone()
    return int(total), int(overdue)


def _owed_ids(permissions: Permissions, cursor: str | None, limit: int, is_paused: bool) -> list[int]:
    person = permissions.person.pk
    extra: list[Any] = []
    if is_paused:
        after, order = "", "id"
        if (last_id := by_id(cursor)) is not None:
            after, extra = " AND id > %s", [last_id]
    else:
        after, order = "", "due_at, id"
        if (last := by_instant(cursor)) is not None:
            at = _stored(last[0])
            after, extra = " AND due_at >= %s AND (due_at > %s OR id > %s)", [at, at, last[1]]
    walk = _WALK.format(owed=_OWED[is_paused], after=after, order=order)
    keys = permissions.assignee_keys
    params = [each for key in keys for each in (key, *extra, person, limit)]
    sql = f"SELECT id FROM ({' UNION ALL '.join([walk] * len(keys))}) AS owed ORDER BY {order} LIMIT %s"
    with connection.cursor() as db:
        db.execute(sql, [*params, limit])
        return [pk for (pk,) in db.fetchall()]


def _stored(instant: datetime) -> Any:
    """Return an instant as this database stores it, for hand-written SQL."""
    return connection.ops.adapt_datetimefield_value(instant)


def _owed(row: Duty, permissions: Permissions, now: datetime) -> OwedDuty:
    program = program_of(row.case)
    subject, _ = summary(row.case, is_masked=permissions.is_masked(row.case.policy))
    return OwedDuty(
        duty=row,
        title=duty_title(program, row.duty),
        clauses=tuple(row.clauses),
        acts=_acts(program, row),
        phase=phase_title(program, row.case.phase),
        subject=subject,
        is_overdue=row.is_overdue(now),
        is_mine=row.person_id == permissions.person.pk,
    )


def _acts(program: Program, row: Duty) -> tuple[tuple[str, Text], ...]:
    """Return the acts that people can do in this phase; none where the usual one follows by itself, or later."""
    found = acts_for(program, row.do)
    possible = tuple(each for each in found if _is_now(program.acts[each[0]], row.case.phase))
    return possible if possible[:1] == found[:1] else ()


def _is_now(plan: ActPlan, phase: str) -> bool:
    return phase in plan.from_phases and not (plan.act is not None and plan.act.is_auto)
