"""Every single change of a policy that its scenarios are asked to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ombud.checks.messages import phrase
from ombud.checks.mutation.acts import act_changes
from ombud.checks.mutation.duties import chain_changes, duty_changes
from ombud.checks.mutation.limits import other_calendar
from ombud.checks.mutation.mutant import (
    Change,
    Mutant,
    Reach,
    full_id,
    said_otherwise,
    with_act,
    with_chain,
    with_duty,
    with_role,
    with_table,
)
from ombud.checks.mutation.people import calendar_changes, holder_changes, role_changes
from ombud.checks.mutation.tables import table_changes
from ombud.checks.wording import title_of
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.source import Place
from ombud.policy.symbol_table import BASE_FILE
from ombud.texts import Text, same
from ombud.worktime import Mode


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Yield every change. What the base pack brings along is left out: its own tests try it."""
    for procedure in pack.procedures.values():
        yield from _of_procedure(pack, procedure)
    for table in pack.tables.values():
        yield from _put(table_changes(pack, table), partial(with_table, pack), Reach.TABLE, table)
    for role in pack.roles.values():
        yield from _put(role_changes(pack, role), partial(with_role, pack), Reach.ANY, role)
    for kept, holders in (("departments", pack.departments), ("offices", pack.offices)):
        for holder in holders.values() if any(limit.whose for limit in _limits(pack)) else ():
            build = partial(_with, pack, kept, holder.id)
            yield from _put(holder_changes(pack, holder), build, Reach.ANY, holder)
    yield from _of_calendars(pack)


def _of_procedure(pack: Pack, procedure: Procedure) -> Iterator[Mutant]:
    for act in procedure.acts.values():
        reach = Reach.PROCEDURE if act.is_auto else Reach.ACT
        changes = act_changes(pack, procedure, act)
        yield from _put(changes, partial(with_act, pack, procedure), reach, act, procedure)
    for duty in procedure.duties.values():
        changes = duty_changes(pack, procedure, duty)
        yield from _put(changes, partial(with_duty, pack, procedure), Reach.DUTY, duty, procedure)
    for chain in procedure.chains.values():
        changes = chain_changes(pack, procedure, chain)
        yield from _put(changes, partial(with_chain, pack, procedure), Reach.PROCEDURE, chain, procedure)


def _put(
    changes: Iterable[Change],
    build: Callable[[Any], Pack],
    reach: Reach,
    entry: Any,
    procedure: Procedure | None = None,
) -> Iterator[Mutant]:
    if entry.at.file == BASE_FILE:
        return
    for change in changes:
        yield Mutant(
            rule=title_of(entry.title, entry.id),
            id=full_id(procedure, entry.id) if procedure else entry.id,
            change=change,
            clauses=entry.cite,
            reach=change.reach or reach,
            procedure=procedure.id if procedure else None,
            build=partial(build, change.entry),
        )


def _of_calendars(pack: Pack) -> Iterator[Mutant]:
    start = next(iter(pack.calendar_places.values()))
    for id in _counted_on(pack):
        at = pack.calendar_places.get(id, start)
        for change in calendar_changes(pack, id, at):
            build = partial(_with, pack, "calendars", id, change.entry)
            yield _of_calendar(phrase("calendar", id=id), id, pack.calendar_cites.get(id, ()), change, build)
    other = other_calendar(pack, pack.counting_calendar)
    if other is not None:
        title = same(pack.counting_calendar), same(other)
        change = Change(part="calendar", old=title[0], new=title[1], at=_counting(pack, start), entry=other)
        build = partial(replace, pack, counting_calendar=other)
        yield _of_calendar(phrase("counting"), "counting", pack.counting_cite, change, build)


def _counted_on(pack: Pack) -> list[str]:
    """Return the calendars on which limits are counted; what a channel's hours say, no story shows."""
    used = {
        limit.calendar or pack.counting_calendar
        for limit in _limits(pack)
        if limit.mode is not Mode.CLOCK or limit.cutoff
    }
    if any(limit.whose for limit in _limits(pack)):
        used |= {each.calendar for each in pack.departments.values() if each.calendar}
        used |= {each.calendar for each in pack.offices.values() if each.calendar}
    return [id for id in pack.calendars if id in used]


def _limits(pack: Pack) -> Iterator[Limit]:
    """Yield every length of every duty, stage and rung."""
    for procedure in pack.procedures.values():
        for duty in procedure.duties.values():
            yield from _lengths(duty.limit)
            yield from _of_ladder(duty.breach)
        for stage in (stage for chain in procedure.chains.values() for stage in chain.stages):
            yield from _lengths(stage.within)
            yield from _of_ladder(stage.breach)


def _of_ladder(ladder: Iterable[Rung]) -> Iterator[Limit]:
    for rung in ladder:
        yield from _lengths(rung.offset)
        yield from _lengths(rung.every)


def _lengths(limit: Limit | None) -> Iterator[Limit]:
    if limit is None:
        return
    if limit.length:
        yield limit
    for inner in (*limit.cases.values(), limit.otherwise):
        yield from _lengths(inner)


def _of_calendar(rule: Text, id: str, clauses: tuple[str, ...], change: Change, build: Callable[[], Pack]) -> Mutant:
    return Mutant(rule=rule, id=id, change=change, clauses=clauses, reach=Reach.ANY, procedure=None, build=build)


def _counting(pack: Pack, start: Place) -> Place:
    return pack.calendar_places.get(pack.counting_calendar, start)


def _with(pack: Pack, kept: str, id: str, entry: Any) -> Pack:
    return said_otherwise(pack, **{kept: {**getattr(pack, kept), id: entry}})
