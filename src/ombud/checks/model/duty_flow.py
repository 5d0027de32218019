"""Questions to the graph of a procedure: what can still be reached, which duties may be open, which can be done.

Duties are bits of one integer. Each act does the same to a duty wherever the duty stands, so that the bits evolve side
by side: one pass over the graph answers for all duties at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeVar

from ombud.checks.model.abstract_state import PENDING, State
from ombud.checks.model.graph import Graph, Move, Node, waives
from ombud.policy.model.duties import Duty
from ombud.policy.procedure import is_external
from ombud.policy.vocabulary import CLOCK, WITHDRAWALS

N = TypeVar("N", int, str)
Vector = tuple[int, int]  # duties that are open; duties triggered whose `where` is false
Step = tuple[int, Vector]
Going = tuple[int, Vector, bool]  # a way with one duty: and whether that is done ahead of its trigger
S = TypeVar("S")
Suspect = tuple[int, list[Move]]  # a node, and a way to it


def leading_to_end(graph: Graph, counts: Callable[[int, Move], bool]) -> set[int]:
    """Return the nodes from which moves that count lead to an end phase."""
    into: dict[int, list[int]] = {}
    for here, moves in enumerate(graph.moves):
        for move in moves:
            if counts(here, move):
                into.setdefault(move.target, []).append(here)
    alive = {node for node in range(len(graph.nodes)) if graph.is_end(node)}
    work = list(alive)
    while work:
        for before in into.get(work.pop(), ()):
            if before not in alive:
                alive.add(before)
                work.append(before)
    return alive


def bottoms(graph: Graph, dead: Collection[int], counts: Callable[[int, Move], bool]) -> Iterator[set[int]]:
    """Yield the groups of dead nodes that nothing that counts leads out of, nearest first."""
    ahead = {n: sorted({m.target for m in graph.moves[n] if counts(n, m)} & set(dead)) for n in dead}
    groups = components(ahead)
    for group in sorted(groups, key=min):
        if all(target in group for node in group for target in ahead[node]):
            yield group


def components(ahead: Mapping[N, list[N]]) -> list[set[N]]:
    """Return the strongly connected components (Kosaraju): nodes that lead to each other."""
    finished: list[N] = []
    seen: set[N] = set()
    behind: dict[N, list[N]] = {node: [] for node in ahead}
    for start in ahead:
        stack = [(start, iter(ahead[start]))] if start not in seen else []
        seen.add(start)
        while stack:
            node, rest = stack[-1]
            for target in rest:
                behind[target].append(node)
                if target not in seen:
                    seen.add(target)
                    stack.append((target, iter(ahead[target])))
                    break
            else:
                finished.append(node)
                stack.pop()
    groups: list[set[N]] = []
    taken: set[N] = set()
    for start in reversed(finished):
        if start in taken:
            continue
        group, work = {start}, [start]
        while work:
            for before in behind[work.pop()]:
                if before not in group and before not in taken:
                    group.add(before)
                    work.append(before)
        taken |= group
        groups.append(group)
    return groups


class Effect(NamedTuple):
    """What one move does to the duties, as masks."""

    done: int  # an open one is discharged (a recurring one is answered, but stays)
    closed: int  # no longer open
    ended: int  # not even waiting any more
    opened: int
    surely_opened: int  # opened without fail: not `early`, not skipped when past

    def or_else(self, other: Effect) -> Effect:
        """Return what one or the other may do."""
        return Effect(
            self.done | other.done,
            self.closed & other.closed,
            self.ended & other.ended,
            self.opened | other.opened,
            self.surely_opened & other.surely_opened,
        )


class DutyFlow:
    """The duties of one procedure on its graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.duties = list(graph.procedure.duties.values())
        self.chains = list(graph.procedure.chains.values())
        self.bit = {id: index for index, id in enumerate([*graph.procedure.duties, *graph.procedure.chains])}
        self.effects: dict[tuple[frozenset[str], bool], Effect] = {}
        self.same: dict[Effect, Effect] = {}  # each effect once, so that it is known by its identity
        self.joined: dict[tuple[int, int], Effect] = {}
        self._effects: list[list[Effect] | None] = [None] * len(graph.nodes)
        self.idle: dict[str, Suspect] | None = None  # see idle.py
        self.chain_bits = sum(1 << self.bit[chain.id] for chain in self.chains)
        self.ends = [graph.is_end(node) for node in range(len(graph.nodes))]
        self.pending = [self._pending(node) for node in graph.nodes]
        self.may_hold: list[int] = []
        self.surely_hold: list[int] = []
        self._hold()
        self.then = [(self.bit[d.id], self.bit[d.then]) for d in self.duties if d.then and d.then in self.bit]

    def _hold(self) -> None:
        """Find for every node the duties whose `where` may hold there, and those whose `where` surely holds."""
        slot = self.graph.space.slot
        reads = {part for duty in self.duties for part in self.graph.space.reads(duty.where)}
        slots = sorted(slot[part] for part in reads if part in slot)
        known: dict[tuple[int, ...], tuple[int, int]] = {}  # nodes that are alike in all that is read
        for node in self.graph.nodes:
            key = tuple([node.values[each] for each in slots])
            if key not in known:
                known[key] = self._conditions(node.values)
            may, surely = known[key]
            self.may_hold.append(may)
            self.surely_hold.append(surely)

    def _conditions(self, values: State) -> tuple[int, int]:
        may = surely = 0
        for duty in self.duties:
            can, cannot = self.graph.space.holds(duty.where, values)
            may |= can << self.bit[duty.id]
            surely |= (can and not cannot) << self.bit[duty.id]
        return may | self.chain_bits, surely | self.chain_bits

    def _pending(self, node: Node) -> int:
        """Return the approvals that are pending at a node."""
        found = 0
        for chain in self.chains:
            if node.values[self.graph.space.slot["chain", chain.id]] >= PENDING:
                found |= 1 << self.bit[chain.id]
        return found

    def effect(self, move: Move) -> Effect:
        """Return what a move does to the duties; the same object wherever it is the same."""
        key = (move.names, move.is_restart)
        found = self.effects.get(key)
        if found is None:
            made = self._effect(move)
            found = self.effects[key] = self.same.setdefault(made, made)
        return found

    def effects_of(self, node: int) -> list[Effect]:
        """Return what each of a node's moves does to the duties."""
        found = self._effects[node]
        if found is None:
            found = self._effects[node] = [self.effect(move) for move in self.graph.moves[node]]
        return found

    def _effect(self, move: Move) -> Effect:
        done = closed = ended = opened = surely = 0
        for duty in self.duties:
            bit = 1 << self.bit[duty.id]
            if move.names & set(duty.do):
                done |= bit
                closed |= 0 if duty.is_recurring else bit
            if move.names & set(duty.until):
                ended |= bit
            if move.names & set(duty.after):
                opened |= bit
                surely |= 0 if duty.early or duty.if_past == "skip" else bit
        ended |= self._waived(move)
        for chain in self.chains:
            bit = 1 << self.bit[chain.id]
            if move.act in chain.verdicts:
                done |= bit
            if move.act == chain.starts:
                ended |= bit  # a new run takes the place of the pending one, which nobody has decided
        return Effect(done, closed | ended, ended, opened, surely)

    def _waived(self, move: Move) -> int:
        """Return the duties that a move lifts: nobody has done them, and nobody owes them any more."""
        acts = self.graph.procedure.acts.values()
        lifted = {
            duty for act in acts for event, duties in waives(act).items() if event in move.names for duty in duties
        }
        return sum(1 << self.bit[duty] for duty in lifted)

    def after(self, here: int, move: Move, vector: Vector) -> Vector:
        """Return which duties may be open (and wait) after a move."""
        return self._after(move.target, self.effect(move), vector)

    def _after(self, target: int, effect: Effect, vector: Vector) -> Vector:
        if self.ends[target]:
            return 0, 0
        is_open, waiting = vector[0] & ~effect.closed, vector[1] & ~effect.ended
        owed = is_open | waiting | effect.opened
        for duty, then in self.then:
            owed |= (is_open >> duty & 1) << then
        return (owed & self.may_hold[target]) | self.pending[target], owed & ~self.surely_hold[target]

    def _merged(self, node: int, counts: Callable[[Move], bool] | None = None) -> list[tuple[int, Effect]]:
        """Return where a node's moves (those that count) lead, and all that any of them may do to the duties.

        What stays open, opens or is done by one of them may be so: seen from all ways together they are one move.
        """
        found: dict[int, Effect] = {}
        for move, effect in zip(self.graph.moves[node], self.effects_of(node), strict=True):
            if counts is None or counts(move):
                other = found.setdefault(move.target, effect)
                if other is not effect:
                    found[move.target] = self._either(other, effect)
        return list(found.items())

    def _either(self, one: Effect, other: Effect) -> Effect:
        """Return what one or the other effect may do; the same few meet again and again."""
        key = id(one), id(other)
        found = self.joined.get(key)
        if found is None:
            made = one.or_else(other)
            found = self.joined[key] = self.same.setdefault(made, made)
        return found

    @cached_property
    def edges(self) -> list[list[tuple[int, Effect]]]:
        """For every node where its moves lead, with all that any of them may do to the duties."""
        return [self._merged(node) for node in range(len(self.graph.nodes))]

    @cached_property
    def may_be_open(self) -> list[Vector]:
        """For every node the duties that some way leaves open (and waiting) there."""
        edges = self.edges
        held: list[Vector] = [(0, 0)] * len(self.graph.nodes)
        work = deque(range(len(self.graph.nodes)))
        queued = set(work)
        while work:
            here = work.popleft()
            queued.discard(here)
            before = held[here][0] & ~self.chain_bits, held[here][1]
            for target, effect in edges[here]:
                new = self._after(target, effect, before)
                old = held[target]
                if new[0] & ~old[0] or new[1] & ~old[1]:
                    held[target] = old[0] | new[0], old[1] | new[1]
                    if target not in queued:
                        queued.add(target)
                        work.append(target)
        return held

    @cached_property
    def can_ever_be_done(self) -> list[Vector]:
        """For every node the duties that, open (or waiting) there, can still be discharged by anybody."""
        return self.can_be_done()

    def can_be_done(self, counts: Callable[[Move], bool] | None = None) -> list[Vector]:
        """Return for every node the duties that, open (or waiting) there, can still be discharged by what counts."""
        edges: list[list[tuple[int, int, int, int]]] = []  # target, done, not closed, not ended
        into: dict[int, list[int]] = {}
        for here in range(len(self.graph.nodes)):
            counted = self.edges[here] if counts is None else self._merged(here, counts)
            edges.append([(target, each.done, ~each.closed, ~each.ended) for target, each in counted])
            for target, _ in counted:
                into.setdefault(target, []).append(here)
        may, unsure = self.may_hold, [~each for each in self.surely_hold]
        can: list[Vector] = [(0, 0)] * len(edges)
        work = deque(range(len(edges) - 1, -1, -1))
        queued = set(work)
        while work:
            here = work.popleft()
            queued.discard(here)
            is_open = waiting = 0
            for target, done, stays, waits in edges[here]:
                later = (can[target][0] & may[target]) | (can[target][1] & unsure[target])
                is_open |= done | (later & stays)
                waiting |= later & waits
            if (is_open, waiting) != can[here]:
                can[here] = is_open, waiting
                for before in into.get(here, ()):
                    if before not in queued:
                        queued.add(before)
                        work.append(before)
        return can

    def stuck(self) -> list[int]:
        """Return for every node the duties that may be open there and can never be done any more."""
        held, can = self.may_be_open, self.can_ever_be_done
        return [
            0 if self.ends[node] or node in self.graph.restless else held[node][0] & ~can[node][0]
            for node in range(len(self.graph.nodes))
        ]

    def held_up(self) -> list[int]:
        """Return for every node our running duties that wait there until an outsider, or the clock, has moved."""
        procedure, pack = self.graph.procedure, self.graph.pack

        def ours(move: Move) -> bool:
            act = procedure.acts.get(move.act)
            return not move.is_outsiders and move.act not in WITHDRAWALS and (act is None or set(act.by) != {CLOCK})

        held = self.may_be_open
        running = dict.fromkeys(procedure.phases, 0)
        for duty in self.duties:
            for phase in () if is_external(pack, procedure, duty.bearer) else running:
                running[phase] |= 0 if phase in duty.pause else 1 << self.bit[duty.id]

        def waits(node: int) -> bool:
            phase = self.graph.nodes[node].phase
            moving = any(ours(m) and self.graph.nodes[m.target].phase != phase for m in self.graph.moves[node])
            return not moving and not self.ends[node] and node not in self.graph.restless

        found = [
            held[node][0] & running[self.graph.nodes[node].phase] if waits(node) else 0
            for node in range(len(self.graph.nodes))
        ]
        if not any(found):
            return found  # nothing of ours runs where we can only wait
        can, alone = self.can_ever_be_done, self.can_be_done(ours)
        return [each & can[node][0] & ~alone[node][0] for node, each in enumerate(found)]

    def way_with(self, duty: str, goals: Collection[int]) -> Suspect | None:
        """Return the nearest of the nodes that can be reached with the duty open, and the way there.

        None if there is no such way, because the duty is always met already when it would open.
        """
        bit, early = 1 << self.bit[duty], self._early(duty)
        start: Going = (0, (0, 0), False)
        link: dict[Going, tuple[Going, Move]] = {}
        work = deque([start])
        seen = {start}
        while work:
            state = work.popleft()
            node, vector, is_ahead = state
            if node in goals and vector[0] & bit:
                return node, way_back(state, link)
            for move in self.graph.moves[node]:
                after = self.after(node, move, vector)
                new = after[0] & bit, after[1] & bit
                still_ahead = False
                if early is not None:
                    new, still_ahead = _if_early(early, move, vector, new, is_ahead)
                then = (move.target, new, still_ahead)
                if then not in seen:
                    seen.add(then)
                    link[then] = (state, move)
                    work.append(then)
        return None if early is not None else (min(goals), self.graph.path(min(goals)))

    def _early(self, duty: str) -> Duty | None:
        found = self.graph.procedure.duties.get(duty)
        return found if found is not None and found.early else None


def _if_early(duty: Duty, move: Move, was: Vector, new: Vector, is_ahead: bool) -> tuple[Vector, bool]:
    """Return the duty after a move, and whether it is done ahead of its next trigger: such a trigger opens nothing."""
    if is_ahead and not was[0] and move.names & set(duty.after):
        return (0, 0), False
    if move.names & set(duty.do):
        return new, not was[0]
    return new, is_ahead and not was[0]


def way_back(state: S, link: Mapping[S, tuple[S, Move]]) -> list[Move]:
    steps: list[Move] = []
    while state in link:
        state, move = link[state]
        steps.append(move)
    return steps[::-1]
