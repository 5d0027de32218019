"""Checks of what people outside may do to our clocks: outsider-restarts, silence-too-*, appeal-without-limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from ombud.checks.findings import Finding, finding
from ombud.checks.may_analysis import may_analysis
from ombud.checks.model.duty_flow import DutyFlow, Suspect, components
from ombud.checks.model.graph import Graph, Move
from ombud.checks.model.refinement import Refinement, way, way_to
from ombud.checks.wording import act_title, duty_title, phase_title, role_title
from ombud.policy.event_names import EventName
from ombud.policy.limitwords import limit_text
from ombud.policy.model.acts import Act, Power
from ombud.policy.model.duties import Duty
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import is_external, may_act_outside, outsiders_act, targets
from ombud.policy.vocabulary import MACHINES, NOBODY, WITHDRAWALS
from ombud.worktime import Unit

SHORTEST = 86_400  # seconds; a silence that means something, or an appeal, with less than a day is taken for a slip
LONGEST = 5 * 365 * 86_400  # a case that waits longer for somebody outside waits for ever
LENGTHS = {
    Unit.MINUTE: 60, Unit.HOUR: 3_600, Unit.WORKDAY: 86_400, Unit.DAY: 86_400,
    Unit.WEEK: 7 * 86_400, Unit.MONTH: 28 * 86_400, Unit.YEAR: 365 * 86_400,
}  # fmt: skip


def check_outsiders(views: Refinement) -> Iterator[Finding]:
    """Yield what people outside can do for ever, and what they have no time for, whatever the limits are."""
    yield from _restarts(views)
    yield from _unlimited_appeals(views)


def check_silences(pack: Pack, shortest: int = SHORTEST) -> Iterator[Finding]:
    """Yield the duties of outsiders whose silence means something in less than so many seconds, or after years.

    A time that nobody owes is nobody's silence: it may be as short as the policy wants its window.
    """
    for procedure in pack.procedures.values():
        for duty in procedure.duties.values():
            if is_external(pack, procedure, duty.bearer):
                if duty.bearer.kind != NOBODY:
                    yield from _short_silences(pack, procedure, duty, shortest)
                yield from _long_silences(pack, procedure, duty)


# -- outsider-restarts


class Harm(NamedTuple):
    """An act of an outsider that gives a duty its time anew."""

    act: Act
    duty: Duty


def _restarts(views: Refinement) -> Iterator[Finding]:
    """Yield the acts by which an outsider alone can put off a duty's end again and again."""
    space = views.space
    pack, procedure = space.pack, space.procedure
    for harm in _harms(pack, procedure):
        view = views.view(space.reads(harm.act.when)) if harm.act.id in may_analysis(space).happens else None
        if view is None:
            continue

        def endless(flows: DutyFlow, harm: Harm = harm) -> Suspect | None:
            return _endless(flows.graph, harm)

        proof = views.prove(view, endless)
        if proof is not None:
            yield finding(
                "outsider-restarts",
                variant="" if is_external(pack, procedure, harm.duty.bearer) else "ours",
                place=harm.act.at,
                clauses=[*harm.act.cite, *harm.duty.cite],
                witness=way(proof[0].graph, proof[1][1]),
                values={
                    "act": act_title(pack, procedure, harm.act.id),
                    "duty": duty_title(procedure, harm.duty.id),
                    "who": [role_title(pack, role) for role in harm.act.by if may_act_outside(pack, (role,))],
                },
            )


def _harms(pack: Pack, procedure: Procedure) -> Iterator[Harm]:
    """Yield what outsiders can put off: what they owe, and what we do, unless we owe it for their request alone."""
    for act in procedure.acts.values():
        if act.id in WITHDRAWALS or not may_act_outside(pack, act.by):
            continue
        extended = {power.duty for power in _endless_powers(act)} if act.starts is None else set()
        for duty in procedure.duties.values():
            is_owed_to_them = {EventName.of(name).head for name in duty.after} == {act.id}
            is_theirs = is_external(pack, procedure, duty.bearer)
            opens = {act.id, *act.outcomes} & set(duty.after) and (is_theirs or not is_owed_to_them)
            if duty.id in extended or opens:
                yield Harm(act, duty)


