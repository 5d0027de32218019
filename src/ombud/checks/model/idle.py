"""Where a case can stand with nobody owing anything: the least sets of duties that ways leave open."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ombud.checks.model.duty_flow import DutyFlow, Effect, Step, Suspect, Vector, way_back
from ombud.checks.model.graph import Move
from ombud.policy.procedure import is_external

VECTORS_LIMIT = 60  # different least sets of duties kept per node
STEPS_LIMIT = 400_000


def first_idle(flows: DutyFlow, phase: str) -> Suspect | None:
    """Return the nearest node of a phase (and a way to it) at which a case can rest with no running duty."""
    if flows.idle is None:
        flows.idle = _by_phase(flows)
    return flows.idle.get(phase)


def _by_phase(flows: DutyFlow) -> dict[str, Suspect]:
    found: dict[str, Suspect] = {}
    left = {phase.id for phase in flows.graph.procedure.phases.values() if not phase.is_end and not phase.is_start}
    for node, steps in idle_nodes(flows):
        found.setdefault(flows.graph.nodes[node].phase, (node, steps))
        if left <= set(found):
            break
    return found


def counted(flows: DutyFlow) -> dict[str, int]:
    """Return for each phase the duties that keep a case from being forgotten while they are open there."""
    graph = flows.graph
    mask = dict.fromkeys(graph.procedure.phases, 0)
    for duty in flows.duties:
        if is_external(graph.pack, graph.procedure, duty.bearer) and not any(rung.act for rung in duty.breach):
            continue
        for phase in mask:
            if phase not in duty.pause:
                mask[phase] |= 1 << flows.bit[duty.id]
    return mask


def idle_nodes(flows: DutyFlow) -> Iterator[tuple[int, list[Move]]]:
    """Yield (node, way) for nodes at which a case can rest with no running duty, nearest first.

    With fewer duties open, never more are open later; so of all sets of duties that ways lead to a node with, only the
    least ones are followed.
    """
    graph, mask = flows.graph, counted(flows)
    least: dict[int, list[Vector]] = {0: [(0, 0)]}
    link: dict[Step, tuple[Step, Move]] = {}
    work = deque([(0, (0, 0))])
    for _ in range(STEPS_LIMIT):
        if not work:
            return
        state = work.popleft()
        node, vector = state
        if vector not in least[node]:
            continue
        if rests_idle(flows, node, vector, mask):
            yield node, way_back(state, link)
        for move, effect in zip(graph.moves[node], flows.effects_of(node), strict=True):
            new = least_after(flows, move.target, effect, vector)
            kept = least.setdefault(move.target, [])
            if any(not (a & ~new[0]) and not (b & ~(new[1] | new[0])) for a, b in kept) or len(kept) >= VECTORS_LIMIT:
                continue
            kept[:] = [each for each in kept if new[0] & ~each[0] or new[1] & ~(each[1] | each[0])]
            kept.append(new)
            link[move.target, new] = (state, move)
            work.append((move.target, new))


def rests_idle(flows: DutyFlow, node: int, vector: Vector, mask: dict[str, int]) -> bool:
    graph = flows.graph
    if graph.is_start(node) or graph.is_end(node) or node in graph.restless:
        return False
    return not vector[0] & mask[graph.nodes[node].phase] and not flows.pending[node]


def in_doubt(flows: DutyFlow, node: int, steps: list[Move]) -> list[str]:
    """Return the duties that would run at the end of a way if a `where` that cannot be told held."""
    mask = counted(flows)[flows.graph.nodes[node].phase]
    may, at = (0, 0), 0
    for move in steps:
        may = flows.after(at, move, may)
        at = move.target
    return [duty.id for duty in flows.duties if may[0] & mask & (1 << flows.bit[duty.id])]


def least_after(flows: DutyFlow, target: int, effect: Effect, vector: Vector) -> Vector:
    """Return the duties that are open for certain after a move."""
    if flows.ends[target]:
        return 0, 0
    owed = (vector[0] & ~effect.closed) | (vector[1] & ~effect.ended) | effect.surely_opened
    surely = flows.surely_hold[target]
    return owed & surely, owed & ~surely
