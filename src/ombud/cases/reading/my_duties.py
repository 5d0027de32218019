"""My duties: what a person owes, by due time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from ombud.cases.access import assignees
from ombud.cases.access.kept_out import ADMITTED_SQL
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_id, by_instant, instant_cursor
from ombud.cases.reading.titles import bearer_title, duty_title, phase_title, summary
from ombud.engine.program import Program
from ombud.engine.readiness import acts_towards, is_now
from ombud.organisation.models import Person
from ombud.policy.procedure import chain_of
from ombud.policy.vocabulary import CLOCK
from ombud.texts import Text

COUNTED = 1000  # beyond it people need no exact number
ALL, READY, MINE, POOL, WAITING, PAUSED = "all", "ready", "mine", "pool", "waiting", "paused"
# What can be done now: all, under one's own name, of one's roles; what waits for others; what stands still.
SHOWN: Final = (READY, MINE, POOL, WAITING, PAUSED)


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
    owed_for: Person | None = None  # who is away, where it is theirs and the reader stands in for them
    waits_for: tuple[tuple[Text, Text], ...] = ()  # of one that waits: who has to do something first, and what


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyCount:
    """How many duties a person owes; of each kind at most 1000 are counted."""

    mine: int = 0
    pool: int = 0
    waiting: int = 0
    paused: int = 0
    overdue: int = 0  # of all but what stands still

    @property
    def owed(self) -> int:
        """Return how many can be done now."""
        return self.mine + self.pool

    @property
    def shown(self) -> dict[str, int]:
        """Return how many `my_duties` lists of each kind."""
        return {READY: self.owed, MINE: self.mine, POOL: self.pool, WAITING: self.waiting, PAUSED: self.paused}


# One short walk over the index duty_owed per holder, then the soonest of all: a plain IN would sort everything owed.
# The states stand in the text, since SQLite uses a partial index only where it can read the condition.
_OPEN = "status IN ('open', 'paused') AND status = 'open' AND waits IS {} TRUE"
_OWED = {whose: _OPEN.format("NOT") for whose in (READY, MINE, POOL)}
_OWED |= {ALL: "status IN ('open', 'paused') AND status = 'open'", WAITING: _OPEN.format("")}
_OWED |= {PAUSED: "status IN ('open', 'paused') AND status = 'paused'"}
_ADMITTED = ADMITTED_SQL.format(case="d.case_id")
_WALK = (
    "SELECT * FROM (SELECT id, due_at FROM cases_duty d WHERE {holder} AND {owed}{after} AND NOT is_outsiders"
    f" AND {_ADMITTED}"
    " ORDER BY {order} LIMIT %s) AS walk"
)
# What is lent to a deputy: not of a case that keeps the absent person out.
_LENT = f"holder = %s AND policy = %s AND {_ADMITTED}"
_COUNT = (
    "SELECT * FROM (SELECT '{whose}' AS whose, due_at FROM cases_duty d WHERE {holders} AND {owed}"
    f" AND NOT is_outsiders AND {_ADMITTED} LIMIT {COUNTED}) AS {{whose}}"
)


def my_duties(
    person: Person,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = PAGE,
    whose: str = ALL,
    permissions: Permissions | None = None,
) -> Page[OwedDuty]:
    """Return what the person owes, earliest due first: their own, their roles', and an empty role's below them.

    `whose` is one of SHOWN, or all whose clock runs; what stands still comes oldest first. Raises NotOurs for another.
    Who the person is may be given by whoever has asked for it already.
    """
    if whose not in (ALL, *SHOWN):
        raise NotOurs(f"show={whose}")
    permissions = permissions or permissions_of(person)
    is_paused = whose == PAUSED
    ids = _owed_ids(_holders(permissions, whose), permissions.person.pk, cursor, limit + 1, whose)
    rows = Duty.objects.filter(pk__in=ids).select_related(
        "case__complainant", "case__department", "case__office", "person"
    )
    found = sorted(rows, key=lambda row: (row.pk,) if is_paused else (row.due_at or now, row.pk))
    shown = found[:limit]
    after = None
    if len(found) > limit:
        last = shown[-1]
        after = str(last.pk) if is_paused or last.due_at is None else instant_cursor(last.due_at, last.pk)
    absent = Person.objects.in_bulk({each.absent for each in permissions.stand_ins}) if permissions.stand_ins else {}
    lines = [_owed(row, permissions, absent, now) for row in shown]
    return Page(rows=tuple(_with_waits(lines) if whose == WAITING else lines), after=after)


def my_duty_count(person: Person, *, now: datetime, permissions: Permissions | None = None) -> DutyCount:
    """Return how many duties the person owes, under their own name and with others, and how many are overdue."""
    permissions = permissions or permissions_of(person)
    parts, params = [], [_stored(now)]
    for whose in (MINE, POOL, WAITING, PAUSED):
        keys, lent = _keys(permissions, whose), _lent(permissions, whose)
        if keys or lent:
            own = [(f"holder IN ({', '.join(['%s'] * len(keys))})", list(keys))] if keys else []
            found_by = [*own, *lent]
            holders = " OR ".join(f"({condition})" for condition, _ in found_by)
            parts.append(_COUNT.format(whose=whose, holders=f"({holders})", owed=_OWED[whose]))
            params += [*(value for _, values in found_by for value in values), person.pk, person.pk]
    sql = (
        "SELECT whose, count(*), coalesce(sum(CASE WHEN due_at < %s THEN 1 ELSE 0 END), 0)"
        f" FROM ({' UNION ALL '.join(parts)}) AS owed GROUP BY whose"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = {whose: (int(number), int(late)) for whose, number, late in cursor.fetchall()}
    late = sum(found[whose][1] for whose in (MINE, POOL, WAITING) if whose in found)
    return DutyCount(**{whose: number for whose, (number, _) in found.items()}, overdue=late)


def _keys(permissions: Permissions, whose: str) -> tuple[str, ...]:
    """Return the holders whose duties are meant."""
    mine = assignees.person_key(permissions.person.pk)
    return tuple(
        key for key in permissions.assignee_keys if whose not in (MINE, POOL) or (key == mine) == (whose == MINE)
    )


_Holder = tuple[str, list[Any]]  # a condition on duties, and its values


def _holders(permissions: Permissions, whose: str) -> list[_Holder]:
    """Return by which conditions the duties are found that are meant: one walk each."""
    return [*(("holder = %s", [key]) for key in _keys(permissions, whose)), *_lent(permissions, whose)]


def _lent(permissions: Permissions, whose: str) -> list[_Holder]:
    """Return by which conditions the duties are found that the person owes for others; under no own name."""
    if whose == MINE:
        return []
    found: list[_Holder] = []
    own = set(permissions.assignee_keys)
    for each in permissions.stand_ins:
        for key in each.keys:
            if key in own:
                continue
            condition, values = _LENT, [key, each.policy, each.absent, each.absent]
            if each.roles is not None and key == assignees.person_key(each.absent):
                roles = ["", *sorted(each.roles)]
                condition += f" AND role IN ({', '.join(['%s'] * len(roles))})"
                values += roles
            found.append((condition, values))
    return found


def _owed_ids(holders: list[_Holder], person: int, cursor: str | None, limit: int, whose: str) -> list[int]:
    if not holders:
        return []
    extra: list[Any] = []
    if whose == PAUSED:
        after, order = "", "id"
        if (last_id := by_id(cursor)) is not None:
            after, extra = " AND id > %s", [last_id]
    else:
        after, order = "", "due_at, id"
        if (last := by_instant(cursor)) is not None:
            at = _stored(last[0])
            after, extra = " AND due_at >= %s AND (due_at > %s OR id > %s)", [at, at, last[1]]
    walks = [_WALK.format(holder=holder, owed=_OWED[whose], after=after, order=order) for holder, _ in holders]
    params = [each for _, values in holders for each in (*values, *extra, person, person, limit)]
    # The same duty may be lent by two people.
    sql = f"SELECT id FROM ({' UNION '.join(walks)}) AS owed ORDER BY {order} LIMIT %s"
    with connection.cursor() as db:
        db.execute(sql, [*params, limit])
        return [pk for (pk,) in db.fetchall()]


def _stored(instant: datetime) -> Any:
    """Return an instant as this database stores it, for hand-written SQL."""
    return connection.ops.adapt_datetimefield_value(instant)


def _owed(row: Duty, permissions: Permissions, absent: Mapping[int, Person], now: datetime) -> OwedDuty:
    program = program_of(row.case)
    owed_for = permissions.owed_for(row)
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
        owed_for=absent[owed_for] if owed_for is not None else None,
    )


def _acts(program: Program, row: Duty) -> tuple[tuple[str, Text], ...]:
    """Return the acts by which the duty can be gone on with in this phase; none where it waits for others."""
    if row.waits:
        return ()
    possible = (plan for plan in acts_towards(program, row.do) if is_now(plan, row.case.phase))
    found = [plan.id for plan in possible if plan.act is None or plan.act.by != (CLOCK,)]  # nobody does the clock's
    return tuple((act, program.title_of(act)) for act in found)


def _with_waits(lines: list[OwedDuty]) -> list[OwedDuty]:
    """Return the waiting duties with who has to do what first: what can be done on their cases now."""
    cases = {line.duty.case_id: line.duty.case for line in lines}
    rows = Duty.objects.filter(case__in=cases, status=Duty.Status.OPEN, waits=False)
    found: dict[int, list[tuple[Text, Text]]] = {case: [] for case in cases}
    for row in rows.select_related("person", "department").order_by("due_at", "pk"):
        row.case = cases[row.case_id]
        program = program_of(row.case)
        for act, title in _acts(program, row)[:1]:
            chain = chain_of(program.procedure, act)  # waited for is the decision, not one of its verdicts
            found[row.case_id].append((bearer_title(program, row), chain.title if chain else title))
    return [replace(line, waits_for=tuple(found[line.duty.case_id][:2])) for line in lines]
