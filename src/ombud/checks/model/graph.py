"""The graph that a search leaves behind: abstract cases and the moves between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ombud.checks.model.abstract_state import Space, State
from ombud.policy.event_names import APPROVED, EventName, event_name
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import BACK, STAY


@dataclass(frozen=True, slots=True)
class Node:
    """One abstract case."""

    phase: str
    back: str | None
    values: State
    fired: tuple[str, ...] = ()  # automatic acts of the present step; a case at rest has none

    def place(self, written: str) -> str:
        """Return the phase that is meant where a rule leads to `written`, which may be `back` or `stay`."""
        if written == BACK:
            return self.back or self.phase
        return self.phase if written == STAY else written


class Move(NamedTuple):  # a graph has tens of thousands
    """What leads from one node to the next."""

    act: str  # an act's id, or CHAIN.approve / CHAIN.reject
    names: frozenset[str]  # the act and the outcomes that came with it
    target: int
    is_outsiders: bool  # only people outside the organisation may do it
    is_restart: bool = False  # an approval's run begins (again)


@dataclass(slots=True)
class Graph:
    """All nodes that can be reached, with their moves and the move that first led to each."""

    pack: Pack
    procedure: Procedure
    space: Space
    nodes: list[Node] = field(default_factory=list)
    moves: list[list[Move]] = field(default_factory=list)
    parent: list[tuple[int, Move] | None] = field(default_factory=list)
    loops: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)  # automatic act -> (node, acts fired)
    acts: list[set[str]] = field(default_factory=list)  # all that may be done at a node, also what changes nothing
    restless: set[int] = field(default_factory=set)  # nodes at which an automatic act is still to come

    def path(self, node: int) -> list[Move]:
        """Return the moves that first led to a node."""
        steps: list[Move] = []
        while (link := self.parent[node]) is not None:
            node = link[0]
            steps.append(link[1])
        return steps[::-1]

    def is_end(self, node: int) -> bool:
        return self.procedure.phases[self.nodes[node].phase].is_end

    def is_start(self, node: int) -> bool:
        return self.procedure.phases[self.nodes[node].phase].is_start


def events_of(moves: Sequence[Move]) -> list[str]:
    """Return the acts along a path, an outcome named where it says more than the act."""
    result = []
    for move in moves:
        outcomes = sorted(name for name in move.names if EventName.of(name).head == move.act and name != move.act)
        result.append(outcomes[0] if outcomes else move.act)
    return result


def waives(act: Act) -> dict[str, set[str]]:
    """Return the event with which an act lifts duties, and which: itself, or the approval that it starts."""
    lifted = {power.duty for power in act.affects if power.kind == "waive"}
    return {event_name(act.starts, APPROVED) if act.starts else act.id: lifted} if lifted else {}
