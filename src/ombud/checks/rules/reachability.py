"""Checks of what can happen to a case: deadlock, unreachable, dead-end, undischargeable, idle-phase, auto-loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ombud.checks.authority import check_authority
from ombud.checks.deadlocks import check_deadlocks, deadlocks
from ombud.checks.findings import Finding, finding
from ombud.checks.may_analysis import may_analysis
from ombud.checks.messages import joined, phrase
from ombud.checks.model.abstract_state import OPEN, Component, Space
from ombud.checks.model.duty_flow import DutyFlow, Suspect, bottoms, leading_to_end
from ombud.checks.model.graph import Graph, Move, events_of
from ombud.checks.model.idle import first_idle, in_doubt
from ombud.checks.model.refinement import Refinement, way
from ombud.checks.model.sample_values import OTHER_WORD
from ombud.checks.outsiders import check_outsiders
from ombud.checks.pauses import check_pauses
from ombud.checks.wording import act_title, fact_title, fact_value, phase_title, role_title, title_of
from ombud.policy.event_names import EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import act_of, chain_of, destinations, is_external, may_act_outside
from ombud.policy.vocabulary import CLOCK, WITHDRAWALS
from ombud.texts import Text, same


def check_reachability(pack: Pack) -> Iterator[Finding]:
    """Yield what is wrong with the ways that a case can take, procedure by procedure."""
    for procedure in pack.procedures.values():
        views = Refinement(Space(pack, procedure))
        yield from check_deadlocks(views.space)
        yield from check_authority(views.space)
        yield from check_pauses(views)
        yield from check_outsiders(views)
        if next(views.all(), None) is None:
            values = {"title": title_of(procedure.title, procedure.id)}
            yield finding("unsearched", place=procedure.at, values=values)
            continue
        yield from _unreachable(views)
        yield from _loops(views)
        yield from _dead_ends(views)
        yield from _undischargeable(views)
        yield from _held_up(views)
        yield from _idle(views)


def act_clauses(procedure: Procedure, acts: Iterable[str]) -> tuple[str, ...]:
    """Return the clauses of some acts (or of their approvals)."""
    found: list[str] = []
    for name in acts:
        entry = chain_of(procedure, name) or act_of(procedure, name)
        found += entry.cite if entry else ()
    return tuple(dict.fromkeys(found))


def _entering(procedure: Procedure, phase: str) -> list[str]:
    return [a.id for a in procedure.acts.values() if phase in destinations(a)]


# -- auto-loop


def _loops(views: Refinement) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    for view in views.all():
        for fired in sorted({fired for _, fired in view.graph.loops.values()}):

            def looping(flows: DutyFlow, acts: frozenset[str] = frozenset(fired)) -> Suspect | None:
                nodes = [node for node, done in flows.graph.loops.values() if frozenset(done) == acts]
                return (min(nodes), flows.graph.path(min(nodes))) if nodes else None

            proof = views.prove(view, looping, at_rest=False) if frozenset(fired) not in seen else None
            if proof is None:
                continue
            seen.add(frozenset(fired))
            graph, (_, steps) = proof[0].graph, proof[1]
            yield finding(
                "auto-loop",
                variant="self" if len(fired) == 1 else "",
                place=graph.procedure.acts[fired[0]].at,
                clauses=act_clauses(graph.procedure, fired),
                witness=way(graph, steps),
                values={"acts": [act_title(graph.pack, graph.procedure, each) for each in fired]},
            )


# -- unreachable


def _unreachable(views: Refinement) -> Iterator[Finding]:
    pack = views.space.pack
    procedure = views.space.procedure
    graphs = [view.graph for view in views.all()]
    reached = set.intersection(*({node.phase for node in graph.nodes} for graph in graphs))
    done = set.intersection(*({act for acts in graph.acts for act in acts} for graph in graphs))
    for phase in procedure.phases.values():
        if phase.id not in reached:
            graph = next(graph for graph in graphs if phase.id not in {node.phase for node in graph.nodes})
            yield finding(
                "unreachable",
                variant="phase",
                place=phase.at,
                clauses=act_clauses(procedure, _entering(procedure, phase.id)),
                witness=_nearest(graph, _entering(procedure, phase.id)),
                values={"phase": phase_title(procedure, phase.id)},
            )
    told = {act for circle in deadlocks(views.space) for act in circle}
    for act in procedure.acts.values():
        if act.id not in done | told and set(act.from_phases) & reached:
            graph = next(graph for graph in graphs if not any(act.id in acts for acts in graph.acts))
            yield finding(
                "unreachable",
                variant=_act_variant(act, graph),
                place=act.at,
                clauses=act.cite,
                witness=_nearest(graph, [act.id]),
                values={
                    "act": act_title(pack, procedure, act.id),
                    "phases": [phase_title(procedure, p) for p in act.from_phases if p in reached],
                    "guard": act.when.source if act.when else "",
                    "facts": [fact_title(pack, each) for each in _own_facts(act)],
                },
            )


def _act_variant(act: Act, graph: Graph) -> str:
    on_ladder = any(rung.act == act.id for duty in graph.procedure.duties.values() for rung in duty.breach)
    if set(act.by) <= {CLOCK} and not on_ladder:
        return "no-rung"
    return ("own-sets" if _undoes_itself(act, graph) else "guard") if act.when else "act"


def _own_facts(act: Act) -> list[str]:
    """Return the facts of an act's condition that the act itself sets."""
    names = act.when.names if act.when else ()
    return [each.fact for each in act.sets if each.fact in names]


