"""The stages between the trigger of a duty and its doing, each with the limits that hold for it, laid end to end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from ombud.checks.timing.fact_classes import Facts
from ombud.checks.timing.must_precede import EARLIER, EITHER, MustPrecede
from ombud.engine.limits import LimitPlan
from ombud.engine.program import DutyPlan, Program
from ombud.policy.event_names import EventName, event_name
from ombud.policy.model.acts import Act
from ombud.policy.model.duties import Duty
from ombud.policy.model.values import Value
from ombud.policy.procedure import act_of, chain_of
from ombud.policy.vocabulary import TRIGGER

LAST = "="  # stands for the act that discharges the total, where another duty has to be done by the same act


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A limit within which something has to be done, counted from an event before it."""

    name: str  # the duty's, or CHAIN.N
    event: str  # what has to be done by then
    limit: LimitPlan
    anchors: tuple[str, ...]  # events that it may count from
    is_latest: bool = False  # counts from the latest of them, not from the first

    def ends(self, times: Mapping[str, int]) -> int:
        """Return when the limit ends, its anchors being at these times."""
        begin = max if self.is_latest else min
        return self.limit.due(begin(times[each] for each in self.anchors), {}).at

    def seen_from(self, trigger: str, at_once: Collection[str]) -> Bound:
        """Return the limit with what begins with the trigger said so: the first of several, never the last of them."""
        later = tuple(each for each in self.anchors if each not in at_once)
        if len(later) == len(self.anchors):
            return self
        return replace(self, anchors=later if later and self.is_latest else (trigger,))


class LimitStep(NamedTuple):
    """One event of a layout: those that come before it, and the limits within which it has to come."""

    event: str
    before: tuple[str, ...]
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A total and its stages, in one kind of case on one set of calendars."""

    duty: Duty
    trigger: str
    total: LimitPlan
    order: tuple[tuple[str, tuple[str, ...]], ...]  # every act on the way, with the acts that come before it
    bounds: Mapping[str, tuple[Bound, ...]]  # of each event
    free: frozenset[str]  # acts whose waiting time does not count, because the total is paused then

    @cached_property
    def steps(self) -> tuple[LimitStep, ...]:
        """The events that take time or from which such an event is counted; what takes none is left out."""
        counted = {event: bounds for event, bounds in self.bounds.items() if event not in self.free}
        kept = set(counted) | {each for bounds in counted.values() for bound in bounds for each in bound.anchors}
        reached: dict[str, set[str]] = {self.trigger: set()}
        at_once = {self.trigger}  # events that come as soon as the total begins to run
        found: list[LimitStep] = []
        for event, before in self.order:
            nearest = {near for each in before for near in ({each} if each in kept else reached.get(each, set()))}
            reached[event] = nearest - at_once
            if event in kept and not reached[event] and event not in counted:
                at_once.add(event)
            elif event in kept:
                bounds = tuple(bound.seen_from(self.trigger, at_once) for bound in counted.get(event, ()))
                found.append(LimitStep(event, tuple(sorted(reached[event])), bounds))
        return tuple(found)

    @property
    def key(self) -> tuple[object, ...]:
        """What layouts that come to the same have in common."""
        return self.duty.id, self.trigger, self.total, self.order, self.free, tuple(self.bounds.items())


def ends(steps: Sequence[LimitStep], trigger: str, start: int) -> dict[str, int]:
    """Return when each stage ends that is used to the full, and the trigger, which is the start itself."""
    times = {trigger: start}
    for event, before, bounds in steps:
        at = start
        for each in before:
            at = max(at, times[each])
        if bounds:
            at = max(at, min([bound.ends(times) for bound in bounds]))
        times[event] = at
    return times


class Imagined:
    """A case of which only some facts are known, as limits read it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.log: dict[str, Value] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """What has to happen between a trigger of a duty and its doing, in order; without any times."""

    order: tuple[tuple[str, tuple[str, ...]], ...]  # events, each with those of them that come before it
    last: tuple[str, ...]  # those that come before the doing itself
    free: frozenset[str]  # events awaited in phases that pause the duty


