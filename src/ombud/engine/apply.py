"""The one mutating apply: what an event does to a case, in the order of the one step. Used live and in replay alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ombud.engine.allotting import taken
from ombud.engine.case_facts import LastEvent
from ombud.engine.chains import move_chains
from ombud.engine.clock_repair import bring_back
from ombud.engine.confidence import confide
from ombud.engine.due import follow
from ombud.engine.duties import cancel_all, discharge, end, open_occurrence, rearm, regrade, settle_phases, trigger
from ombud.engine.errors import EventError
from ombud.engine.four_eyes import note_hands, to_recuse
from ombud.engine.merging import arrive, chosen, clear, merge_facts
from ombud.engine.migration import apply_switch
from ombud.engine.model import BY_RECORDING, Event
from ombud.engine.pauses import enter, previous_phase
from ombud.engine.powers import use_powers
from ombud.engine.program import ActPlan, DutyPlan, Library
from ombud.engine.roles import is_outsider
from ombud.engine.state import Awaited, Instance, State
from ombud.policy.event_names import ALLOT, BESIDE, CLOCK_REPAIR, CONFIDING, MIGRATE, OPENED, RECALENDAR, RUNG
from ombud.policy.model.acts import Power
from ombud.policy.procedure import BACK, STAY
from ombud.policy.vocabulary import BESIDE_FACTS, CLOCK, HANDLER, SYSTEM, TAKE


def apply(state: State, event: Event, library: Library | None = None) -> None:
    """Change the state by one event."""
    state.seq = event.seq
    if event.recorded > state.recorded:
        state.recorded = event.recorded
    state.schema = event.schema
    state.is_history = event.schema < BY_RECORDING
    state.found = event.occurred if state.is_history else event.recorded
    plan = state.program.acts.get(event.act)
    if plan is not None:
        _apply_act(state, plan, event)
    elif event.act == RUNG:
        _apply_rung(state, event)
    elif event.act == OPENED:
        open_occurrence(state, state.program.duties[event.data["duty"]], event.occurred)
    elif event.act in (RECALENDAR, MIGRATE):
        apply_switch(state, event, library)
    elif event.act == CLOCK_REPAIR:
        bring_back(state, event.recorded)
    elif event.act == ALLOT:
        _apply_act(state, state.program.acts[TAKE], taken(event))
    elif event.act in CONFIDING:
        confide(state, event)
    elif event.act in BESIDE:
        pass  # who may follow the case or see a file changes, not the case
    else:
        raise EventError(f'event {event.seq} is "{event.act}", which {state.program.pack.id} does not know')


def _apply_act(state: State, plan: ActPlan, event: Event) -> None:
    program, at, person = state.program, event.occurred, event.principal
    state.at = at
    if person != SYSTEM:
        state.last = (event.act, event.hands)
    elif event.role == CLOCK and state.refused:
        state.refused.pop(event.act, None)
    data = event.data
    if plan.verdict is not None:
        data = {name: value for name, value in data.items() if name not in ("run", "stage")}
    if not BESIDE_FACTS.isdisjoint(data):
        data = {name: value for name, value in data.items() if name not in BESIDE_FACTS}
    arrived = None
    if state.seq == 1:
        arrived = arrive(state.facts, state.said, at, person=person, department=event.department, office=event.office)
    changed = merge_facts(
        program,
        state.facts,
        state.said,
        plan,
        data,
        person=person,
        role=event.role,
        department=event.department,
        office=event.office,
        at=at,
        in_order=not state.is_history,
    )
    if arrived:
        changed |= arrived
    recused = to_recuse(state, plan.recuses) if plan.recuses else frozenset()  # of the round that may end here
    if plan.is_watched or not program.watched.fields.isdisjoint(changed):
        note_hands(state, plan, changed, event)
    keys: tuple[str, ...] = plan.keys
    if plan.choice is not None:
        keys = plan.outcome_keys.get(str(chosen(plan, data, state.facts)), keys)
    _note(state, keys, event)
    outcomes: list[str] = []
    if plan.starts is not None or plan.verdict is not None or plan.resets is not None or state.runs:
        outcomes = move_chains(state, plan, keys, changed, event.hands, at)
        if outcomes:
            _note(state, tuple(outcomes), event)
            keys = (*keys, *outcomes)
    if plan.powers or outcomes:
        use_powers(state, _powers(state, plan, outcomes), data, at)
    if plan.recuses:
        changed |= _recuse(state, plan.recuses, recused, at)
    effect = program.effect(keys)
    rearmed: list[DutyPlan] = []
    for duty in effect.discharges:
        if duty.id in state.open and discharge(state, duty, at) and duty.recurs == "last":
            rearmed.append(duty)
    for duty in effect.ends:
        if duty.id in state.open or duty.id in state.schedules:
            end(state, duty, at)
    if effect.opens:
        trigger(state, effect.opens, at)
    for duty in rearmed:
        if duty not in effect.ends:
            rearm(state, duty, at)
    if changed or effect.watched:
        _regrade(state, changed, effect.watched, at)
    _change_phase(state, plan, data, outcomes, at)
    if state.phase in program.end_phases:
        cancel_all(state, at)
    if state.runs:
        follow(state)


def _note(state: State, keys: tuple[str, ...], event: Event) -> None:
    """Remember that the act and its outcomes happened."""
    at, seq, log, found, whose = event.occurred, event.seq, state.log, state.found, event.principal
    for key in keys:
        entry = log.get(key)
        if entry is None:
            log[key] = _new(LastEvent, (1, at, seq, whose, event.role, event.department, found))
        elif at >= entry.occurred:
            log[key] = _new(LastEvent, (entry.times + 1, at, seq, whose, event.role, event.department, found))
        else:
            log[key] = entry._replace(times=entry.times + 1, actor=whose, role=event.role, department=event.department)


def _powers(state: State, plan: ActPlan, outcomes: list[str]) -> tuple[Power, ...]:
    """Return the powers over duties that take effect: those of the act, and of the approvals that it completes."""
    approved = [chain.powers for chain in state.program.chains.values() if chain.approval in outcomes]
    return (*plan.powers, *(power for powers in approved for power in powers))


def _recuse(state: State, acts: tuple[str, ...], people: frozenset[str], at: int) -> set[str]:
    """Keep these people, and whoever last performed the acts, out of the case from now on; outsiders stay."""
    pack = state.program.pack
    entries = [state.log[name] for name in acts if name in state.log]
    people |= {each.actor for each in entries if each.actor != SYSTEM and not is_outsider(pack, each.role)}
    state.recused |= people
    if state.handler not in people:
        return set()
    clear(state.facts, state.said, HANDLER, max(at, state.said.get(HANDLER, at)))
    return {HANDLER}


def _regrade(state: State, changed: set[str], watched: tuple[DutyPlan, ...], at: int) -> None:
    plans = state.program.touched(changed) if changed else ()
    if watched:
        found = {plan.index: plan for plan in (*plans, *watched)}
        plans = tuple(found[index] for index in sorted(found))
    for plan in plans:
        regrade(state, plan, at)


def _change_phase(state: State, plan: ActPlan, data: Mapping[str, Any], outcomes: list[str], at: int) -> None:
    program, left = state.program, state.phase
    target = plan.to
    if plan.choice is not None:
        target = plan.choices.get(str(chosen(plan, data, state.facts)), STAY)
    if target == BACK:
        target = previous_phase(state)
    if outcomes:
        target = _after_approval(state, outcomes) or target
    if target is None or target in (STAY, left):
        return
    concerned = {left, target}
    shortened = enter(state, target, at)
    if shortened and not state.is_history:
        concerned |= shortened  # what stood still in them ran on earlier than was known
    if not program.pausing.isdisjoint(concerned):
        settle_phases(state, concerned)


def _after_approval(state: State, outcomes: list[str]) -> str | None:
    """Return the phase where an approval or a rejection leads."""
    for chain in state.program.chains.values():
        if chain.chain.rejected and chain.rejection in outcomes:
            return chain.chain.rejected
        if chain.chain.approved and chain.approval in outcomes:
            return chain.chain.approved
    return None


def instance_of(state: State, duty: str, number: int) -> Instance:
    """Return one instance of a duty."""
    for index in state.open.get(duty, ()):
        if state.instances[index].number == number:
            return state.instances[index]
    for instance in reversed(state.instances):
        if instance.number == number and instance.plan.id == duty:
            return instance
    raise EventError(f'the case has no instance {number} of "{duty}"')


def _apply_rung(state: State, event: Event) -> None:
    """Mark a rung as passed; the one that breaks the duty sets the breach and opens the reparation."""
    data = event.data
    instance = instance_of(state, data["duty"], data["instance"])
    rung = instance.plan.rungs[data["rung"]]
    if rung.act is not None and "refused" in data:
        state.refused[rung.act] = Awaited(data["duty"], data["instance"], instance.revision)
    if rung.every is not None:
        repeats = dict(instance.repeats)
        repeats[rung.index] = data["repeat"]
        instance.repeats = tuple(sorted(repeats.items()))
        return
    instance.fired = (*instance.fired, rung.index)
    if rung.breaks and instance.breached_at is None and instance.due is not None:
        instance.breached_at = instance.due
        if instance.plan.then is not None:
            trigger(state, (state.program.duties[instance.plan.then],), event.occurred)


_new = tuple.__new__
