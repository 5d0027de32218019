"""Which facts are there for certain when an act happens, whatever path led to it.

A must-analysis over the phases: facts are never taken away, so what every way into a phase
has needed or set is there. The handler is left out, since a new department clears it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ombud.policy.data import LANGUAGE
from ombud.policy.model import Act, Guard, Procedure, Stage
from ombud.policy.symbol_table import HANDLER

Facts = frozenset[str]


def targets(procedure: Procedure, act: Act) -> set[str]:
    """Return the phases where an act may lead, `back` and staying resolved."""
    if act.to is None and not act.choices:
        return set(act.from_phases)
    found: set[str] = set()
    for to in (act.to, *act.choices.values()):
        if to == "back":
            found |= _before(procedure, set(act.from_phases))
        elif to == "stay":
            found |= set(act.from_phases)
        elif to is not None:
            found.add(to)
    return found


def _before(procedure: Procedure, phases: set[str]) -> set[str]:
    """Return the phases that a case may have left when it entered one of `phases`."""
    return {
        phase
        for act in procedure.acts.values()
        if act.to in phases or phases & set(act.choices.values())
        for phase in act.from_phases
        if phase not in phases
    }


class Guaranteed:
    """Answers what is known for certain at each act or outcome of a procedure."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.approving = {
            f"{chain.id}.approved": approving(chain.stages) for chain in procedure.chains.values()
        }  # what approving has brought
        everything = frozenset(
            fact for act in procedure.acts.values() for fact in (*act.needs, *(setting.fact for setting in act.sets))
        ).union(*self.approving.values())
        starts = {phase.id for phase in procedure.phases.values() if phase.is_start}
        self.at_phase = {
            id: frozenset({LANGUAGE}) if id in starts else everything | {LANGUAGE} for id in procedure.phases
        }
        changed = True
        while changed:
            changed = False
            for phase, facts in self._moves():
                if not self.at_phase[phase] <= facts:
                    self.at_phase[phase] &= facts
                    changed = True

    def _moves(self) -> Iterator[tuple[str, Facts]]:
        """Yield each phase that an act or a chain leads to, with what is known on arriving by it.

        Going `back` adds no way in: whatever was known when the phase was left is known still.
        """
        for act in self.procedure.acts.values():
            for source in act.from_phases:
                facts = self._after(act, self.at_phase[source])
                for target in (act.to, *act.choices.values()):
                    if target in self.at_phase:
                        yield target, facts
        for chain in self.procedure.chains.values():
            for verdict, target in (("rejected", chain.rejected), ("approved", chain.approved)):
                if target is not None:
                    yield target, self.when(f"{chain.id}.{verdict}")

    def _after(self, act: Act, before: Facts) -> Facts:
        known = before | set(act.needs)
        for setting in act.sets:
            if setting.fact != HANDLER and (setting.kind != "name" or setting.value in known):
                known |= {setting.fact}
        return known

    def when(self, event: str) -> Facts:
        """Return what is known once the act or outcome has happened."""
        id, _, _ = event.partition(".")
        chain = self.procedure.chains.get(id)
        act = self.procedure.acts.get(chain.starts if chain else id)
        if act is None or not act.from_phases:
            return frozenset()
        facts = frozenset.intersection(*(self._after(act, self.at_phase[phase]) for phase in act.from_phases))
        return facts | self.approving.get(event, frozenset())


def approving(stages: Iterable[Stage]) -> Facts:
    """Return what has been brought once these stages are approved; one with a condition may have been skipped."""
    return frozenset(fact for stage in stages if stage.where is None for fact in stage.needs)


def known_by(guard: Guard | None) -> set[str]:
    """Return the facts whose presence a condition demands: known(x) and comparisons joined by `and`."""
    return set(_demanded(guard.tree)) if guard else set()


def _demanded(tree: ast.expr) -> Iterator[str]:
    match tree:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _demanded(value)
        case ast.Call(func=ast.Name(id="known"), args=[ast.Name(id=name)]):
            yield name
        case ast.Name(id=name):
            yield name
        case ast.Compare(left=left, comparators=[right]):
            # A comparison with an absent value is false, so a true one says that it is there.
            yield from (side.id for side in (left, right) if isinstance(side, ast.Name))
