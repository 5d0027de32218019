"""What has to happen on every way from one event of a case to another, in one kind of case.

Between phases the acts are taken as they come; of the conditions counts what they ask for without fail: an act whose
condition cannot hold in this kind of case never happens, and one that cannot hold before something is done requires it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import NamedTuple

from ombud.checks.may_analysis import may_analysis
from ombud.checks.model.abstract_state import Component, Space
from ombud.checks.timing.fact_classes import Facts
from ombud.policy.event_names import APPROVED, EventName, event_name
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.procedure import Origins, act_of, acts_of, chain_of, led, origins_of, resolved, starters, waits_in

MOST = 4_096  # combinations of what a condition reads besides
QUESTIONS = ("done", "count", "since", "chain")
Must = dict[str, frozenset[str]]  # phase -> what every way there has brought
Answers = dict[tuple[object, ...], bool]


EARLIER = "?"  # before an event: it must have happened, perhaps long before this way began
EITHER = "|"  # between events of which one must come, no matter which: answered, or taken as accepted


class Edge(NamedTuple):
    """A step from phase to phase, with the events that it brings, and EARLIER those that must have come before."""

    start: str
    target: str
    gain: frozenset[str]


def _event(part: Component) -> str:
    """Return the event that a condition asks for."""
    return event_name(part[1], APPROVED) if part[0] == "chain" else part[1]


def _common(ways: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return what all ways have brought; EARLIER what some of them only know to have happened before."""
    first, *others = ways
    if not others:
        return first
    names = set.intersection(*({each.removeprefix(EARLIER) for each in way} for way in ways))
    return frozenset(each if all(each in way for way in ways) else EARLIER + each for each in names)


