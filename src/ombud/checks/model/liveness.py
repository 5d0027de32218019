"""Which components still matter in a phase: those that something ahead may read before it is written again."""

from __future__ import annotations

from collections.abc import Collection

from ombud.checks.model.abstract_state import Component, Space
from ombud.policy.model.acts import Act
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import BACK, act_of, chain_of, decided_to, destinations, starters, targets, waits_in


def live_components(space: Space) -> dict[str, frozenset[Component]]:
    """Return for every phase the components that are read there or later.

    Whether one component matters has nothing to do with the others, so that the whole space answers for every view.
    """
    known = space.worked_out
    if "live" not in known:
        known["live"] = _live_components(space.whole)
    found: dict[str, frozenset[Component]] = known["live"]
    return found


def _live_components(space: Space) -> dict[str, frozenset[Component]]:
    procedure = space.procedure
    flow = phase_flow(procedure)
    active = active_duties(procedure, flow)
    live = {phase: frozenset(_read_in(space, phase, active[phase])) for phase in procedure.phases}
    grown = True
    while grown:
        grown = False
        for phase in procedure.phases:
            now = set(live[phase])
            for act, leads in flow[phase]:
                killed = _killed(space, act) if act else frozenset()
                for target in leads:
                    now |= live[target] - killed
            if now != live[phase]:
                live[phase], grown = frozenset(now), True
    return live


def phase_flow(procedure: Procedure) -> dict[str, list[tuple[Act | None, set[str]]]]:
    """Return for every phase what may happen there and where it may lead; None stands for an approval's step."""
    everywhere = set(procedure.phases)
    flow: dict[str, list[tuple[Act | None, set[str]]]] = {}
    for phase in procedure.phases:
        steps: list[tuple[Act | None, set[str]]] = []
        for act in procedure.acts.values():
            if phase in act.from_phases:
                # An approval that began again is decided wherever the case is, so going back may lead anywhere.
                leads = set(everywhere) if BACK in destinations(act) else targets(procedure, act, phase)
                for chain in procedure.chains.values():
                    if act in starters(procedure, chain):
                        leads |= decided_to(chain, phase)
                steps.append((act, leads))
        steps += [(None, decided_to(chain, phase)) for chain in procedure.chains.values()]
        flow[phase] = steps
    return flow


def active_duties(
    procedure: Procedure, flow: dict[str, list[tuple[Act | None, set[str]]]]
) -> dict[str, frozenset[str]]:
    """Return for every phase the duties that may have been triggered on the way there."""
    active: dict[str, frozenset[str]] = {phase: frozenset() for phase in procedure.phases}
    triggers = {
        act.id: frozenset(
            d.id for d in procedure.duties.values() if any(act_of(procedure, each) is act for each in d.after)
        )
        for act in procedure.acts.values()
    }
    by_chain = frozenset(d.id for d in procedure.duties.values() if any(chain_of(procedure, each) for each in d.after))
    grown = True
    while grown:
        grown = False
        for phase, steps in flow.items():
            for act, leads in steps:
                opened = (triggers[act.id] if act else frozenset()) | by_chain | active[phase]
                for target in leads:
                    if not procedure.phases[target].is_end and not opened <= active[target]:
                        active[target] |= opened
                        grown = True
    return active


def _read_in(space: Space, phase: str, active: Collection[str]) -> set[Component]:
    procedure = space.procedure
    found: set[Component] = set()
    for act in procedure.acts.values():
        if phase not in act.from_phases:
            continue
        found |= set(space.reads(act.when))
        if act.is_auto:
            found |= {("var", need) for need in act.needs}
        if act.choice:
            found.add(("var", act.choice))
        found |= {("duty", d.id) for d in procedure.duties.values() if any(r.act == act.id for r in d.breach)}
        for duty in procedure.duties.values():
            if any(act_of(procedure, name) is act for name in duty.after):
                found |= set(space.reads(duty.where))
        for chain in procedure.chains.values():
            if act in starters(procedure, chain):
                found |= _of_chain(space, chain.id)
    for duty_id in active:
        found |= set(space.reads(procedure.duties[duty_id].where))
    for chain in procedure.chains.values():
        begins = {each for act in starters(procedure, chain) for each in act.from_phases}
        if phase in begins | waits_in(procedure, chain):
            found |= _of_chain(space, chain.id)
    return found | {part for part in space.tracked if part[0] == "chain"}


def _of_chain(space: Space, chain: str) -> set[Component]:
    stages = space.procedure.chains[chain].stages
    return {("chain", chain)} | {part for stage in stages for part in space.reads(stage.where)}


def _killed(space: Space, act: Act) -> frozenset[Component]:
    """Return the components that the act surely writes anew, whatever they were."""
    facts = {*act.needs, *(each.fact for each in act.sets)}
    found: set[Component] = {("var", name) for name in facts}
    found |= {("done", act.id)} | {part for part in space.tracked if part[0] == "since" and act.id in part[1:]}
    found |= {("var", t.id) for t in space.pack.tables.values() if set(t.inputs) & facts and t.id not in space.derived}
    return frozenset(found)