def _undoes_itself(act: Act, graph: Graph) -> bool:
    """Return whether the condition could hold if it were not judged with what the act sets."""
    may = may_analysis(graph.space)
    phases = [phase for phase in act.from_phases if phase in may.at]
    return bool(_own_facts(act)) and any(
        may.narrowed(act.when, may.before(act, phase)) is None
        and may.narrowed(act.when, may.before(act, phase, sets=False)) is not None
        for phase in phases
    )


def _nearest(graph: Graph, acts: Iterable[str]) -> Text:
    """Return the way to where one of the acts would have to happen, if a case gets there at all."""
    wanted = {p for act in acts if act in graph.procedure.acts for p in graph.procedure.acts[act].from_phases}
    for index, node in enumerate(graph.nodes):
        if node.phase in wanted:
            return phrase("stops-at", way=way(graph, graph.path(index)), phase=phase_title(graph.procedure, node.phase))
    return phrase("no-way-in" if wanted else "no-way")


# -- dead-end


def _dead_groups(flows: DutyFlow) -> Iterator[set[int]]:
    """Yield the groups of nodes that a case cannot leave towards an end as long as outsiders are silent."""
    graph, counts = flows.graph, _without_outsiders(flows.graph)
    alive = leading_to_end(graph, counts)
    dead = [n for n in range(len(graph.nodes)) if n not in alive and n not in graph.restless]
    yield from bottoms(graph, dead, counts)


def _without_outsiders(graph: Graph) -> Callable[[int, Move], bool]:
    """Return what tells the moves that happen though outsiders are silent; giving up is no way on."""
    owed = _owed_by_outsiders(graph)
    return lambda here, move: move.act not in WITHDRAWALS and not _is_awaited(graph, owed, here, move)


def _owed_by_outsiders(graph: Graph) -> dict[str, list[int]]:
    """Return for each act that outsiders owe the slots of these duties, which are remembered for their ladders."""
    found: dict[str, list[int]] = {}
    for duty in graph.procedure.duties.values():
        slot = graph.space.slot.get(("duty", duty.id))
        if slot is not None and is_external(graph.pack, graph.procedure, duty.bearer):
            for name in duty.do:
                found.setdefault(EventName.of(name).head, []).append(slot)
    return found