def _endless_powers(act: Act) -> list[Power]:
    """Return the powers of an act to extend a duty again and again: those without a cap."""
    return [power for power in act.affects if power.kind == "extend" and power.at_most is None]


def _endless(graph: Graph, harm: Harm) -> Suspect | None:
    """Return the nearest node from which outsiders alone can come back to it by way of the act, and that way twice."""
    alone = _moves_of_outsiders(graph, harm.act)
    ahead = {node: sorted({move.target for move in moves}) for node, moves in enumerate(alone)}
    for group in sorted(components(ahead), key=min):
        names = {name for node in group for move in alone[node] if move.target in group for name in move.names}
        if not _is_restarted(harm, names):
            continue
        for node in sorted(group):
            for move in alone[node]:
                if move.act == harm.act.id and move.target in group and _opens(harm, move):
                    circle = [move, *_way(alone, group, move.target, node)]
                    return node, [*graph.path(node), *circle, *circle]
    return None


def _moves_of_outsiders(graph: Graph, act: Act) -> list[list[Move]]:
    """Return for every node what outsiders may do there, or let happen by their silence.

    A graph leaves out what changes nothing in it.
    """
    pack, procedure, acts = graph.pack, graph.procedure, graph.procedure.acts
    able = {each.id for each in acts.values() if each.id not in WITHDRAWALS and may_act_outside(pack, each.by)}
    for duty in procedure.duties.values():
        if is_external(pack, procedure, duty.bearer):
            able |= {rung.act for rung in duty.breach if rung.act}
    found = [[move for move in moves if move.act in able] for moves in graph.moves]
    for node, moves in enumerate(found):
        if act.id in graph.acts[node] and not any(move.act == act.id for move in moves):
            moves.append(Move(act.id, frozenset({act.id}), node, True))
    return found


def _is_restarted(harm: Harm, names: set[str]) -> bool:
    """Return whether a circle of these events gives the duty its time anew, instead of leaving it as it is."""
    if any(power.duty == harm.duty.id for power in _endless_powers(harm.act)):
        return True
    is_closed = bool(names & {*harm.duty.do, *harm.duty.until})
    return is_closed or harm.duty.retrigger == "restart"


def _opens(harm: Harm, move: Move) -> bool:
    return bool(move.names & set(harm.duty.after)) or any(power.duty == harm.duty.id for power in harm.act.affects)


def _way(alone: list[list[Move]], group: set[int], start: int, goal: int) -> list[Move]:
    """Return the shortest way between two nodes of a group."""
    link: dict[int, tuple[int, Move]] = {}
    work, seen = deque([start]), {start}
    while goal not in seen:
        here = work.popleft()
        for move in alone[here]:
            if move.target in group and move.target not in seen:
                seen.add(move.target)
                link[move.target] = (here, move)
                work.append(move.target)
    steps: list[Move] = []
    while goal != start:
        goal, step = link[goal]
        steps.append(step)
    return steps[::-1]


# -- silence-too-short, silence-too-long


def _short_silences(pack: Pack, procedure: Procedure, duty: Duty, shortest: int) -> Iterator[Finding]:
    for rung in duty.breach:
        for limit in _lengths(duty.limit) if rung.act else ():
            if _passes_after(rung, limit) < shortest:
                yield _silence("silence-too-short", pack, procedure, duty, rung, limit)
                break


def _long_silences(pack: Pack, procedure: Procedure, duty: Duty) -> Iterator[Finding]:
    acting = [rung for rung in duty.breach if rung.act]
    for limit in _lengths(duty.limit) if acting else ():
        first = min(acting, key=lambda rung: _passes_after(rung, limit))
        if _passes_after(first, limit) > LONGEST:
            yield _silence("silence-too-long", pack, procedure, duty, first, limit)
            break


