"""What would have to happen before an act that is refused: other acts, possible now, that may lift the refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ombud.engine.admission import Admission
from ombud.engine.model import Actor, Refusal, Staff, Submission
from ombud.engine.state import State
from ombud.policy.event_names import EventName
from ombud.policy.model.guards import Guard
from ombud.policy.model.values import Value

_OF_OTHERS_KEYS = frozenset(
    {"role", "department", "office", "handler", "four-eyes", "same-as", "qualified", "recused", "confidential"}
)


def ways_out(
    state: State, act: str, actor: Actor, now: int, staff: Staff | None, possible: Sequence[str]
) -> list[tuple[Refusal, tuple[str, ...]]]:
    """Return every refusal of the act with the acts that may lift it: the act itself where it is only for others.

    `possible` are the `possible_acts` of the state. A refusal without any act waits for a time, or for data.
    """
    submission = Submission(act=act, actor=actor, occurred=now, recorded=now)
    tried = Admission(state, submission, staff)
    unmet, found = iter(tried.unmet), []
    for refusal in tried.refusals:
        if refusal.code == "guard":
            found.append((refusal, tuple(_that_may_change(state, next(unmet).guard, act, possible))))
        elif refusal.code in _OF_OTHERS_KEYS and refusal.field is None:
            found.append((refusal, (act,)))
        elif refusal.code in ("phase", "no-run"):
            found.append((refusal, tuple(_that_go_on(state, possible))))
        else:
            found.append((refusal, ()))
    return found


def _that_may_change(state: State, guard: Guard, act: str, possible: Iterable[str]) -> list[str]:
    """Return the possible acts without which the condition will not hold, or else those that bring what it reads."""
    program = state.program
    asked = {EventName.of(name).head for name in guard.acts} | set(guard.chains)
    for duty in guard.duties & program.duties.keys():
        asked |= {EventName.of(name).head for name in program.duties[duty].do}
    others = [each for each in possible if each != act]
    if direct := [each for each in others if EventName.of(each).head in asked]:
        return _needed(state, guard, direct)
    names, tables = set(guard.names), program.pack.tables
    while not names.isdisjoint(tables):
        names = {each for name in names for each in (tables[name].inputs if name in tables else (name,))}
    return [each for each in others if names & _brings(state, each)]


def _needed(state: State, guard: Guard, acts: list[str]) -> list[str]:
    """Return those of the acts without which the condition would not hold; where one is enough, all."""
    if not guard.holds(_WhatIf(state, acts)):
        return []  # such as `not done(...)`: doing it again helps nobody
    return [
        each for each in acts if not guard.holds(_WhatIf(state, [other for other in acts if other != each]))
    ] or acts


class _WhatIf:
    """A case as conditions read it, had these acts been done just now."""

    def __init__(self, state: State, acts: Iterable[str]) -> None:
        self._state = state
        self._done = {EventName.of(each).head for each in acts}

    @property
    def facts(self) -> Mapping[str, Value]:
        return self._state.facts

    def is_passed(self, duty: str) -> bool:
        return self._state.is_passed(duty)

    def _is_done(self, name: str) -> bool:
        return EventName.of(name).head in self._done

    def done(self, act: str) -> bool:
        return self._is_done(act) or self._state.done(act)

    def done_since(self, act: str, since: str) -> bool:
        return self._is_done(act) or self._state.done_since(act, since)

    def count(self, act: str) -> int:
        return self._state.count(act) + self._is_done(act)

    def is_approved(self, chain: str) -> bool:
        return chain in self._done or self._state.is_approved(chain)

    def is_open(self, duty: str) -> bool:
        return not self._is_met(duty) and self._state.is_open(duty)

    def is_overdue(self, duty: str) -> bool:
        return not self._is_met(duty) and self._state.is_overdue(duty)

    def _is_met(self, duty: str) -> bool:
        plan = self._state.program.duties.get(duty)
        return plan is not None and any(self._is_done(name) for name in plan.do)


def _brings(state: State, act: str) -> set[str]:
    plan = state.program.acts[act].act
    if plan is None:
        return set()
    return {*plan.needs, *plan.may, *(setting.fact for setting in plan.sets)}


def _that_go_on(state: State, possible: Iterable[str]) -> list[str]:
    """Return the possible acts that are owed: a case that has not come so far waits for them."""
    owed = {EventName.of(name).head for duty in state.open for name in state.program.duties[duty].do}
    return [each for each in possible if EventName.of(each).head in owed]