def _is_awaited(graph: Graph, owed: dict[str, list[int]], here: int, move: Move) -> bool:
    """Return whether a move needs somebody outside: who alone may do it, or owes it, whoever types it in."""
    values = graph.nodes[here].values
    return move.is_outsiders or any(values[slot] == OPEN for slot in owed.get(move.act, ()))


def _phases(graph: Graph, group: Iterable[int]) -> frozenset[str]:
    return frozenset(graph.nodes[node].phase for node in group)


def _dead_ends(views: Refinement) -> Iterator[Finding]:
    reported: set[str] = set()
    order = list(views.space.procedure.phases)
    for view in views.all():
        for phases in dict.fromkeys(_phases(view.graph, group) for group in _dead_groups(view)):
            if phases & reported:
                continue

            def stuck(flows: DutyFlow, phases: frozenset[str] = phases) -> Suspect | None:
                groups = [g for g in _dead_groups(flows) if _phases(flows.graph, g) & phases]
                return (min(groups[0]), flows.graph.path(min(groups[0]))) if groups else None

            proof = views.prove(view, stuck)
            if proof is None:
                continue
            flows, (node, _) = proof
            group = next(g for g in _dead_groups(flows) if node in g)
            reported |= phases | _phases(flows.graph, group)
            yield _dead_end(flows.graph, node, sorted(_phases(flows.graph, group), key=order.index), group)


def _dead_end(graph: Graph, node: int, phases: list[str], group: set[int]) -> Finding:
    pack = graph.pack
    procedure = graph.procedure
    owed = _owed_by_outsiders(graph)
    leaving = [(n, m) for n in group for m in graph.moves[n] if m.target not in group and m.act not in WITHDRAWALS]
    outside = sorted({move.act for here, move in leaving if _is_awaited(graph, owed, here, move)})
    who = [role for act in outside for role in procedure.acts[act].by if may_act_outside(pack, (role,))]
    blocked = [
        act.id
        for act in procedure.acts.values()
        if set(act.from_phases) & set(phases) and act.when and not any(act.id in graph.acts[n] for n in group)
    ]
    here = graph.nodes[node].phase
    return finding(
        "dead-end",
        variant="outsider" if outside else ("guard" if blocked else ""),
        place=procedure.phases[here].at,
        clauses=act_clauses(procedure, outside or blocked or _entering(procedure, here)),
        witness=phrase(
            "stops-in-case",
            way=way(graph, graph.path(node)),
            phase=phase_title(procedure, here),
            case=_kind(graph, node, group),
        ),
        values={
            "phases": [phase_title(procedure, each) for each in phases],
            "acts": [act_title(pack, procedure, each) for each in outside or blocked],
            "who": [role_title(graph.pack, each) for each in dict.fromkeys(who)],
        },
    )


def _kind(graph: Graph, node: int, group: set[int]) -> Text:
    """Return the facts that all cases of a group have and those in the same phase that can go on have not, if any."""
    here, parts = graph.nodes[node], []
    alive = leading_to_end(graph, _without_outsiders(graph))
    others = [graph.nodes[each] for each in alive if graph.nodes[each].phase == here.phase]
    for (kind, *names), slot in graph.space.slot.items():
        value = here.values[slot]
        is_shared = all(graph.nodes[each].values[slot] == value for each in group)
        if kind == "var" and value and is_shared and any(each.values[slot] != value for each in others):
            real = graph.space.domains[kind, names[0]][value]
            words = phrase("any-other") if real == OTHER_WORD else fact_value(graph.pack, names[0], real)
            parts.append(phrase("is", title=fact_title(graph.pack, names[0]), values=[words]))
    return phrase("in-case", case=joined(parts, "comma")) if parts else same("")


# -- undischargeable


def _undischargeable(views: Refinement) -> Iterator[Finding]:
    for flows, found, name in _owed_in_vain(views, lambda view: view.stuck()):
        yield _never_done(flows, found, name)


