"""Which acts somebody may perform now, and what stands in the way of the others."""

from __future__ import annotations

from ombud.engine.admission import Admission, verdict_fields
from ombud.engine.ladder import next_wake
from ombud.engine.model import Actor, AvailableAct, Refusal, Staff, Submission
from ombud.engine.program import ActPlan
from ombud.engine.state import PENDING, State
from ombud.engine.step import advance
from ombud.policy.complainant import offered
from ombud.policy.event_names import APPROVE, event_name
from ombud.policy.model.acts import Condition
from ombud.policy.vocabulary import CLOCK, COMPLAINANT, HANDLER, SYSTEM

# What the data of the act may still put right: no reason not to show its form.
_GIVEN_ITS_DATA = frozenset({"needs", "value"})
_MAY_BE_THE_DATA = frozenset({"extend", "qualified", "recused", "confidential"})  # where they name a field of the act
_ELSEWHERE = frozenset({"phase", "ended", "no-run", "role", "recused", "confidential"})


def available_acts(state: State, actor: Actor, now: int, staff: Staff | None = None) -> list[AvailableAct]:
    """Return the acts of the present phase that belong to the actor's role, each with what blocks it.

    An act that four eyes, its condition or another department forbids is there with its refusals;
    one that belongs to other roles or phases is not.
    """
    state = _at(state, now, staff)
    found = []
    for plan in state.program.acts.values():
        if not _concerns(state, plan, actor):
            continue
        refusals = _refusals(state, plan, actor, now, staff)
        if any(each.code in _ELSEWHERE and each.field is None for each in refusals):
            continue
        found.append(_available_act(state, plan, actor, _blocking(refusals)))
    return found


def available_act(state: State, act: str, actor: Actor, now: int, staff: Staff | None = None) -> AvailableAct:
    """Return one act as `offers` would, whatever the phase: blocked, where the case has not come to it or moved on.

    Raises KeyError for an act that the procedure does not have.
    """
    state = _at(state, now, staff)
    plan = state.program.acts[act]
    refusals = _refusals(state, plan, actor, now, staff)
    return _available_act(state, plan, actor, _blocking(refusals))


def possible_acts(state: State, now: int) -> list[str]:
    """Return the acts that somebody, whoever it is, may perform now, given their data."""
    state = _at(state, now, None)
    found = []
    for plan in state.program.acts.values():
        if plan.chain is not None:
            run = state.runs.get(plan.chain.id)
            if run is None or run.status != PENDING or state.ended:
                continue
            if not run.is_displaced and state.phase not in plan.from_phases:
                continue
            found.append(plan.id)
        elif state.phase in plan.from_phases and plan.act is not None:
            if {CLOCK, SYSTEM}.issuperset(plan.act.by):
                continue
            if plan.act.when is None or _may_hold(state, plan, now):
                found.append(plan.id)
    return found


def _concerns(state: State, plan: ActPlan, actor: Actor) -> bool:
    """Return whether phase and role do not rule the act out at once; the full answer costs a trial."""
    if plan.act is None:
        return True
    if state.phase not in plan.from_phases:
        return False
    return actor.role in plan.act.by or (HANDLER in plan.act.by and actor.principal == state.handler)


def _at(state: State, now: int, staff: Staff | None) -> State:
    """Return the state as time will have made it by now."""
    wake = next_wake(state)
    if wake is None or wake >= now:
        return state
    state = state.copy()
    advance(state, now, staff=staff)
    return state


def _refusals(state: State, plan: ActPlan, actor: Actor, now: int, staff: Staff | None) -> list[Refusal]:
    admission = Admission(state, Submission(act=plan.id, actor=actor, occurred=now, recorded=now), staff)
    unmet = iter(admission.unmet)
    return [each for each in admission.refusals if each.code != "guard" or not is_left_open(state, plan, next(unmet))]


def _blocking(refusals: list[Refusal]) -> tuple[Refusal, ...]:
    """Return the refusals that no data of the act can put right."""
    return tuple(
        each
        for each in refusals
        if each.code not in _GIVEN_ITS_DATA and not (each.field and each.code in _MAY_BE_THE_DATA)
    )


def is_left_open(state: State, plan: ActPlan, condition: Condition) -> bool:
    """Return whether the act's own data may still make the condition hold, itself or through a table that reads it."""
    act, tables = plan.act, state.program.pack.tables
    assert act is not None, "conditions belong to acts"
    names, given = set(condition.guard.names), {*act.needs, *act.may}
    while not names.isdisjoint(tables):
        names = {each for name in names for each in (tables[name].inputs if name in tables else (name,))}
    return not names.isdisjoint(given)


def _may_hold(state: State, plan: ActPlan, now: int) -> bool:
    admission = Admission(
        state, Submission(act=plan.id, actor=Actor(person=SYSTEM, role=SYSTEM), occurred=now, recorded=now)
    )
    return all(is_left_open(state, plan, condition) for condition in admission.unmet)


def _available_act(state: State, plan: ActPlan, actor: Actor, blocked: tuple[Refusal, ...]) -> AvailableAct:
    keys = {plan.id, *(event_name(plan.id, value) for value in plan.choices)}
    if plan.chain is not None:
        keys |= {plan.chain.approval if plan.verdict == APPROVE else plan.chain.rejection}
    discharges = tuple(id for id in state.open if not keys.isdisjoint(state.program.duties[id].do))
    act = plan.act
    needs, may = (act.needs, act.may) if act else verdict_fields(state, plan)
    return AvailableAct(
        act=plan.id,
        title=offered(act) if act is not None and actor.role == COMPLAINANT else state.program.title_of(plan.id),
        needs=needs,
        may=may,
        choice=plan.choice,
        clauses=act.cite if act else plan.chain.chain.cite if plan.chain else (),
        blocked=blocked,
        discharges=discharges,
    )
