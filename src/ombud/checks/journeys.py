"""Checks of what can happen to a case: unreachable, dead-end, undischargeable, idle-phase, auto-loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ombud.checks.explore import Graph, Move, events_of, explore
from ombud.checks.findings import Finding, finding
from ombud.checks.flows import Flows, bottoms, idle_nodes, leading_to_end
from ombud.checks.holders import is_outsiders
from ombud.checks.messages import phrase
from ombud.checks.wording import act_title, duty_title, path, phase_title, role_title
from ombud.policy.model import Act, Duty, Pack, Procedure, Text

WITHDRAW = "withdraw"  # the base act; a case must not depend on the complainant giving up


def check_journeys(pack: Pack) -> Iterator[Finding]:
    """Yield what is wrong with the ways that a case can take, procedure by procedure."""
    for procedure in pack.procedures.values():
        graph = explore(pack, procedure)
        yield from _loops(graph)
        yield from _unreachable(graph)
        yield from _dead_ends(graph)
        flows = Flows(graph)
        yield from _undischargeable(graph, flows)
        yield from _idle(graph, flows)


def way(graph: Graph, node: int) -> Text:
    """Return the shortest way to a node, in the titles of its acts."""
    return path([act_title(graph.procedure, name) for name in events_of(graph, graph.path(node))])


def act_clauses(procedure: Procedure, acts: Iterable[str]) -> tuple[str, ...]:
    """Return the clauses of some acts (or of their approvals)."""
    found: list[str] = []
    for name in acts:
        head = name.partition(".")[0]
        entry = procedure.acts.get(head) or procedure.chains.get(head)
        found += entry.cite if entry else ()
    return tuple(dict.fromkeys(found))


def _entering(procedure: Procedure, phase: str) -> list[str]:
    return [a.id for a in procedure.acts.values() if phase in (a.to, *a.choices.values())]


# -- auto-loop


def _loops(graph: Graph) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    for node, fired in graph.loops.values():
        if frozenset(fired) in seen:
            continue
        seen.add(frozenset(fired))
        act = graph.procedure.acts[fired[0]]
        yield finding(
            "auto-loop",
            variant="self" if len(fired) == 1 else "",
            place=act.at,
            clauses=act_clauses(graph.procedure, fired),
            witness=way(graph, node),
            values={"acts": [act_title(graph.procedure, each) for each in fired]},
        )


# -- unreachable


def _unreachable(graph: Graph) -> Iterator[Finding]:
    procedure = graph.procedure
    reached = {node.phase for node in graph.nodes}
    done = {move.act for moves in graph.moves for move in moves}
    for phase in procedure.phases.values():
        if phase.id not in reached:
            yield finding(
                "unreachable",
                variant="phase",
                place=phase.at,
                clauses=act_clauses(procedure, _entering(procedure, phase.id)),
                witness=_nearest(graph, _entering(procedure, phase.id)),
                values={"phase": phase_title(procedure, phase.id)},
            )
    for act in procedure.acts.values():
        if act.id not in done and set(act.from_phases) & reached:
            yield finding(
                "unreachable",
                variant=_act_variant(act, graph),
                place=act.at,
                clauses=act.cite,
                witness=_nearest(graph, [act.id]),
                values={
                    "act": act_title(procedure, act.id),
                    "phases": [phase_title(procedure, p) for p in act.from_phases if p in reached],
                    "guard": act.when.source if act.when else "",
                },
            )


def _act_variant(act: Act, graph: Graph) -> str:
    on_ladder = any(rung.act == act.id for duty in graph.procedure.duties.values() for rung in duty.breach)
    if set(act.by) <= {"clock"} and not on_ladder:
        return "no-rung"
    return "guard" if act.when else "act"


def _nearest(graph: Graph, acts: Iterable[str]) -> Text:
    """Return the way to where one of the acts would have to happen, if a case gets there at all."""
    wanted = {p for act in acts if act in graph.procedure.acts for p in graph.procedure.acts[act].from_phases}
    for index, node in enumerate(graph.nodes):
        if node.phase in wanted:
            return phrase("stops-at", way=way(graph, index), phase=phase_title(graph.procedure, node.phase))
    return phrase("no-way")


# -- dead-end


def backed_acts(pack: Pack, procedure: Procedure) -> set[str]:
    """Return the acts of outsiders that a duty with a ladder ending in an act stands behind."""
    return {
        name.partition(".")[0]
        for duty in procedure.duties.values()
        if is_outsiders(pack, procedure, duty) and ends_in_act(duty)
        for name in duty.do
    }


def ends_in_act(duty: Duty) -> bool:
    """Return whether the ladder does something itself in the end."""
    return any(rung.act for rung in duty.breach)


def _dead_ends(graph: Graph) -> Iterator[Finding]:
    backed = backed_acts(graph.pack, graph.procedure)

    def counts(move: Move) -> bool:
        return move.act != WITHDRAW and (not move.is_outsiders or move.act in backed)

    alive = leading_to_end(graph, counts)
    dead = [n for n in range(len(graph.nodes)) if n not in alive and n not in graph.restless]
    reported: set[frozenset[str]] = set()
    for group in bottoms(graph, dead, counts):
        phases = frozenset(graph.nodes[n].phase for n in group)
        if phases in reported:
            continue
        reported.add(phases)
        yield _dead_end(graph, min(group), sorted(phases, key=list(graph.procedure.phases).index), group)


def _dead_end(graph: Graph, node: int, phases: list[str], group: set[int]) -> Finding:
    procedure = graph.procedure
    outside = sorted({m.act for n in group for m in graph.moves[n] if m.is_outsiders and m.target not in group})
    who = [role for act in outside if act in procedure.acts for role in procedure.acts[act].by]
    blocked = [
        act.id
        for act in procedure.acts.values()
        if set(act.from_phases) & set(phases) and act.when and act.id not in {m.act for n in group for m in graph.moves[n]}
    ]
    here = graph.nodes[node].phase
    return finding(
        "dead-end",
        variant="outsider" if outside else ("guard" if blocked else ""),
        place=procedure.phases[here].at,
        clauses=act_clauses(procedure, outside or blocked or _entering(procedure, here)),
        witness=phrase("stops-at", way=way(graph, node), phase=phase_title(procedure, here)),
        values={
            "phases": [phase_title(procedure, each) for each in phases],
            "acts": [act_title(procedure, each) for each in outside or blocked],
            "who": [role_title(graph.pack, each) for each in dict.fromkeys(who)],
        },
    )



# -- undischargeable


def _undischargeable(graph: Graph, flows: Flows) -> Iterator[Finding]:
    procedure = graph.procedure
    stuck = flows.stuck()
    for duty in procedure.duties.values():
        nodes = [n for n in range(len(graph.nodes)) if stuck[n] >> flows.bit[duty.id] & 1]
        if not nodes:
            continue
        phases = list(dict.fromkeys(graph.nodes[n].phase for n in nodes))
        yield finding(
            "undischargeable",
            place=duty.at,
            clauses=duty.cite,
            witness=phrase("stops-at", way=_with_duty(graph, flows, duty, nodes), phase=phase_title(procedure, phases[0])),
            values={
                "duty": duty_title(procedure, duty.id),
                "phases": [phase_title(procedure, each) for each in phases],
                "acts": [act_title(procedure, each) for each in duty.do],
            },
        )
    for chain in procedure.chains.values():
        nodes = [n for n in range(len(graph.nodes)) if stuck[n] >> flows.bit[chain.id] & 1]
        if nodes:
            phases = list(dict.fromkeys(graph.nodes[n].phase for n in nodes))
            yield finding(
                "undischargeable",
                variant="chain",
                place=chain.at,
                clauses=chain.cite,
                witness=phrase("stops-at", way=way(graph, nodes[0]), phase=phase_title(procedure, phases[0])),
                values={
                    "chain": act_title(procedure, f"{chain.id}.approve"),
                    "phases": [phase_title(procedure, each) for each in phases],
                },
            )


def _with_duty(graph: Graph, flows: Flows, duty: Duty, nodes: Iterable[int]) -> Text:
    """Return the shortest way to one of the nodes on which the duty is open at the end."""
    steps = flows.way_with(duty.id, set(nodes))
    return path([act_title(graph.procedure, name) for name in events_of(graph, steps)])


# -- idle-phase


def _idle(graph: Graph, flows: Flows) -> Iterator[Finding]:
    procedure = graph.procedure
    seen: set[str] = set()
    for node, steps in idle_nodes(graph, flows):
        phase = graph.nodes[node].phase
        if phase in seen:
            continue
        seen.add(phase)
        leading = [name for name in events_of(graph, steps)][-1:]
        yield finding(
            "idle-phase",
            place=procedure.phases[phase].at,
            clauses=act_clauses(procedure, leading),
            witness=path([act_title(procedure, name) for name in events_of(graph, steps)]),
            values={
                "phase": phase_title(procedure, phase),
                "act": act_title(procedure, leading[0]) if leading else phrase("at-once"),
            },
        )
