"""The graph of everything that can happen to a case, as far as its guards can tell.

A node is an abstract case: its phase, the phase that `back` leads to, and one value for every component that a guard
reads (see abstract_state.py). A move is an act (or an approval's step) with all that it brings about. Breadth first, so
that the first way to a node is a shortest one. What no act ahead can read any more is forgotten, which keeps the graph
small. A guard that reads what the space does not remember counts as open: more can happen here than in truth, never
less.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice, product

from ombud.checks.codes import Codes, Step, Steps
from ombud.checks.may_analysis import may_analysis
from ombud.checks.model.abstract_state import APPROVED, NONE, OPEN, PENDING, SILENT, WAITING, Space, State
from ombud.checks.model.approvals import chain_statuses, pending_stage, proposed_in, stages_asked
from ombud.checks.model.graph import Graph, Move, Node, waives
from ombud.checks.model.liveness import live_components
from ombud.checks.model.writes import Mark, Writing, chosen, marks, read_slots
from ombud.policy.cross_case import acts_of_others
from ombud.policy.event_names import event_name
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import BACK, STAY, destinations, outsiders_act, waits_in
from ombud.policy.vocabulary import CLOCK, MACHINES, WITHDRAWALS

NODE_LIMIT = 6_000
TRIED = 200  # cases kept side by side when a way is tried out


class TooLarge(Exception):
    """The graph has more nodes than can be searched in good time."""


def explore(space: Space, *, limit: int = NODE_LIMIT) -> Graph:
    """Return the graph of a procedure, as seen through what the space remembers."""
    return Explorer(space.pack, space.procedure, space, limit).run()


class Explorer:
    """Performs acts on abstract cases, and builds the graph."""

    def __init__(self, pack: Pack, procedure: Procedure, space: Space, limit: int = NODE_LIMIT) -> None:
        self.pack, self.procedure, self.space, self.limit = pack, procedure, space, limit
        self.graph = Graph(pack, procedure, space)
        self.index: dict[int | tuple[int, tuple[str, ...]], int] = {}  # of codes, with the automatic acts just done
        never = may_analysis(space).never
        self.acts = [act for act in procedure.acts.values() if not act.is_auto and act.id not in never]
        self.autos = [act for act in procedure.acts.values() if act.is_auto and act.id not in never]
        self.going_back = {act.id for act in procedure.acts.values() if BACK in destinations(act)}
        self.keeps_back = {phase for act in self.going_back for phase in procedure.acts[act].from_phases}
        self.waits = {chain.id: waits_in(procedure, chain) for chain in procedure.chains.values()}
        writing = Writing(space)
        self.writes = {act.id: writing.of_act(act) for act in procedure.acts.values()}
        self.brings = {c.id: [writing.of_stage(c, each) for each in c.stages] for c in procedure.chains.values()}
        self.ladders = {
            act.id: [d for d in procedure.duties.values() if any(rung.act == act.id for rung in d.breach)]
            for act in procedure.acts.values()
        }
        self.stage_acts = {
            rung.act for chain in procedure.chains.values() for s in chain.stages for rung in s.breach if rung.act
        }
        self.foreign_acts = acts_of_others(procedure, space.pack)
        self.duty_parts = [part for part in space.tracked if part[0] == "duty" and part[1] in procedure.duties]
        self.dead = {
            phase: [slot for slot, part in enumerate(space.tracked) if part not in live]
            for phase, live in live_components(space).items()
        }
        self.acts_in = {p: [a for a in self.acts if p in a.from_phases] for p in procedure.phases}
        self.autos_in = {p: [a for a in self.autos if p in a.from_phases] for p in procedure.phases}
        self.marks: dict[frozenset[str], list[Mark]] = {}
        # What duties react to.
        self.heard = {n for duty in procedure.duties.values() for n in (*duty.do, *duty.until, *duty.after)}
        self.heard |= {event for act in procedure.acts.values() for event in waives(act)}
        self.inert = {act.id for act in self.acts if self._is_inert(act)}
        self.verdicts = {verdict for chain in procedure.chains.values() for verdict in chain.verdicts}
        self.told_apart = self.verdicts | WITHDRAWALS
        self.codes, self.at = Codes(space), list[int]()  # the code of each node
        # A step changes little and looks at little: cases that are alike in that are worked out once, and views that
        # remember the same of what a step looks at share the work.
        entries: list[Act | Chain] = [*procedure.acts.values(), *procedure.chains.values()]
        self.steps = {entry.id: self._steps(entry) for entry in entries}
        self.alive = [self.codes.alive(phase, self.dead[phase], phase in self.keeps_back) for phase in procedure.phases]
        self.steps_in = {
            p: [self.steps[a.id] for a in self.acts_in[p] if a.id not in self.inert] for p in procedure.phases
        }
        self.verdict_steps = [self.steps[chain] for chain in procedure.chains]
        self.inert_in = {p: [a for a in self.acts_in[p] if a.id in self.inert] for p in procedure.phases}

    def run(self) -> Graph:
        """Search from the empty case in its start phase."""
        graph = self.graph
        for phase in self.procedure.phases.values():
            if phase.is_start:
                self._number(self._forget(Node(phase.id, None, self.space.empty())))
        work = deque(range(len(graph.nodes)))
        while work:
            here = work.popleft()
            before = len(graph.nodes)
            self._leave(here)
            work.extend(range(before, len(graph.nodes)))
            if len(graph.nodes) > self.limit:
                raise TooLarge
        return graph

    def _number(self, node: Node) -> int:
        """Return the number of a node, a new one if it is new."""
        return self._at(self.codes.code(node), node.fired, node)

    def _at(self, code: int, fired: tuple[str, ...], node: Node | None = None) -> int:
        key = (code, fired) if fired else code
        found = self.index.get(key)
        if found is None:
            found = self.index[key] = len(self.graph.nodes)
            self.graph.nodes.append(node or self.codes.node(code))
            self.at.append(code)
            self.graph.moves.append([])
            self.graph.acts.append(set())
            self.graph.parent.append(None)
        return found

    def _leave(self, here: int) -> None:
        """Find where the moves from a node lead; of those that come to the same for all checks the first counts."""
        graph, node = self.graph, self.graph.nodes[here]
        seen: set[tuple[int, int]] = set()
        auto = self._automatic(node)
        if auto is not None:
            graph.restless.add(here)
            if auto.id not in node.fired:
                for result, move in self._perform(node, auto):
                    step = self._step(move)
                    self._go(here, step, self._number(self._settle(result, (*node.fired, auto.id))), seen)
                return
            graph.loops.setdefault(auto.id, (here, node.fired[node.fired.index(auto.id) :]))
        code, alive, index = self.at[here], self.alive, self.index
        acts = graph.acts[here]
        acts |= {act.id for act in self.inert_in[node.phase] if self.space.holds(act.when, node.values)[0]}
        perhaps = [self.steps[act.id] for act in self._perhaps_automatic(node)] if self.autos_in[node.phase] else ()
        for entry in (*self.steps_in[node.phase], *perhaps, *self.verdict_steps):
            key = code & entry.mask
            found = entry.known.get(key)
            if found is None:
                found = entry.known[key] = self._found(entry, node)
            for step in found:
                target_code = ((code & step.keep) | step.bits) & alive[step.phase]
                target = index.get(target_code)
                if target is None:
                    target = self._at(target_code, ())
                acts.add(step.act)
                mark = (target, step.kind)
                if mark not in seen and (target != here or step.is_heard):
                    self._go(here, step, target, seen)

    def _go(self, here: int, step: Step, target: int, seen: set[tuple[int, int]]) -> None:
        """Note a move, and that the node which it leads to was first reached by it."""
        graph = self.graph
        graph.acts[here].add(step.act)
        if (target, step.kind) in seen or (target == here and not step.is_heard):
            return
        seen.add((target, step.kind))
        move = Move(step.act, step.names, target, step.is_outsiders, step.is_restart)
        graph.moves[here].append(move)
        if graph.parent[target] is None and target > here:
            graph.parent[target] = (here, move)

    def _steps(self, entry: Act | Chain) -> Steps:
        """Return what is known of an act, or a verdict on an approval: nothing yet, unless another view has asked."""
        slots = sorted(self._touched(entry))
        parts = tuple(self.space.tracked[slot] for slot in slots)
        known: dict[int, list[Step]] = self.space.worked_out.setdefault((entry.id, parts), {})
        mask = self.codes.mask(slots) | self.codes.phase_mask
        if entry.id in self.going_back:
            mask |= self.codes.back_mask
        return Steps(entry, slots, mask, known)

    def _found(self, steps: Steps, node: Node) -> list[Step]:
        """Return what an act, or a verdict, makes of all cases that are alike in what it reads or writes."""
        entry, rest = steps.entry, Node(node.phase, node.back, node.values)
        if isinstance(entry, Act):
            led = self._perform(rest, entry) if self._is_possible(rest, entry) else iter(())
        else:
            led = self._decide(rest, entry)
        found: dict[Step, None] = {}
        for result, move in led:
            keep, bits = self.codes.change(rest.phase, result, steps.slots)
            found[self._step(move, self.codes.phases[result.phase], keep, bits)] = None
            if len(found) > self.limit:
                raise TooLarge
        return list(found)

    def _step(self, move: Move, phase: int = 0, keep: int = 0, bits: int = 0) -> Step:
        """Return a move as a step, with the number of its kind: moves of a kind do the same to everything checked."""
        names = move.names & self.heard
        told = move.act if move.is_outsiders or move.act in self.told_apart else ""
        kinds: dict[object, int] = self.space.worked_out.setdefault("kinds", {})
        kind = kinds.setdefault((names, move.is_outsiders, told, move.is_restart), len(kinds))
        is_heard = bool(names) or move.act in self.verdicts
        return Step(phase, keep, bits, kind, is_heard, move.act, move.names, move.is_outsiders, move.is_restart)

    def _touched(self, entry: Act | Chain) -> set[int]:
        """Return the slots that an act, or a verdict on an approval, reads or writes."""
        chains = self.procedure.chains.values()
        names = {name for chain in chains for name in (chain.approval, chain.rejection, *chain.verdicts)}
        if isinstance(entry, Act):
            writes, names = self.writes[entry.id], names | {entry.id, *entry.outcomes}
        else:
            writes = [write for stage in self.brings[entry.id] for write in stage]
        marked = {slot for slot, _, _ in self._marks(frozenset(names))}
        return read_slots(self.space, entry) | {slot for slot, _, _ in writes} | marked

    def _forget(self, node: Node) -> Node:
        values = list(node.values)
        for slot in self.dead[node.phase]:
            values[slot] = 0
        return Node(node.phase, node.back if node.phase in self.keeps_back else None, tuple(values), node.fired)

    def _is_inert(self, act: Act) -> bool:
        """Return whether an act changes nothing that is remembered: it may happen, and that is all."""
        if act.to or act.choice or act.starts or act.resets or act.by == (CLOCK,) or act.id in self.heard:
            return False
        if outsiders_act(self.pack, act.by) or self.writes[act.id] or self._marks(frozenset({act.id})):
            return False
        touched = {*act.needs, *act.may, *(each.fact for each in act.sets)}
        return not any(
            chain.starts == act.id or proposed_in(self.space, chain) & touched
            for chain in self.procedure.chains.values()
        )

    def follow(self, steps: Sequence[tuple[Move, str]], *, at_rest: bool) -> int | None:
        """Try a way, given as moves and the phases that they lead to; return the step at which it fails, or None.

        Everything that the space remembers counts; facts are chosen freely, and automatic acts come when they must.
        With `at_rest`, a way fails after its last step if an automatic act must still come there.
        """
        cases = [Node(p.id, None, self.space.empty()) for p in self.procedure.phases.values() if p.is_start]
        for number, (wanted, phase) in enumerate(steps):
            found: dict[Node, None] = {}
            for node in cases:
                for result, move in islice(self._moves_of(node, wanted.act), self.limit):
                    if move.act == wanted.act and result.phase == phase and move.names == wanted.names:
                        found[result] = None
            cases = list(found)[:TRIED]
            if not cases:
                return number
        return None if not at_rest or any(self._automatic(node) is None for node in cases) else len(steps)

    def _moves_of(self, node: Node, act_id: str) -> Iterator[tuple[Node, Move]]:
        """Yield the results of one act, automatic acts that are due before it done first."""
        for _ in range(len(self.autos) + 1):
            auto = self._automatic(node)
            if auto is None or auto.id == act_id or auto.id in node.fired:
                break
            led = next(self._perform(node, auto), None)
            if led is None:
                break
            node = self._settle(led[0], (*node.fired, auto.id))
        rest = Node(node.phase, node.back, node.values)
        act = self.procedure.acts.get(act_id)
        if act is None:
            for chain in self.procedure.chains.values():
                for result, move in self._decide(rest, chain):
                    yield self._settle(result, ()), move
        elif node.phase in act.from_phases and self._is_possible(rest, act):
            for result, move in self._perform(rest, act):
                yield self._settle(result, (act.id,) if act.is_auto else ()), move

    def _settle(self, node: Node, fired: tuple[str, ...]) -> Node:
        node = self._forget(Node(node.phase, node.back, node.values, fired))
        return node if fired and self._automatic(node) else Node(node.phase, node.back, node.values)

    def _automatic(self, node: Node) -> Act | None:
        """Return the automatic act that surely comes next: the first that may, those already done last."""
        able = [act for act in self.autos_in[node.phase] if self._enabled(node, act) == (True, False)]
        fresh = [act for act in able if act.id not in node.fired]
        return fresh[0] if fresh else (able[0] if able and node.fired else None)

    def _perhaps_automatic(self, node: Node) -> list[Act]:
        """Return the automatic acts that may come or not, for all that is remembered."""
        return [act for act in self.autos_in[node.phase] if self._enabled(node, act) == (True, True)]

    def _enabled(self, node: Node, act: Act) -> tuple[bool, bool]:
        if self.procedure.phases[node.phase].is_start:
            return False, True
        may, may_not = self.space.holds(act.when, node.values)
        slots = [self.space.slot.get(("var", need)) for need in act.needs]
        if any(slot is not None and not node.values[slot] for slot in slots):
            return False, True
        return may, may_not or None in slots

    def _is_possible(self, node: Node, act: Act) -> bool:
        """An act of the clock needs an open duty whose ladder performs it."""
        if act.is_auto or set(act.by) - MACHINES or act.id in self.stage_acts | self.foreign_acts:
            return True
        return any(
            node.values[self.space.slot["duty", duty.id]] == OPEN and node.phase not in duty.pause
            for duty in self.ladders[act.id]
        )

    def _perform(self, node: Node, act: Act) -> Iterator[tuple[Node, Move]]:
        """Yield what the act may lead to, one result for every choice of the facts that it brings."""
        is_outsiders = outsiders_act(self.pack, act.by)
        for values in chosen(node.values, self.writes[act.id]):
            for outcome, phase in self._leads(node, act, values):
                if not self.space.holds(act.when, tuple(values))[0]:
                    continue
                names = {act.id, event_name(act.id, outcome)} if outcome is not None else {act.id}
                yield from self._apply(node, phase, tuple(values), act, names, is_outsiders)

    def _leads(self, node: Node, act: Act, values: list[int]) -> Iterator[tuple[str | None, str]]:
        """Yield (value of the choice, phase); a value that leads nowhere leaves the case where it is."""
        if act.choice is None:
            yield None, node.place(act.to or STAY)
            return
        space, part = self.space, ("var", act.choice)
        constant = next((str(s.value) for s in act.sets if s.fact == act.choice and s.kind == "constant"), None)
        others = [value for value in self.pack.kinds[act.choice].choices if value not in act.choices]
        for value in (*act.choices, *others):
            if constant is not None and value != constant:
                continue
            if part in space.slot and values[space.slot[part]] != space.class_of(act.choice, value):
                continue
            yield (value if value in act.choices else None), node.place(act.choices.get(value, STAY))

    def _apply(
        self, node: Node, phase: str, values: State, act: Act, names: set[str], is_outsiders: bool
    ) -> Iterator[tuple[Node, Move]]:
        """Start, void or look again at approvals, then set what the events leave behind."""
        slots = [self.space.slot["chain", chain] for chain in self.procedure.chains]
        options = [
            chain_statuses(self.space, chain, act, node.values, values) for chain in self.procedure.chains.values()
        ]
        for statuses in product(*options):
            new, here, happened, restart = list(values), phase, set(names), False
            for chain, slot, status in zip(self.procedure.chains.values(), slots, statuses, strict=True):
                fresh = status != node.values[slot] or act.id == chain.starts
                new[slot] = status
                restart = restart or (fresh and status >= PENDING)
                if fresh and status == APPROVED:
                    happened.add(chain.approval)
                    here = chain.approved or here
            yield self._finish(node, here, new, act.id, happened, is_outsiders, restart)

    def _decide(self, node: Node, chain: Chain) -> Iterator[tuple[Node, Move]]:
        """Yield approval and rejection of the stage that is pending."""
        slot, (approve, reject) = self.space.slot["chain", chain.id], chain.verdicts
        stage = pending_stage(chain, node.values[slot])
        if stage is None:
            return
        is_displaced = node.values[slot] >= PENDING + len(chain.stages)
        if not is_displaced and node.phase not in self.waits[chain.id]:
            return
        for new in chosen(node.values, self.brings[chain.id][stage]):
            asked = stages_asked(self.space, chain, tuple(new))
            left = [index for index in range(stage + 1, len(asked)) if asked[index]]
            new[slot] = node.values[slot] - stage + left[0] if left else APPROVED
            names = {approve} if left else {approve, chain.approval}
            phase = node.phase if left else chain.approved or node.phase
            yield self._finish(node, phase, new, approve, names, False, bool(left))
        new = list(node.values)
        new[slot] = NONE
        names = {reject, chain.rejection}
        yield self._finish(node, chain.rejected or node.phase, new, reject, names, False, False)

    def _finish(
        self, node: Node, phase: str, new: list[int], act: str, names: set[str], outsiders: bool, restart: bool
    ) -> tuple[Node, Move]:
        space, happened = self.space, frozenset(names)
        for slot, change, most in self._marks(happened):
            new[slot] = min(new[slot] + 1, most) if change < 0 else change
        is_end = self.procedure.phases[phase].is_end
        settled = tuple(new)
        for part in self.duty_parts:
            new[space.slot[part]] = SILENT if is_end else self._duty(part[1], new[space.slot[part]], happened, settled)
        for chain in self.procedure.chains.values() if is_end else ():
            new[space.slot["chain", chain.id]] = NONE
        back = node.phase if phase != node.phase else node.back
        move = Move(act, happened, -1, outsiders, restart)
        return Node(phase, back, tuple(new)), move

    def _marks(self, names: frozenset[str]) -> list[Mark]:
        if names not in self.marks:
            self.marks[names] = marks(self.space, names)
        return self.marks[names]

    def _duty(self, name: str, status: int, happened: frozenset[str], values: State) -> int:
        """Return a duty's next status; where it may be open or not, open (the clock then may act)."""
        duty = self.procedure.duties[name]
        if status == OPEN and happened & set(duty.do) and not duty.is_recurring:
            status = SILENT
        if happened & set(duty.until):
            status = SILENT
        if status != SILENT or happened & set(duty.after):
            status = OPEN if self.space.holds(duty.where, values)[0] else WAITING
        return status
