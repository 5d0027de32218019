"""Whether what is owed can be done now, or whether the case has to come further first, by somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ombud.engine.available_acts import is_left_open
from ombud.engine.program import ActPlan, DutyPlan, Program
from ombud.engine.state import PENDING, State
from ombud.policy.event_names import EventName
from ombud.policy.model.duties import Bearer
from ombud.policy.procedure import act_of, chain_of, starters
from ombud.policy.vocabulary import HANDLER


def waits(state: State, plan: DutyPlan, bearer: Bearer) -> bool:
    """Return whether whoever bears an open duty can do nothing for it as the case stands.

    A duty that several acts discharge is judged by the first, which is the usual one.
    """
    if plan.stage is not None:
        run = state.runs.get(plan.stage[0])
        return run is None or run.status != PENDING
    return not any(_can(state, each, bearer) for each in acts_towards(state.program, plan.do[:1]))


def acts_towards(program: Program, do: Iterable[str]) -> tuple[ActPlan, ...]:
    """Return the acts that bring a bearer nearer to what discharges a duty: towards an approval what asks for it."""
    return _acts_towards(program, tuple(do))


@lru_cache(maxsize=1024)
def _acts_towards(program: Program, do: tuple[str, ...]) -> tuple[ActPlan, ...]:
    found: dict[str, ActPlan] = {}
    for name in do:
        chain = chain_of(program.procedure, name)
        if chain is not None and EventName.of(name).stage is None and name not in program.acts:
            acts = starters(program.procedure, chain)
        else:
            act = act_of(program.procedure, name)
            acts = [act] if act is not None else []
        found.update((act.id, program.acts[act.id]) for act in acts)
        if name in program.acts:
            found[name] = program.acts[name]
    return tuple(found.values())


def is_now(plan: ActPlan, phase: str) -> bool:
    """Return whether people can do an act in this phase."""
    return phase in plan.from_phases and not (plan.act is not None and plan.act.is_auto)


def _can(state: State, plan: ActPlan, bearer: Bearer) -> bool:
    if not is_now(plan, state.phase):
        return False
    act = plan.act
    if act is None:
        return True
    if bearer.kind == "role" and bearer.name not in act.by and HANDLER not in act.by:
        return False
    return all(each.guard.holds(state) or is_left_open(state, plan, each) for each in act.conditions)
