"""What a procedure's rules say together: where acts lead, where approvals wait, whose event it is, who stands outside.

Whoever asks one of these (loader, engine, checks, drawing, pages) asks here, so that all of them get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ombud.policy.event_names import EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import ACTOR, CLOCK, NOBODY, REASON

BACK, STAY = "back", "stay"  # written for a phase: the one that the case came from, the one where it is

Origins = Mapping[str, set[str]]  # phase -> the phases that a case may have left when it entered it


# -- where acts and approvals lead


def destinations(act: Act) -> tuple[str, ...]:
    """Return where the act's rule says that it leads: phases, `back`, `stay`; nothing where it says nothing."""
    return tuple(dict.fromkeys(act.choices.values() if act.choice else [act.to] if act.to else []))


def targets(procedure: Procedure, act: Act, here: str | None = None) -> set[str]:
    """Return the phases in which a case may stand after the act, `back` and staying resolved.

    `here` is the phase in which it is performed; without it, any phase that allows it.
    """
    starts = act.from_phases if here is None else (here,)
    origins = origins_of(procedure) if BACK in destinations(act) else {}
    return {there for phase in starts for there in led(act, phase, origins)}


def led(act: Act, here: str, origins: Origins) -> set[str]:
    """Return the phases in which a case may stand after the act was performed in the phase `here`."""
    return {there for written in destinations(act) or (STAY,) for there in resolved(written, here, origins)}


def resolved(written: str, here: str, origins: Origins) -> set[str]:
    """Return the phases that one destination of an act means for a case in the phase `here`."""
    if written == BACK:
        return origins.get(here) or {here}
    return {here if written == STAY else written}


def transits(procedure: Procedure) -> set[str]:
    """Return the phases that nobody ever sees a case in: an automatic act without a condition leaves them at once."""
    return {
        act.from_phases[0]
        for act in procedure.acts.values()
        if act.is_auto and act.when is None and len(act.from_phases) == 1
    }


def waits_in(procedure: Procedure, chain: Chain) -> set[str]:
    """Return the phases in which the approval is decided: those in which an act that starts it leaves the case."""
    return {phase for act in starters(procedure, chain) for phase in targets(procedure, act)}


def starters(procedure: Procedure, chain: Chain) -> list[Act]:
    """Return the acts that begin the approval: the chain's own, and others that say so themselves."""
    return [act for act in procedure.acts.values() if act.id == chain.starts or act.starts == chain.id]


def proposed(procedure: Procedure, chain: Chain) -> frozenset[str]:
    """Return the facts that are put up for approval, so that a change of one of them voids it."""
    return frozenset(fact for act in starters(procedure, chain) for fact in proposed_by(act))


def proposed_by(act: Act) -> frozenset[str]:
    """Return what an act that starts an approval puts up for it; not its reason, which every later act overwrites."""
    return frozenset(act.needs) - {REASON}


def decided_to(chain: Chain, here: str) -> set[str]:
    """Return the phases to which the approval, decided in the phase `here`, may lead."""
    return {chain.approved or here, chain.rejected or here}


def origins_of(procedure: Procedure) -> dict[str, set[str]]:
    """Return for each phase the phases that a case may have left when it entered it, which is where `back` leads.

    Going back is entering too, so that the answer is looked for until it no longer grows.
    """
    origins: dict[str, set[str]] = {phase: set() for phase in procedure.phases}
    size = -1
    while size != (size := sum(map(len, origins.values()))):
        for here, there in _moves(procedure, origins):
            if here != there:
                origins[there].add(here)
    return origins


def _moves(procedure: Procedure, origins: Origins) -> list[tuple[str, str]]:
    acts = procedure.acts
    moves = [(here, there) for act in acts.values() for here in act.from_phases for there in led(act, here, origins)]
    for chain in procedure.chains.values():
        begun = [(act, here) for act in starters(procedure, chain) for here in act.from_phases]
        waiting = {phase for act, here in begun for phase in led(act, here, origins)}
        moves += [(here, there) for here in waiting for there in decided_to(chain, here)]
    return moves


# -- events and their acts


def acts_of(procedure: Procedure, event: str) -> list[Act]:
    """Return the acts one of which is behind an event; behind anything of an approval are those that start it.

    The list is empty for what is no event of the procedure.
    """
    chain = chain_of(procedure, event)
    if chain is not None:
        return starters(procedure, chain)
    act = procedure.acts.get(EventName.of(event).head)
    return [act] if act else []


def act_of(procedure: Procedure, event: str) -> Act | None:
    """Return the act that this is, or of which it is an outcome; None for approvals and what is unknown."""
    return None if chain_of(procedure, event) else procedure.acts.get(EventName.of(event).head)


def chain_of(procedure: Procedure, event: str) -> Chain | None:
    """Return the approval that a verdict, an end or a stage belongs to; None for acts and their outcomes."""
    name = EventName.of(event)
    return procedure.chains.get(name.head) if name.is_of_approval else None


def first_acts(procedure: Procedure) -> list[Act]:
    """Return the acts with which the clock can begin a matter of this kind."""
    starts = {phase.id for phase in procedure.phases.values() if phase.is_start}
    return [act for act in procedure.acts.values() if CLOCK in act.by and starts & set(act.from_phases)]


def first_act(procedure: Procedure) -> str | None:
    """Return the act with which the clock begins a matter of this kind."""
    return next((act.id for act in first_acts(procedure)), None)


# -- the order of phases


def phase_order(procedure: Procedure) -> list[str]:
    """Return the phases from start to end: by the fewest acts from the start, ends last, else as written."""
    everywhere = acts_everywhere(procedure)
    acts = [act for act in procedure.acts.values() if act.id not in everywhere]
    depth = {phase.id: 0 for phase in procedure.phases.values() if phase.is_start}
    frontier = list(depth)
    while frontier:
        found = []
        for act in acts:
            sources = [depth[phase] for phase in act.from_phases if phase in depth]
            for there in destinations(act):
                if sources and there in procedure.phases and there not in depth:
                    depth[there] = min(sources) + 1
                    found.append(there)
        frontier = found
    order = list(procedure.phases)
    last = len(order) + 1
    return sorted(order, key=lambda id: (procedure.phases[id].is_end, depth.get(id, last), order.index(id)))


def acts_everywhere(procedure: Procedure) -> set[str]:
    """Return the acts that every open phase allows."""
    middle = {phase.id for phase in procedure.phases.values() if not phase.is_start and not phase.is_end}
    return {act.id for act in procedure.acts.values() if len(middle) > 2 and middle <= set(act.from_phases)}


# -- who stands outside


def is_external(pack: Pack, procedure: Procedure, bearer: Bearer) -> bool:
    """Return whether people outside the organisation owe the duty, by their role or for an act of theirs, or nobody."""
    if bearer.kind == NOBODY:
        return True
    if bearer.kind == ACTOR:
        return bearer.name in procedure.acts and outsiders_act(pack, procedure.acts[bearer.name].by)
    return bearer.kind == "role" and outsiders_act(pack, (bearer.name,))


def outsiders_act(pack: Pack, by: Iterable[str]) -> bool:
    """Return whether only people outside the organisation may perform an act by these roles."""
    roles = [pack.roles.get(role) for role in by]
    return bool(roles) and all(role is not None and role.is_external for role in roles)


def may_act_outside(pack: Pack, by: Iterable[str]) -> bool:
    """Return whether people outside the organisation may perform an act by these roles, if not they alone."""
    return any(role in pack.roles and pack.roles[role].is_external for role in by)