def _passes_after(rung: Rung, limit: Limit) -> int:
    """Return about how many seconds after the beginning of a limit a rung passes."""
    offset = _seconds(rung.offset) if rung.offset else 0
    return _seconds(limit) + (-offset if rung.is_before else offset)


def _silence(code: str, pack: Pack, procedure: Procedure, duty: Duty, rung: Rung, limit: Limit) -> Finding:
    return finding(
        code,
        place=duty.at,
        clauses=duty.cite,
        values={
            "duty": duty_title(procedure, duty.id),
            "limit": limit_text(limit, pack),
            "act": act_title(pack, procedure, rung.act or ""),
            "trigger": act_title(pack, procedure, duty.after[0]),
        },
    )


def _lengths(limit: Limit) -> Iterator[Limit]:
    """Yield every length that a limit may have; a date that others set has none."""
    if limit.length is not None:
        yield limit
    for each in (*limit.cases.values(), limit.otherwise):
        if each is not None:
            yield from _lengths(each)


def _seconds(limit: Limit) -> int:
    """Return about how long a limit is, by the clock on the wall; a working day is a day."""
    return limit.length * LENGTHS[limit.unit] if limit.length is not None and limit.unit is not None else 0


# -- appeal-without-limit


def _unlimited_appeals(views: Refinement) -> Iterator[Finding]:
    """Yield acts by which outsiders can open a matter again for just as long as nobody closes it."""
    space = views.space
    pack, procedure, may = space.pack, space.procedure, may_analysis(space)
    awaited = {EventName.of(name).head for duty in procedure.duties.values() for name in duty.do}
    for act in procedure.acts.values():
        is_free = act.id in may.happens and not _waits(act, procedure)
        if act.id in WITHDRAWALS or not is_free or not may_act_outside(pack, act.by):
            continue
        for phase in act.from_phases:
            leads = targets(procedure, act, phase) - {phase}
            is_over = procedure.phases[phase].is_end  # nobody owes anything any more, so nothing of it lapses
            closing = _closing(pack, procedure, phase)
            if (
                phase in may.at
                and (is_over or (closing and act.id not in awaited))
                and not procedure.phases[phase].is_start
                and any(not procedure.phases[each].is_end for each in leads)
            ):
                yield finding(
                    "appeal-without-limit",
                    variant="over" if is_over else "",
                    place=act.at,
                    clauses=act.cite,
                    witness=way_to(views, phase, *([act.id] if is_over else [closing[0].id])),
                    values={
                        "act": act_title(pack, procedure, act.id),
                        "phase": phase_title(procedure, phase),
                        "closing": [act_title(pack, procedure, each.id) for each in closing],
                    },
                )
                break


def _closing(pack: Pack, procedure: Procedure, phase: str) -> list[Act]:
    """Return the acts of our own by which a case can be closed at once from a phase, whatever time has passed."""
    return [act for act in procedure.acts.values() if phase in act.from_phases and _closes(pack, procedure, act)]


def _closes(pack: Pack, procedure: Procedure, act: Act) -> bool:
    is_ours = bool(set(act.by) - MACHINES) and not outsiders_act(pack, act.by)
    leads = [to for to in (act.to, *act.choices.values()) if to and to in procedure.phases]
    return (
        is_ours
        and act.id not in WITHDRAWALS
        and any(procedure.phases[to].is_end for to in leads)
        and not _waits(act, procedure)
    )


def _waits(act: Act, procedure: Procedure) -> bool:
    """Return whether a condition of the act has to do with time: a duty, or what the clock has done."""
    if act.when is None:
        return False
    asked = [procedure.acts.get(EventName.of(name).head) for name in act.when.acts]
    return bool(act.when.duties) or any(each is not None and set(each.by) <= MACHINES for each in asked)
