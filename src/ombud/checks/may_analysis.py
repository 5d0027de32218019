"""What may ever be true in each phase of a procedure, by a least fixpoint over all its acts together.

A cartesian abstraction: for each phase, every component (see abstract_state.py) has the set of values that some way
there may leave it with, each apart from the others. An act may happen in a phase if its condition may hold with some of
these values; what it writes is then added to the sets of the phase that it leads to. Nothing is there at first that no
act has brought, so that acts which wait for each other are never found possible: "which of them can ever be first?" is
asked of all conditions at once, where a view (refinement.py) takes all but its own as open. More may be possible here
than in truth, never less: what is impossible here is impossible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from operator import or_
from typing import NamedTuple

from ombud.checks.model.abstract_state import APPROVED, NONE, OPEN, PENDING, SILENT, WAITING, Component, Space
from ombud.checks.model.graph import waives
from ombud.checks.model.writes import Mark, Write, Writing, marks
from ombud.policy.cross_case import acts_of_others
from ombud.policy.event_names import event_name
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.model.procedures import Phase
from ombud.policy.procedure import BACK, STAY, proposed, waits_in

MOST = 4_096  # combinations of values tried on a condition; beyond them it counts as open
DISPLACED = PENDING + 1  # of a chain: begun again by a change, so that it is decided in any phase
Values = tuple[int, ...]  # for each component a set of values, as bits
Masks = tuple[int, ...]  # of the components that a condition reads


class Step(NamedTuple):
    """What an act, or a verdict, may make of a case: the phase that it leads to, and the values after it."""

    target: str
    values: Values


def may_analysis(space: Space) -> MayAnalysis:
    """Return what may be true in the phases of a procedure, worked out once for all views of it."""
    known = space.worked_out
    if "may" not in known:
        known["may"] = MayAnalysis(space)
    found: MayAnalysis = known["may"]
    return found


class MayAnalysis:
    """What may be true in each phase, and which acts may ever happen.

    Acts in `unguarded` are taken as possible wherever they stand, whatever they wait for.
    """

    def __init__(self, space: Space, unguarded: Collection[str] = ()) -> None:
        self.space, self.procedure, self.unguarded = space.whole, space.procedure, frozenset(unguarded)
        duties = [("duty", id) for id in self.procedure.duties]
        self.parts: list[Component] = list(dict.fromkeys([*self.space.tracked, *duties]))
        self.slot = {part: index for index, part in enumerate(self.parts)}
        self.at: dict[str, Values] = {}  # only the phases that may be reached
        self.happens: set[str] = set()  # acts
        self.entering: dict[str, set[tuple[str, str]]] = {}  # phase -> phases from which acts lead there, and the acts
        self.producers: dict[tuple[int, int], set[str]] = {}  # (slot, bit) -> acts that bring about this value
        self._models: dict[tuple[int, Masks], Masks | None] = {}
        self._effects: dict[frozenset[str], tuple[list[Mark], list[tuple[int, Callable[[int], int]]]]] = {}
        self._unasked: dict[tuple[str, Masks], list[Mapping[Component, int]]] = {}
        writing = Writing(self.space)
        self._writes = {act.id: writing.of_act(act) for act in self.procedure.acts.values()}
        self._brings = {
            chain.id: [write for stage in chain.stages for write in writing.of_stage(chain, stage)]
            for chain in self.procedure.chains.values()
        }
        stage_acts = {
            rung.act for chain in self.procedure.chains.values() for each in chain.stages for rung in each.breach
        }
        self._always = acts_of_others(self.procedure, self.space.pack) | stage_acts
        self._ladders = {
            act: [duty for duty in self.procedure.duties.values() if any(rung.act == act for rung in duty.breach)]
            for act in self.procedure.acts
        }
        self._waives: dict[str, set[str]] = {}
        for act in self.procedure.acts.values():
            for event, lifted in waives(act).items():
                self._waives.setdefault(event, set()).update(lifted)
        self._then = [
            (self.slot["duty", duty.id], self.slot["duty", duty.then])
            for duty in self.procedure.duties.values()
            if duty.then and duty.then in self.procedure.duties
        ]
        self._run()

    @property
    def never(self) -> frozenset[str]:
        """The acts that can never happen, whatever a case brings."""
        return frozenset(self.procedure.acts) - self.happens

    def values(self, part: Component) -> list[int]:
        """Return all values that a component can have."""
        if part[0] == "chain":
            return [NONE, APPROVED, PENDING, DISPLACED]
        if part[0] == "duty":
            return [SILENT, WAITING, OPEN]
        return self.space.choices(part)

    # -- the fixpoint

    def _run(self) -> None:
        work = deque(phase.id for phase in self.procedure.phases.values() if phase.is_start)
        for phase in work:
            self.at[phase] = self._empty()
        while work:
            here = work.popleft()
            for name, step in self._steps(self.procedure.phases[here]):
                self.happens.add(name)
                is_entered = self._note(name, here, step)  # from a phase more, to which acts may lead back
                if (self._join(step) or is_entered) and step.target not in work:
                    work.append(step.target)

    def _empty(self) -> Values:
        known = dict(zip(self.space.tracked, self.space.empty(), strict=True))
        return tuple(1 << known.get(part, SILENT) for part in self.parts)

    def _join(self, step: Step) -> bool:
        """Add what a step leads to to its phase; return whether it says anything new."""
        held = self.at.get(step.target)
        joined = step.values if held is None else tuple(map(or_, held, step.values))
        self.at[step.target] = joined
        return joined != held

    def _note(self, name: str, here: str, step: Step) -> bool:
        """Remember who brought what about; return whether the act is a new way into the phase."""
        for slot, (before, after) in enumerate(zip(self.at[here], step.values, strict=True)):
            if after & ~before:
                for value in _ones(after & ~before):
                    self.producers.setdefault((slot, value), set()).add(name)
        ways = self.entering.setdefault(step.target, set())
        if step.target == here or (here, name) in ways:
            return False
        ways.add((here, name))
        return True

    def _acts_in(self, phase: str) -> Iterator[Act]:
        return (act for act in self.procedure.acts.values() if phase in act.from_phases)

    def _steps(self, phase: Phase) -> Iterator[tuple[str, Step]]:
        """Yield what may happen in a phase, with the act that it is due to (of an approval: the one that starts it)."""
        values = self.at[phase.id]
        for act in self._acts_in(phase.id):
            is_free = act.id in self.unguarded or self.is_triggered(act, phase.id, values)
            if is_free and not (act.is_auto and phase.is_start):
                for step in self._perform(act, phase.id):
                    yield act.id, step
        for chain in self.procedure.chains.values():
            for step in self._decide(chain, phase.id):
                yield chain.starts, step

    def is_triggered(self, act: Act, phase: str, values: Sequence[int]) -> bool:
        """Return whether somebody, or a rung, may come to perform it; what an automatic act needs must be there."""
        if act.is_auto:
            slots = [self.slot["var", need] for need in act.needs if ("var", need) in self.slot]
            return all(values[slot] & ~1 for slot in slots)
        if set(act.by) - {"clock", "system"} or act.id in self._always:
            return True
        return any(
            values[self.slot["duty", duty.id]] >> OPEN & 1 and phase not in duty.pause for duty in self._ladders[act.id]
        )

    # -- one act, one verdict

    def before(self, act: Act, phase: str, *, sets: bool = True) -> Values:
        """Return what may be true when the condition of an act is looked at: what it writes itself counts by then."""
        own = {each.fact for each in act.sets}
        writes = [each for each in self._writes[act.id] if sets or self.parts[each[0]][1] not in own]
        return _written(self.at[phase], writes)

    def _perform(self, act: Act, phase: str) -> Iterator[Step]:
        values = self.before(act, phase)
        for outcome, target, chosen in self._leads(act, phase, values):
            held = chosen if act.id in self.unguarded else self.narrowed(act.when, chosen)
            if held is None:
                continue
            names = {act.id, event_name(act.id, outcome)} if outcome else {act.id}
            for options in product(*(self._statuses(chain, act, held) for chain in self.procedure.chains.values())):
                happened, leads, after = set(names), target, list(held)
                for chain, (status, is_approved) in zip(self.procedure.chains.values(), options, strict=True):
                    after[self.slot["chain", chain.id]] = status
                    if is_approved:
                        happened.add(chain.approval)
                        leads = chain.approved or leads
                yield self._finish(leads, after, happened)

    def _leads(self, act: Act, phase: str, values: Values) -> Iterator[tuple[str | None, str, Values]]:
        """Yield each outcome of an act, the phase that it leads to, and what may be true with it."""
        if act.choice is None:
            for target in self._targets(act.to or STAY, phase):
                yield None, target, values
            return
        slot = self.slot.get(("var", act.choice))
        constant = next(
            (str(each.value) for each in act.sets if each.fact == act.choice and each.kind == "constant"), None
        )
        others = [value for value in self.space.pack.kinds[act.choice].choices if value not in act.choices]
        for value in (*act.choices, *others):
            if constant is not None and value != constant:
                continue
            chosen = values
            if slot is not None:
                mask = values[slot] & (1 << self.space.class_of(act.choice, value))
                chosen = (*values[:slot], mask, *values[slot + 1 :])
                if not mask:
                    continue
            for target in self._targets(act.choices.get(value, STAY), phase):
                yield (value if value in act.choices else None), target, chosen

    def _targets(self, written: str, phase: str) -> list[str]:
        """Return where a rule leads from a phase; back to where the case can have come from, as far as is known yet."""
        if written == BACK:
            return sorted({source for source, _ in self.entering.get(phase, ())}) or [phase]
        return [phase if written == STAY else written]

    def _statuses(self, chain: Chain, act: Act, values: Values) -> list[tuple[int, bool]]:
        """Return what may become of an approval by an act: its possible statuses, and whether it is given at once."""
        was = values[self.slot["chain", chain.id]]
        if act.id == chain.starts:
            skipped = [(1 << APPROVED, True)] if self.unasked(chain, values) else []
            return [*([(1 << PENDING, False)] if self.may_ask(chain, values) else []), *skipped]
        if act.resets == chain.id:
            return [(1 << NONE, False)]
        written = {*act.needs, *act.may, *(each.fact for each in act.sets)}
        slots = {self.slot[part] for stage in chain.stages for part in self.space.reads(stage.where)}
        is_touched = proposed(self.procedure, chain) & written or slots & {write[0] for write in self._writes[act.id]}
        if was == 1 << NONE or not is_touched:
            return [(was, False)]
        return [(was | 1 << DISPLACED, False), (1 << APPROVED, True)]

    def may_ask(self, chain: Chain, values: Sequence[int]) -> bool:
        """Return whether some stage may be needed; a condition that reads an absent value skips none."""
        return any(
            stage.where is None
            or self.narrowed(stage.where, values) is not None
            or any(values[self.slot[part]] & 1 for part in self.space.reads(stage.where) if part[0] == "var")
            for stage in chain.stages
        )

    def _decide(self, chain: Chain, phase: str) -> Iterator[Step]:
        """Yield approval and rejection, of a stage and of the whole, where it may be pending."""
        values, slot = self.at[phase], self.slot["chain", chain.id]
        is_here = phase in waits_in(self.procedure, chain)
        if not (values[slot] >> DISPLACED & 1 or (values[slot] >> PENDING & 1 and is_here)):
            return
        brought = list(_written(values, self._brings[chain.id]))
        if len(chain.stages) > 1:
            yield self._finish(phase, brought, {chain.verdicts[0]})
        brought[slot] = 1 << APPROVED
        yield self._finish(chain.approved or phase, brought, {chain.verdicts[0], chain.approval})
        rejected = [*values[:slot], 1 << NONE, *values[slot + 1 :]]
        yield self._finish(chain.rejected or phase, rejected, {chain.verdicts[1], chain.rejection})

    def _finish(self, target: str, values: Sequence[int], names: set[str]) -> Step:
        """Set what events leave behind."""
        key = frozenset(names)
        if key not in self._effects:
            changes = [self._duty_effect(duty, key) for duty in self.procedure.duties.values()]
            self._effects[key] = marks(self.space, key), [each for each in changes if each is not None]
        written, effects = self._effects[key]
        found = list(values)
        for slot, value, most in written:
            found[slot] = _bits(min(each + 1, most) for each in _ones(found[slot])) if value < 0 else 1 << value
        for slot, change in effects:
            found[slot] = change(found[slot])
        for slot, then in self._then:
            found[then] |= found[slot] & 1 << OPEN  # it may be breached, and what is owed then opens
        return Step(target, tuple(found))

    def _duty_effect(self, duty: Duty, names: frozenset[str]) -> tuple[int, Callable[[int], int]] | None:
        """Return what some events do to the status of a duty; None where they leave it as it is."""
        is_done, is_ended = bool(names & set(duty.do)) and not duty.is_recurring, bool(names & set(duty.until))
        is_lifted = any(duty.id in self._waives.get(name, ()) for name in names)
        if names & set(duty.after):
            is_sure = duty.where is None and not duty.early and duty.if_past != "skip"
            opened = 1 << OPEN if is_sure else _bits((SILENT, WAITING, OPEN))
            return self.slot["duty", duty.id], lambda status: opened
        if not (is_done or is_ended or is_lifted or duty.where is not None):
            return None

        def change(status: int) -> int:
            if is_done and status >> OPEN & 1:
                status = (status if duty.retrigger == "stack" else status & ~(1 << OPEN)) | 1 << SILENT
            if is_ended or is_lifted:
                status = 1 << SILENT | (0 if is_ended else status)
            is_unsure = duty.where is not None and status & ~(1 << SILENT)
            return status | (_bits((WAITING, OPEN)) if is_unsure else 0)

        return self.slot["duty", duty.id], change

    # -- conditions

    def narrowed(self, guard: Guard | None, values: Sequence[int]) -> Values | None:
        """Return the values with which a condition may hold; None where it cannot."""
        if guard is None:
            return tuple(values)
        slots = [self.slot[part] for part in self.space.reads(guard)]
        masks = tuple([values[slot] for slot in slots])
        key = (id(guard), masks)
        if key not in self._models:
            self._models[key] = self._holding(guard, masks)
        held = self._models[key]
        if held is None:
            return None
        found = list(values)
        for slot, mask in zip(slots, held, strict=True):
            found[slot] = mask
        return tuple(found)

    def _holding(self, guard: Guard, masks: Masks) -> Masks | None:
        parts = self.space.reads(guard)
        options = [_ones(mask) for mask in masks]
        if prod(map(len, options)) > MOST:
            return masks
        held = [0] * len(parts)
        for combination in product(*options):
            if self.space.may_hold(guard, dict(zip(parts, combination, strict=True))):
                held = [mask | 1 << value for mask, value in zip(held, combination, strict=True)]
        return tuple(held) if all(held) or (not parts and self.space.may_hold(guard, {})) else None

    def unasked(self, chain: Chain, values: Values) -> list[Mapping[Component, int]]:
        """Return the values, each of what its stages read, with which an approval asks nobody."""
        if any(stage.where is None for stage in chain.stages):
            return []
        parts = sorted({part for stage in chain.stages for part in self.space.reads(stage.where)})
        masks = tuple([values[self.slot[part]] for part in parts])
        key = (chain.id, masks)
        if key not in self._unasked:
            options = [_ones(mask) for mask in masks]
            tried = product(*options) if prod(map(len, options)) <= MOST else ()
            cases = (dict(zip(parts, combination, strict=True)) for combination in tried)
            self._unasked[key] = [
                case for case in cases if not any(self.space.is_needed(each, case) for each in chain.stages)
            ]
        return self._unasked[key]


def _written(values: Values, writes: Sequence[Write]) -> Values:
    found = list(values)
    for slot, classes, is_optional in writes:
        found[slot] = _bits(classes) | (found[slot] if is_optional else 0)
    return tuple(found)


def _bits(values: Iterable[int]) -> int:
    found = 0
    for value in values:
        found |= 1 << value
    return found


def _ones(mask: int) -> list[int]:
    """Return the values in a set of bits."""
    return [value for value in range(mask.bit_length()) if mask >> value & 1]
