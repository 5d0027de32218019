"""Four eyes: who had a hand in an act in this round of the case, and so may not do what somebody else has to do.

A round begins with the case, and anew with an act by which an approval is made void (`resets`), where it is the
complainant's, somebody else's outside, or the machine's: our own people cannot free each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ombud.engine.model import IN_TIME, Event
from ombud.engine.program import ActPlan, ChainPlan
from ombud.engine.roles import is_outsider
from ombud.engine.state import PENDING, State
from ombud.policy.vocabulary import SYSTEM


def note_hands(state: State, plan: ActPlan, changed: set[str], event: Event) -> None:
    """Remember who performed an act that others must keep apart from, or changed a field that such an act needs."""
    watched, person, hands = state.program.watched, event.actor, event.hands
    if plan.resets is not None and (person == SYSTEM or is_outsider(state.program.pack, event.role)):
        state.round += 1
        state.hands.clear()
        state.performers.clear()
    if person == SYSTEM:
        return
    if plan.id in watched.recused and not is_outsider(state.program.pack, event.role):
        state.performers[plan.id] = _with(state.performers.get(plan.id, ()), hands)
    if plan.id in watched.acts:
        state.hands[plan.id] = _with(state.hands.get(plan.id, ()), hands)
    if not watched.fields.isdisjoint(changed):
        for name in watched.fields.intersection(changed):
            round, known = state.writers.get(name, (0, ()))
            others = tuple(each for each in known if each not in hands) if round == state.round else ()
            state.writers[name] = (state.round, (*others, *hands))


def _with(known: tuple[str, ...], hands: tuple[str, ...]) -> tuple[str, ...]:
    return (*known, *(each for each in hands if each not in known))


def hands_in(state: State, act: str) -> tuple[str, ...]:
    """Return everybody who performed the act in this round, or changed a field that it needs.

    Of a field that nobody has changed in this round it is whoever wrote what still stands there.
    """
    found = list(state.hands.get(act, ()))
    for name in state.program.watched.needs.get(act, ()):
        if name in state.writers:
            round, known = state.writers[name]
            found += known if round == state.round else known[-1:]
    return tuple(dict.fromkeys(found))


def to_recuse(state: State, acts: Iterable[str]) -> frozenset[str]:
    """Return everybody of our own who performed one of these acts in this round, the last and all before."""
    if state.schema < IN_TIME:
        return frozenset()
    return frozenset(person for act in acts for person in state.performers.get(act, ()))


def excluded_by(state: State, acts: Iterable[str]) -> dict[str, str]:
    """Return who had a hand in one of these acts, each with the first act that stands against them."""
    found: dict[str, str] = {}
    for act in acts:
        for person in hands_in(state, act):
            found.setdefault(person, act)
    return found


def excluded_from(state: State, chain: ChainPlan) -> Mapping[str, str]:
    """Return who may not decide on the present stage, each with the act that stands against them.

    Whoever approved an earlier stage of the run is out as well, unless the chain lets one person decide several.
    """
    found = excluded_by(state, chain.chain.distinct_from)
    run = state.runs.get(chain.id)
    if run is not None and run.status == PENDING and chain.chain.are_stages_distinct:
        found |= dict.fromkeys(run.givers, chain.chain.verdicts[0])
    return found


def take_over_hands(state: State) -> None:
    """Fill in, after a move to another version, the last actor of acts that only this version keeps apart."""
    for act in state.program.watched.acts - state.hands.keys():
        entry = state.log.get(act)
        if entry is not None and entry[3] != SYSTEM:
            state.hands[act] = (entry[3],)
