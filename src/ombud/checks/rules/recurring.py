"""Check of what recurs against how long it could: recurs-too-late."""

from __future__ import annotations

from collections.abc import Iterator
from operator import ge

from ombud.checks.findings import Finding, finding
from ombud.checks.model.abstract_state import Space
from ombud.checks.rules.deadlines import Kinds, facts_of
from ombud.checks.timing.lengths import lengths, picked
from ombud.checks.timing.year import Year
from ombud.checks.wording import title_of
from ombud.engine import compile_program
from ombud.engine.limits import LimitPlan
from ombud.engine.program import Program
from ombud.policy.limitwords import limit_text
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import TRIGGER


def check_recurring(pack: Pack) -> Iterator[Finding]:
    """Yield recurring duties, and repeating reminders, whose first time comes when the matter has to be over."""
    for procedure in pack.procedures.values():
        yield from recurring_too_late(Kinds(Space(pack, procedure), compile_program(pack, procedure=procedure.id)))


def recurring_too_late(kinds: Kinds) -> Iterator[Finding]:
    """Yield what of one procedure recurs too late."""
    pack, program = kinds.space.pack, kinds.program
    for duty in kinds.space.procedure.duties.values():
        if duty.is_recurring:
            yield from _too_late(pack, program, kinds, duty)
        else:
            yield from _reminders(pack, program, kinds, duty)


def _too_late(pack: Pack, program: Program, kinds: Kinds, duty: Duty) -> Iterator[Finding]:
    for total in kinds.space.procedure.duties.values():
        shared = set(total.after) & set(duty.after)
        if total.is_recurring or not shared or not ends_with(kinds.space.procedure, duty, total):
            continue
        if total.anchor not in (None, TRIGGER, *shared):
            continue
        pairs = list(_pairs(program, kinds, duty, total))
        if pairs and all(_never_before(kinds.year, each, whole) for each, whole in pairs):
            every, within = pairs[0]
            values = {
                "duty": title_of(duty.title, duty.id),
                "every": limit_text(every.limit, pack),
                "total": title_of(total.title, total.id),
                "within": limit_text(within.limit, pack),
            }
            yield finding("recurs-too-late", place=duty.at, clauses=[*duty.cite, *total.cite], values=values)
            return


def ends_with(procedure: Procedure, duty: Duty, total: Duty) -> bool:
    """Return whether nothing more recurs once the total has been met."""
    ends = {id for id, phase in procedure.phases.items() if phase.is_end}
    acts = [procedure.acts[name] for name in total.do if name in procedure.acts]
    closing = {act.id for act in acts if act.to in ends}
    return all(name in duty.until or name in closing for name in total.do)


def _pairs(program: Program, kinds: Kinds, duty: Duty, total: Duty) -> Iterator[tuple[LimitPlan, LimitPlan]]:
    """Yield both limits in every kind of case in which both duties may be owed."""
    names = facts_of(duty) | facts_of(total)
    for road in kinds.of(frozenset(names)):
        if road.may_hold(duty.where, {}) and road.may_hold(total.where, {}):
            every, within = (picked(program, each.id, road.facts) for each in (duty, total))
            if every is not None and within is not None:
                yield every, within


def _never_before(year: Year, one: LimitPlan, other: LimitPlan) -> bool:
    """Return whether, from whichever half hour of the year, one limit does not end before the other."""
    return all(map(ge, year.dues(one), year.dues(other)))


def _reminders(pack: Pack, program: Program, kinds: Kinds, duty: Duty) -> Iterator[Finding]:
    plan = program.duties[duty.id]
    if plan.limit is None:
        return
    for index, rung in enumerate(duty.breach):
        every = plan.rungs[index].every
        limits = list(lengths(plan.limit))
        if every is None or not limits:
            continue
        if all(_never_before(kinds.year, every, limit) for limit in limits):
            values = {
                "duty": title_of(duty.title, duty.id),
                "every": limit_text(every.limit, pack),
                "within": limit_text(duty.limit, pack),
            }
            yield finding("recurs-too-late", variant="rung", place=rung.at, clauses=duty.cite, values=values)
