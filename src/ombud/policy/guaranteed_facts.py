"""Which facts are there for certain when an act happens, whatever path led to it.

A must-analysis over the phases: facts are never taken away, so what every way into a phase
has needed or set is there. The handler is left out, since a new department clears it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Stage
from ombud.policy.model.guards import Guard
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import acts_of, destinations
from ombud.policy.vocabulary import HANDLER, LANGUAGE

Facts = frozenset[str]


class Guaranteed:
    """Answers what is known for certain at each act or outcome of a procedure."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.approving = {
            chain.approval: approving(chain.stages) for chain in procedure.chains.values()
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
                for target in destinations(act):
                    if target in self.at_phase:
                        yield target, facts
        for chain in self.procedure.chains.values():
            for event, to in ((chain.rejection, chain.rejected), (chain.approval, chain.approved)):
                if to is not None:
                    yield to, self.when(event)

    def _after(self, act: Act, before: Facts) -> Facts:
        known = before | set(act.needs)
        for setting in act.sets:
            if setting.fact != HANDLER and (setting.kind != "name" or setting.value in known):
                known |= {setting.fact}
        return known

    def when(self, event: str) -> Facts:
        """Return what is known once the act or outcome has happened."""
        acts = acts_of(self.procedure, event)
        ways = [self._after(act, self.at_phase[phase]) for act in acts for phase in act.from_phases]
        facts = frozenset.intersection(*ways) if ways else frozenset()
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
