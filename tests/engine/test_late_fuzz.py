"""What holds for any history of which a third is entered late: 30,000 steps at random, the same for each seed.

    LATE_STEPS=200000 pytest tests/engine/test_late_fuzz.py

walks ten times as far.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import shipped_packs
from engine.telling import pack_of
from engine.test_invariants import Walk, plain
from ombud.engine import Event, Program, Submission, advance, begin, compile_program, step
from ombud.engine.apply import apply
from ombud.engine.due import settle
from ombud.engine.model import Actor
from ombud.engine.state import Instance

pytestmark = pytest.mark.slow

STEPS = int(os.environ.get("LATE_STEPS", "30000"))
PACKS = ("late", "training-service", "overseas-customers")
SEEDS = 10
LATE = (60, 600, 3600, 4 * 3600, 86400, 3 * 86400, 10 * 86400)


@cache
def program(name: str) -> Program:
    return compile_program(
        pack_of(Path(__file__).with_name("late.yaml").read_text("utf-8"))
        if name == "late"
        else shipped_packs.pack_of(name)
    )


class LateWalk(Walk):
    """Acts at random, allowed or not, of which 35 in a hundred are written down some time after they happened."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(program(name), seed)
        self.accepted = 0
        self.shadow = begin(self.program)
        self.told: Counter[tuple[str, int, int, int]] = Counter()

    def steps(self, number: int) -> None:
        for _ in range(number):
            if self.state.ended or self.state.seq > 120:
                self.afresh()
            self.now += self.random.choice((1, 60, 600, 1800, 3600, 4 * 3600, 86400))
            self._one()

    def afresh(self) -> None:
        """Let time show what is owed, compare with the events told anew, and begin another case."""
        self.watch(advance(self.state, self.now + 20 * 86400).events)
        assert plain(self.state) == plain(self.shadow)
        self.everything_overdue_was_told()
        self.met_means_without_a_breach()
        self.state, self.shadow = begin(self.program), begin(self.program)
        self.told.clear()

    def _one(self) -> None:
        state, pick = self.state, self.random.choice
        plans = [plan for plan in self.program.acts.values() if state.phase in plan.from_phases]
        if len(self.program.end_phases) and state.seq < 25:  # let cases live for a while
            plans = [plan for plan in plans if plan.to not in self.program.end_phases]
        plan = pick(plans)
        roles = [plan.chain.stages[0].role, *("head", "top")] if plan.chain else list(plan.act.by if plan.act else ())
        role = pick([each for each in roles if each in self.program.pack.roles] or list(self.program.pack.roles))
        back = pick(LATE) if self.random.random() < 0.35 else 0
        names = [*plan.act.needs, *(name for name in plan.act.may if self.random.random() < 0.5)] if plan.act else ()
        data = {name: self._value(name) for name in names if name in self.program.pack.fields}
        who = Actor(person=pick((f"{role}1", f"{role}2")), role=role)
        submission = Submission(act=plan.id, actor=who, occurred=self.now - back, recorded=self.now, data=data)
        outcome = step(state, submission)
        self.accepted += not outcome.refused
        self.watch(outcome.events)

    def watch(self, events: tuple[Event, ...]) -> None:
        """Fold the events one by one and hold each to the rule."""
        for event in events:
            before = {id(each): (each.plan.id, each.number, each.status, each.due) for each in self.shadow.all_owed()}
            numbers = {(duty, number): (status, due) for duty, number, status, due in before.values()}
            if event.act == "rung":
                data = event.data
                assert event.occurred == event.recorded, "a rung passes once it is found, not before"
                self.told[data["duty"], data["instance"], data["rung"], event.occurred] += 1
            apply(self.shadow, event)
            for each in self.shadow.all_owed():
                held_to_the_rule(each, numbers.get((each.plan.id, each.number)), event)
        if self.random.random() < 0.1:
            self.nothing_waits_to_be_counted()

    def nothing_waits_to_be_counted(self) -> None:
        """Counting again what is owed changes nothing: no entry takes effect at a later, unrelated event."""
        settled = self.shadow.copy()
        for each in settled.all_owed():
            due, status = each.due, each.status
            if each.limit is not None:
                settle(settled, each)
            assert (each.due, each.status) == (due, status), each.snapshot()

    def met_means_without_a_breach(self) -> None:
        for each in self.state.instances:
            if each.status in ("met", "late"):
                assert (each.breached_at is not None) == (each.status == "late"), each.snapshot()

    def everything_overdue_was_told(self) -> None:
        assert all(times == 1 for times in self.told.values()), self.told
        breaking = {(duty, number, rung) for duty, number, rung, _ in self.told}
        for each in self.state.all_owed():
            rungs = [rung.index for rung in each.plan.rungs if rung.breaks]
            if each.status == "open" and each.due is not None and each.due < self.now + 86400 and rungs:
                told = [rung for rung in rungs if (each.plan.id, each.number, rung) in breaking]
                assert told, (each.plan.id, each.number, each.snapshot())


def held_to_the_rule(each: Instance, before: tuple[str, int | None] | None, event: Event) -> None:
    """Check one owed instance after an event: never due before min(what it was, the finding)."""
    due, found = each.due, event.recorded
    if each.status != "open" or due is None:
        return
    shown = (each.snapshot(), before, event)
    if before is None:  # opened, or owed again
        was_over_already = due < event.occurred and each.opened_seq == event.seq
        assert due >= found or was_over_already or each.breached_at is not None, shown
        return
    status, old = before
    if status == "open" and old is not None:
        assert due >= min(old, found), shown
    else:
        assert due >= found or (old is not None and due >= old and each.breached_at is not None), shown


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_is_late_after_the_fact_and_everything_overdue_is_told_once(name: str, seed: int) -> None:
    walk = LateWalk(name, seed)
    walk.steps(STEPS // (len(PACKS) * SEEDS))
    walk.afresh()
    assert walk.accepted > STEPS // (len(PACKS) * SEEDS) // 5