def _held_up(views: Refinement) -> Iterator[Finding]:
    for flows, (node, steps), name in _owed_in_vain(views, lambda view: view.held_up()):
        graph = flows.graph
        duty = graph.procedure.duties[name]
        here = graph.nodes[node].phase
        yield finding(
            "outsider-holds-clock",
            place=duty.at,
            clauses=duty.cite,
            witness=phrase("stops-at", way=way(graph, steps), phase=phase_title(graph.procedure, here)),
            values={"duty": title_of(duty.title, name), "phase": phase_title(graph.procedure, here)},
        )


def _owed_in_vain(views: Refinement, masks: Callable[[DutyFlow], list[int]]) -> Iterator[tuple[DutyFlow, Suspect, str]]:
    """Yield the duties that the masks show, each once, with a way to where it is owed."""
    reported: set[str] = set()
    for view in views.all():
        shown = masks(view)
        for name, bit in view.bit.items():
            if name in reported or not any(each >> bit & 1 for each in shown):
                continue

            def owed(flows: DutyFlow, name: str = name, bit: int = bit) -> Suspect | None:
                goals = {node for node, each in enumerate(masks(flows)) if each >> bit & 1}
                return flows.way_with(name, goals) if goals else None

            def doubts(flows: DutyFlow, found: Suspect, name: str = name) -> list[Component]:
                duty = flows.graph.procedure.duties.get(name)
                return flows.graph.space.unsure(duty.where, flows.graph.nodes[found[0]].values) if duty else []

            proof = views.prove(view, owed, doubts)
            if proof is not None:
                reported.add(name)
                yield *proof, name


def _never_done(flows: DutyFlow, found: Suspect, name: str) -> Finding:
    graph, (node, steps) = flows.graph, found
    pack = graph.pack
    procedure, bit = graph.procedure, flows.bit[name]
    nodes = [n for n, each in enumerate(flows.stuck()) if each >> bit & 1]
    phases = list(dict.fromkeys([graph.nodes[node].phase, *(graph.nodes[n].phase for n in nodes)]))
    duty, chain = procedure.duties.get(name), procedure.chains.get(name)
    entry = duty or chain
    assert entry is not None, "what can be owed is a duty or an approval"
    return finding(
        "undischargeable",
        variant="" if duty else "chain",
        place=entry.at,
        clauses=entry.cite,
        witness=phrase("stops-at", way=way(graph, steps), phase=phase_title(procedure, graph.nodes[node].phase)),
        values={
            "duty": title_of(entry.title, name),
            "phases": [phase_title(procedure, each) for each in phases],
            "acts": [act_title(pack, procedure, each) for each in duty.do] if duty else [],
        },
    )


# -- idle-phase


def _idle(views: Refinement) -> Iterator[Finding]:
    pack = views.space.pack
    procedure = views.space.procedure
    start = views.view([])
    if start is None:
        return
    for phase in procedure.phases:

        def idle(flows: DutyFlow, phase: str = phase) -> Suspect | None:
            return first_idle(flows, phase)

        proof = views.prove(start, idle, _undecided)
        if proof is None:
            continue
        graph, (_, steps) = proof[0].graph, proof[1]
        leading = events_of(steps)[-1:]
        yield finding(
            "idle-phase",
            place=procedure.phases[phase].at,
            clauses=act_clauses(procedure, leading),
            witness=way(graph, steps),
            values={
                "phase": phase_title(procedure, phase),
                "act": act_title(pack, procedure, leading[0]) if leading else phrase("at-once"),
            },
        )


def _undecided(flows: DutyFlow, found: Suspect) -> list[Component]:
    """Return what is missing to know whether some duty runs where none seems to."""
    space = flows.graph.space
    for name in in_doubt(flows, *found):
        unknown = [part for part in space.reads(flows.graph.procedure.duties[name].where) if part not in space.slot]
        if unknown:
            return unknown
    return []