def passage(road: MustPrecede, duty: Duty, trigger: str) -> Passage:
    """Return what lies on every way between a trigger of a duty and its doing."""
    must = road.flow(road.after(trigger))
    between = _between(road, must, duty, trigger)
    before = {event: _before(road, event, must) & between for event in between}
    order = _in_order(before)
    return Passage(
        order=tuple((event, tuple(sorted(before[event]))) for event in order),
        last=tuple(order),
        free=frozenset(event for event in (*between, LAST) if duty.pause and _is_in_pause(road, duty, event, trigger)),
    )


def _in_order(before: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the events, each after all that come before it; those that wait for each other never come."""
    left = sorted(before, key=lambda event: (len(before[event]), event))
    found: dict[str, None] = {}
    while ready := [event for event in left if before[event] <= found.keys()]:
        found |= dict.fromkeys(ready[:1])
        left.remove(ready[0])
    return list(found)


def layouts(
    program: Program, road: MustPrecede, passed: Passage, duty: Duty, trigger: str, facts: Facts
) -> list[Layout]:
    """Return the stages of a duty from one of its triggers: those before its doing, then those and the doing itself.

    The first is left out where nothing with a limit lies in between, the second where no other duty has to be done by
    the same act. What that act is to be done by from the trigger itself is no stage but another limit for the same.
    """
    total = _fixed(program.duties[duty.id], facts)
    if total is None:
        return []
    steps: list[tuple[str, tuple[str, ...]]] = []
    bounds: dict[str, tuple[Bound, ...]] = {}
    happened = [trigger]
    for event, before in passed.order:
        for number, limit in _approval(program, road, event, facts):
            stage = event_name(EventName.of(event).head, number)
            steps.append((stage, before))
            bounds[stage] = (Bound(name=stage, event=stage, limit=limit, anchors=before or (trigger,), is_latest=True),)
            before = (stage,)
        steps.append((event, before))
        if counted := _bounds(program, road, duty, event, happened, facts):
            bounds[event] = tuple(counted)
        happened.append(event)
    found: list[Layout] = []
    if set(bounds) - passed.free:
        found.append(
            Layout(duty=duty, trigger=trigger, total=total, order=tuple(steps), bounds=dict(bounds), free=passed.free)
        )
    last = tuple(each for each in _bounds(program, road, duty, LAST, happened, facts) if set(each.anchors) != {trigger})
    if last and LAST not in passed.free:
        steps.append((LAST, passed.last))
        bounds[LAST] = last
        found.append(
            Layout(duty=duty, trigger=trigger, total=total, order=tuple(steps), bounds=bounds, free=passed.free)
        )
    return found


def _before(road: MustPrecede, event: str, must: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(each.removeprefix(EARLIER) for each in road.before(event, dict(must)))


def _approval(program: Program, road: MustPrecede, event: str, facts: Facts) -> list[tuple[int, LimitPlan]]:
    """Return the stages with limits that an approval takes; none for another event."""
    chain = chain_of(road.procedure, event)
    if chain is None or event != chain.approval:
        return []
    plans = ((index + 1, program.duties[chain.stage_duty(index + 1)]) for index in road.stages(chain))
    return [(number, limit) for number, plan in plans if (limit := _fixed(plan, facts)) is not None]


def _between(road: MustPrecede, must: Mapping[str, frozenset[str]], duty: Duty, trigger: str) -> set[str]:
    """Return the events that come after the trigger and before the duty can be done, on every way."""
    held = dict(must)
    wanted = [road.before(name, held) for name in duty.do if road.can_come(name, held)]
    found = set(frozenset.intersection(*wanted)) if wanted else set()
    if len(duty.do) == 1 and any(duty.do[0] == chain.approval for chain in road.procedure.chains.values()):
        found.add(duty.do[0])  # the stages of the approval itself take time too
    cause = EventName.of(trigger).head
    grown = True
    while grown:
        for event in [each for each in found if each.startswith(EARLIER)]:
            name = event.removeprefix(EARLIER)
            chain = chain_of(road.procedure, name)
            # What can happen before the trigger may be done already when the total begins to run.
            if cause in _before(road, name, road.from_start) or (chain is not None and chain.starts in found):
                found.add(name)
        more = {each for event in found if not event.startswith(EARLIER) for each in road.before(event, held)} - found
        found |= more
        grown = bool(more)
    known = {event for event in found if not event.startswith(EARLIER)} | {trigger, cause}
    return {event for event in known - {trigger, cause} if EITHER not in event or known.isdisjoint(event.split(EITHER))}


def _fixed(plan: DutyPlan, facts: Facts) -> LimitPlan | None:
    """Return the limit that the facts choose, unless a date that others set."""
    picked = plan.limit.pick(Imagined(facts)) if plan.limit else None
    return picked if picked is not None and picked.field is None else None


def _bounds(
    program: Program, road: MustPrecede, total: Duty, event: str, happened: list[str], facts: Facts
) -> list[Bound]:
    found: list[Bound] = []
    events = total.do if event == LAST else event.split(EITHER)
    for duty in road.done_by(events):
        if (
            duty.id == total.id
            or duty.is_recurring
            or duty.anchor_is_field
            or not _answers(road, duty, events, total.do)
        ):
            continue
        anchors = [each for each in happened if set(each.split(EITHER)) <= set(duty.after)]
        if duty.anchor not in (None, TRIGGER):
            anchors = [each for each in happened if each == duty.anchor] if anchors else []
        limit = _fixed(program.duties[duty.id], facts)
        if anchors and limit is not None and road.surely_holds(duty.where, happened):
            is_latest = duty.retrigger == "restart" or duty.anchor == TRIGGER
            found.append(Bound(name=duty.id, event=event, limit=limit, anchors=tuple(anchors), is_latest=is_latest))
    return found


def _answers(road: MustPrecede, duty: Duty, events: Iterable[str], goal: Iterable[str]) -> bool:
    """Return whether whichever of these events comes discharges a duty, and nothing else on the way to a goal does."""
    done = set(duty.do)
    answers: set[str] = set()
    for event in events:
        act = act_of(road.procedure, event)
        outcomes = set(act.outcomes) if act else set()
        own = {event, act.id} if act else {event}
        if done & own or (outcomes and event not in outcomes and outcomes <= done):
            answers |= own | outcomes
    return bool(answers) and not any(road.leads_to(each, goal) for each in done - answers)


def _is_in_pause(road: MustPrecede, duty: Duty, event: str, trigger: str) -> bool:
    """Return whether the duty is paused wherever the event can be waited for: in other phases it comes again, later."""
    awaited = duty.do if event == LAST else event.split(EITHER)
    waiting = road.flow(road.after(trigger), without=event)
    acts = [act for each in awaited if (act := act_of(road.procedure, each))]
    phases = {phase for act in acts for phase in act.from_phases if phase in waiting}
    if phases and not phases <= set(duty.pause):
        phases = _waited_in(road, acts, event, trigger) & waiting.keys()
    return bool(phases) and phases <= set(duty.pause)


def _waited_in(road: MustPrecede, acts: Sequence[Act], event: str, trigger: str) -> set[str]:
    """Return the phases in which one of these acts may come, since what it asks for may have come by then."""
    cause = act_of(road.procedure, trigger)
    if cause is None:
        return {phase for act in acts for phase in act.from_phases}
    starts = [phase.id for phase in road.procedure.phases.values() if phase.is_start]
    ever = road.may_have_come(starts, frozenset(), without=trigger)
    known = frozenset({trigger, cause.id}).union(*(ever.get(phase, ()) for phase in cause.from_phases))
    come = road.may_have_come(road.after(trigger), known, without=event)
    return {
        phase
        for act in acts
        for phase in act.from_phases
        if all(
            come.get(phase, frozenset()) & {*each.removeprefix(EARLIER).split(EITHER)} for each in road.required[act.id]
        )
    }