class MustPrecede:
    """One procedure in one kind of case."""

    def __init__(self, space: Space, facts: Facts, answers: Answers) -> None:
        """`answers` remembers what conditions say, for all kinds of cases of the procedure."""
        self.space, self.procedure, self.facts, self.answers = space, space.procedure, facts, answers
        self.never: set[str] = set()  # events that cannot happen in this kind of case, or in any
        self._following: dict[str, Must] = {}  # what follows an event
        for id in may_analysis(space).never:
            self.never |= {id, *self.procedure.acts[id].outcomes}
        self._find_impossible()
        self.required = {id: self._requires(act) for id, act in self.procedure.acts.items()}
        asked = tuple(tuple(self.stages(chain)) for chain in self.procedure.chains.values())
        # Roads of the same shape lead the same ways, whatever the facts are.
        self.shape = (frozenset(self.never), tuple(self.required.values()), asked)

    def may_hold(self, guard: Guard | None, fixed: Mapping[Component, int], wanted: bool = True) -> bool:
        """Return whether a condition may be true (or false), these components being as given."""
        if guard is None:
            return wanted
        space = self.space
        direct = set(guard.names) & set(self.facts)
        inside = {name for each in direct & set(space.pack.tables) for name in space.pack.tables[each].inputs}
        known = direct | (inside - set(guard.names))
        given = {part: 0 for part in space.reads(guard) if part[0] in QUESTIONS[:3] and part[1] in self.never}
        given |= fixed
        facts = {name: value for name, value in self.facts.items() if name in direct}
        key = (id(guard), repr(facts), tuple(given.items()), wanted)
        if key not in self.answers:
            left = [part for part in space.reads(guard) if part not in given]
            free = [part for part in left if part[0] != "var" or part[1] not in known]
            self.answers[key] = self._may_hold(guard, given, free, facts, wanted)
        return self.answers[key]

    def _may_hold(
        self, guard: Guard, given: Mapping[Component, int], free: list[Component], facts: Facts, wanted: bool
    ) -> bool:
        choices = [self.space.choices(part) for part in free]
        if prod(map(len, choices)) > MOST:
            return True
        for values in product(*choices):
            asked = self.space.as_read({**given, **dict(zip(free, values, strict=True))}, facts)
            if bool(guard.holds(asked)) is wanted:
                return True
        return False

    def surely_holds(self, guard: Guard | None, happened: Iterable[str]) -> bool:
        """Return whether a condition cannot fail once these events have happened."""
        done = set(happened)
        fixed = {
            part: 1
            for part in self.space.reads(guard)
            if (part[0] in ("done", "count") and part[1] in done)
            or (part[0] == "chain" and event_name(part[1], APPROVED) in done)
        }
        return not self.may_hold(guard, fixed, wanted=False)

    def _find_impossible(self) -> None:
        acts = self.procedure.acts
        grown = True
        while grown:
            gone = {id for id, act in acts.items() if id not in self.never and not self.may_hold(act.when, {})}
            self.never |= gone | {outcome for id in gone for outcome in acts[id].outcomes}
            grown = bool(gone)

    def _requires(self, act: Act) -> frozenset[str]:
        """Return the events, as EARLIER ones, without which the act's condition cannot hold; EITHER, if one must."""
        found: set[str] = set()
        left: list[Component] = []
        for part in self.space.reads(act.when):
            if part[0] in QUESTIONS and not self.may_hold(act.when, {part: 0}):
                found.add(EARLIER + _event(part))
            elif part[0] in QUESTIONS and part[1] not in self.never:
                left.append(part)
        while len(left) > 1 and not self.may_hold(act.when, dict.fromkeys(left, 0)):
            needed = list(left)
            for part in left:
                fewer = [each for each in needed if each != part]
                if not self.may_hold(act.when, dict.fromkeys(fewer, 0)):
                    needed = fewer
            found.add(EARLIER + EITHER.join(sorted({_event(part) for part in needed})))
            left = [part for part in left if part not in needed]
        return frozenset(found)

    # -- the flow between phases

    @cached_property
    def edges(self) -> list[Edge]:
        """Every step that this kind of case can take."""
        found = [edge for act in self.procedure.acts.values() if act.id not in self.never for edge in self._of_act(act)]
        for chain in self.procedure.chains.values():
            begun = self._begun(chain)
            for phase in waits_in(self.procedure, chain):
                found.append(Edge(phase, chain.approved or phase, begun | {chain.approval}))
                found.append(Edge(phase, chain.rejected or phase, begun | {chain.rejection}))
        return [edge._replace(gain=edge.gain | self._eithers(edge.gain)) for edge in found]

    def _eithers(self, gain: frozenset[str]) -> set[str]:
        """Return the choices that some duty counts from and that these events are one of."""
        duties = self.procedure.duties.values()
        return {EITHER.join(sorted(duty.after)) for duty in duties if len(duty.after) > 1 and gain & set(duty.after)}

    def _of_act(self, act: Act) -> Iterator[Edge]:
        gain = self.required[act.id] | {act.id}
        chain = self.procedure.chains.get(act.starts or "")
        for phase in act.from_phases:
            if act.choice:
                for value, written in act.choices.items():
                    for target in resolved(written, phase, self.origins):
                        yield Edge(phase, target, gain | {event_name(act.id, value)})
                continue
            for target in led(act, phase, self.origins):
                yield Edge(phase, target, gain)
            if chain is not None and chain.approved and not self.stages(chain):
                yield Edge(phase, chain.approved, gain | {chain.approval})

    @cached_property
    def origins(self) -> Origins:
        """Where `back` leads, the same in every kind of case."""
        known = self.space.worked_out
        if "origins" not in known:
            known["origins"] = origins_of(self.procedure)
        found: Origins = known["origins"]
        return found

    def _begun(self, chain: Chain) -> frozenset[str]:
        """Return the act that has surely begun an approval; none where several may."""
        acts = starters(self.procedure, chain)
        return frozenset({acts[0].id}) if len(acts) == 1 else frozenset()

    def stages(self, chain: Chain) -> list[int]:
        """Return the stages of an approval that are surely asked in this kind of case."""
        return [
            index
            for index, stage in enumerate(chain.stages)
            if stage.where is None or not self.may_hold(stage.where, {}, wanted=False)
        ]

    def flow(self, begin: Iterable[str], without: str = "") -> Must:
        """Return for each phase reached from these, before `without` has come, what every way there has brought."""
        cut = set(without.split(EITHER))
        must: Must = {phase: frozenset() for phase in begin}
        work = list(must)
        while work:
            phase = work.pop()
            for edge in self.leaving.get(phase, ()):
                if not cut.isdisjoint(edge.gain):
                    continue
                now = must[phase] | edge.gain
                held = must.get(edge.target)
                kept = now if held is None else held & now
                if kept != held:
                    must[edge.target] = kept
                    work.append(edge.target)
        return must

    def may_have_come(self, begin: Iterable[str], happened: frozenset[str], without: str) -> Must:
        """Return for each phase reached from these, before `without` has come, what some way there may have brought."""
        cut = set(without.split(EITHER))
        may: Must = dict.fromkeys(begin, happened)
        work = list(may)
        while work:
            phase = work.pop()
            for edge in self.leaving.get(phase, ()):
                if not cut.isdisjoint(edge.gain):
                    continue
                held = may.get(edge.target, frozenset())
                joined = held | may[phase] | edge.gain
                if joined != held or edge.target not in may:
                    may[edge.target] = joined
                    work.append(edge.target)
        return may

    @cached_property
    def leaving(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.start, []).append(edge)
        return found

    @cached_property
    def from_start(self) -> Must:
        """What every way from the beginning of a case has brought, for each phase."""
        return self.flow(phase.id for phase in self.procedure.phases.values() if phase.is_start)

    def before(self, event: str, must: Must) -> frozenset[str]:
        """Return what must have happened before an event, or before whichever of several comes."""
        if EITHER in event:
            ways = [self.before(each, must) for each in event.split(EITHER) if self.can_come(each, must)]
            return _common(ways) - {event} if ways else frozenset()
        chain = chain_of(self.procedure, event)
        if chain is not None:
            ways = [self.before(act.id, must) for act in starters(self.procedure, chain)]
            return _common(ways) | self._begun(chain)
        act = act_of(self.procedure, event)
        held = [must[phase] for phase in act.from_phases if phase in must] if act else []
        if act is None or not held:
            return frozenset()
        own = {event} if event != act.id else frozenset()
        return (_common(held) | self.required[act.id]) - {act.id} - own

    def can_come(self, event: str, must: Must) -> bool:
        """Return whether an event can happen in one of these phases."""
        acts = [act for act in acts_of(self.procedure, event) if act.id not in self.never]
        return any(phase in must for act in acts for phase in act.from_phases)

    @cached_property
    def _doing(self) -> dict[str, list[Duty]]:
        """The duties by the acts, or approvals, that discharge them."""
        found: dict[str, list[Duty]] = {}
        for duty in self.procedure.duties.values():
            for head in {EventName.of(name).head for name in duty.do}:
                found.setdefault(head, []).append(duty)
        return found

    def done_by(self, events: Iterable[str]) -> list[Duty]:
        """Return the duties that one of these events may discharge."""
        found = {d.id: d for event in events for d in self._doing.get(EventName.of(event).head, ())}
        return list(found.values())

    def leads_to(self, event: str, goal: Iterable[str]) -> bool:
        """Return whether one of the events of a goal can still come after an event."""
        if event not in self._following:
            self._following[event] = self.flow(self.after(event))
        return any(self.can_come(each, self._following[event]) for each in goal)

    def after(self, event: str) -> set[str]:
        """Return the phases in which a case may stand right after an event."""
        chain, act = chain_of(self.procedure, event), act_of(self.procedure, event)
        if chain is not None:
            target = chain.rejected if event == chain.rejection else chain.approved
            return {target} if target else waits_in(self.procedure, chain)
        if act is None or act.id in self.never:
            return set()
        return {edge.target for edge in self._of_act(act) if event in edge.gain and edge.start in self.from_start}
