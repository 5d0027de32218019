"""What holds for every accepted history: random walks over what the engine offers, compared with refolding."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import shipped_packs
from engine.telling import BRANCHES, WORKSHOP, Case, at, pack_of
from ombud.engine import (
    Actor,
    AvailableAct,
    Event,
    Program,
    State,
    Submission,
    advance,
    begin,
    compile_program,
    fold,
    recalendar,
    step,
)
from ombud.engine import available_acts as offers_of
from ombud.engine.apply import apply
from ombud.engine.compiling import calendars_of, shipped_edition
from ombud.engine.ladder import next_wake, wakes
from ombud.engine.scenario.run import StandIns
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.worktime import Edition, announce

pytestmark = pytest.mark.slow

PACKS = ("workshop", "branches", "customer-complaints")
OWN = {"workshop": WORKSHOP, "branches": BRANCHES}
START = at("03-03 08:30")


def pack(name: str) -> Pack:
    return pack_of(OWN[name]) if name in OWN else shipped_packs.pack_of(name)


class Walk:
    """A history made of what the engine offers, at random but always the same for a seed."""

    def __init__(
        self, program: Program, seed: int, *, mode: str = "enforce", shunned: frozenset[str] = frozenset()
    ) -> None:
        self.random = random.Random(seed)
        self.program, self.mode, self.shunned = program, mode, shunned
        self.state = begin(program)
        self.staff = StandIns(program)
        self.now = START
        self.events: list[Event] = []
        self.refusals = 0

    def run(self, steps: int) -> Walk:
        for _ in range(steps):
            self.now += self.random.choice((1, 60, 1800, 3600, 4 * 3600, 86400, 3 * 86400))
            if self.random.random() < 0.15:
                self._take(advance(self.state, self.now, staff=self.staff).events)
            self._act()
        return self

    def _act(self) -> None:
        choices = [
            (role, offer)
            for role in self.program.pack.roles
            for offer in offers_of(self.state, self._actor(role), self.now, self.staff)
            if not offer.blocked and offer.act not in self.shunned
        ]
        if not choices:
            return
        role, offer = self.random.choice(choices)
        back = self.random.choice((0, 0, 0, 60, 5000))
        submission = Submission(
            act=offer.act,
            actor=self._actor(role),
            occurred=self.now - back,
            recorded=self.now,
            data=self._data(offer),
        )
        before = self.state.snapshot()
        outcome = step(self.state, submission, mode=self.mode, staff=self.staff)
        if outcome.refused:
            self.refusals += 1
            assert self.state.snapshot() == before
        self._take(outcome.events)

    def _take(self, events: tuple[Event, ...]) -> None:
        self.events += events

    def _actor(self, role: str) -> Actor:
        actor = self.staff.actor(self.state, role)
        if self.state.seq == 0 and self.program.pack.offices:  # where a case begins
            return replace(actor, office=self.random.choice((None, *self.program.pack.offices)))
        return actor

    def _data(self, offer: AvailableAct) -> dict[str, Any]:
        names = [*offer.needs, *(name for name in offer.may if self.random.random() < 0.4)]
        return {name: self._value(name) for name in names}

    def _value(self, name: str) -> Any:
        field = self.program.pack.fields[name]
        match field.type:
            case FieldType.CHOICE:
                return self.random.choice(list(field.of))
            case FieldType.BOOL:
                return self.random.choice((True, False))
            case FieldType.INTEGER:
                return self.random.choice((1, 2, 7))
            case FieldType.MONEY:
                return self.random.choice(("0", "1000 CNY", "5000.01 CNY", "1400 EUR @ 7.85"))
            case FieldType.DATE:
                return f"2026-{self.random.choice(('02', '03', '04'))}-{self.random.randint(1, 28):02}"
            case FieldType.INSTANT:
                return self.now + self.random.choice((0, 7 * 86400))
            case FieldType.FILES:
                return ["a.png"]
            case FieldType.LANGUAGE:
                return self.random.choice(("zh", "de"))
            case FieldType.COUNTRY:
                return self.random.choice(("CN", "DE", "SA"))
            case FieldType.PERSON:
                return self.random.choice(("li", "wang", "worker@sales"))
            case FieldType.DEPARTMENT:
                return self.random.choice(list(self.program.pack.departments) or ["service"])
            case FieldType.CASE:
                return "BR-7F3K-9Q2M-X"
        return self.random.choice(("something", "else"))


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("seed", range(32))
def test_refolding_the_recorded_events_gives_the_very_same_state(name: str, seed: int) -> None:
    program = compile_program(pack(name))
    walk = Walk(program, seed, mode="enforce" if seed % 4 else "observe").run(25)
    # Through JSON, as the register stores them.
    events = [Event(**json.loads(json.dumps(as_data(event)))) for event in walk.events]
    refolded = fold(program, events)
    assert plain(refolded) == plain(walk.state)
    assert wakes(refolded) == wakes(walk.state)
    assert refolded.duties() == walk.state.duties()


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("seed", range(5))
def test_a_copy_shares_nothing_and_every_prefix_stays_as_it_was(name: str, seed: int) -> None:
    walk = Walk(compile_program(pack(name)), seed).run(20)
    states: list[tuple[State, str]] = []
    state = begin(walk.program)
    for event in walk.events:
        state = state.copy()
        apply(state, event)
        states.append((state, plain(state)))
    for kept, snapshot in states:
        assert plain(kept) == snapshot


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("seed", range(8))
def test_time_passing_in_any_slices_gives_the_same_events(name: str, seed: int) -> None:
    walk = Walk(compile_program(pack(name)), seed).run(8)
    until = walk.now + 60 * 86400
    whole, sliced = walk.state.copy(), walk.state.copy()
    at_once = advance(whole, until).events
    in_slices: list[Event] = []
    moment = walk.now
    while moment < until:
        moment = min(until, moment + walk.random.choice((1, 977, 40_000, 300_000)))
        in_slices += advance(sliced, moment).events
    assert tuple(in_slices) == at_once
    assert plain(sliced) == plain(whole)


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("seed", range(8))
def test_rungs_fire_exactly_once_and_never_after_now(name: str, seed: int) -> None:
    walk = Walk(compile_program(pack(name)), seed).run(20)
    passed = Counter(
        (data["duty"], data["instance"], data["revision"], data["rung"], data.get("repeat"))
        for data in (event.data for event in walk.events if event.act == "rung")
    )
    assert all(times == 1 for times in passed.values())
    assert all(event.occurred <= event.recorded for event in walk.events)
    recorded = [event.recorded for event in walk.events]
    assert recorded == sorted(recorded)
    assert [event.seq for event in walk.events] == list(range(1, len(walk.events) + 1))


@pytest.mark.parametrize("seed", range(5))
def test_the_same_submissions_give_the_same_events(seed: int) -> None:
    program = compile_program(pack("customer-complaints"))
    assert Walk(program, seed).run(15).events == Walk(program, seed).run(15).events


@pytest.mark.parametrize("seed", range(5))
def test_next_wake_is_the_first_instant_at_which_time_does_something(seed: int) -> None:
    state = Walk(compile_program(pack("workshop")), seed).run(6).state
    while (wake := next_wake(state)) is not None and wake < at("12-01 00:00"):
        assert advance(state, wake).events == ()
        events = advance(state, wake + 1).events
        assert events
        assert events[0].occurred == wake


def test_walks_reach_every_phase_and_most_acts() -> None:
    program = compile_program(pack("workshop"))
    walks = [Walk(program, seed).run(30) for seed in range(25)]
    seen = {event.act for walk in walks for event in walk.events}
    phases = {walk.state.phase for walk in walks}
    assert {"rung", "open", "plan.approve", "plan.reject", "answer", "finish", "supply"} <= seen
    assert "closed" in phases
    assert any(walk.refusals for walk in walks)


@cache
def long_walk(seed: int) -> Walk:
    """Return a history of the branches that nobody closes."""
    return Walk(compile_program(pack("branches")), seed, shunned=frozenset({"close", "settle"})).run(60)


def test_walks_use_offices_powers_and_recusal() -> None:
    walks = [long_walk(seed) for seed in range(16)]
    seen = {event.act for walk in walks for event in walk.events}
    assert {"prolong", "prolong_both", "spare", "hand_on", "pass_on", "plan.approve", "plan.reject"} <= seen
    assert {"request", "appeal", "settle_here", "send_on", "mend", "join", "leave", "tell_all"} <= seen
    assert {walk.state.office for walk in walks} >= {"berlin", "riyadh"}
    assert any(walk.state.recused for walk in walks)
    instances = [each for walk in walks for each in walk.state.instances]
    assert any(each.extended for each in instances)
    assert any(each.bearer for each in instances)
    assert any(each.status == "waived" for each in instances)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_recused_does_nothing_more(seed: int) -> None:
    walk = long_walk(seed)
    state = begin(walk.program)
    for event in walk.events:
        assert event.actor not in state.recused
        apply(state, event)


@pytest.mark.parametrize("seed", range(8))
def test_nobody_is_made_late_after_the_fact_by_another_office_or_power(seed: int) -> None:
    """A due time that an event moves forward is never earlier than that event."""
    walk = long_walk(seed)
    state = begin(walk.program)
    dues: dict[tuple[str, int], int] = {}
    for event in walk.events:
        apply(state, event)
        for view in state.duties():
            key = (view.duty, view.instance)
            if view.due_at is not None:
                before = dues.get(key)
                if before is not None and view.due_at < before:
                    assert view.due_at >= event.occurred
                dues[key] = view.due_at


def test_a_recalendared_case_refolds_through_the_library() -> None:
    text_pack = pack_of()
    before = compile_program(text_pack)
    edition = shipped_edition()
    case = Case().do("receive", "12-28 09:00").do("route", "12-28 09:30")
    look = case.state.duties()[1]
    assert look.is_provisional is False
    case.do("route", "12-30 10:00")
    look = case.state.duties()[1]
    assert look.is_provisional  # three working days from 30 December reach into a year not announced yet
    newer = _announced(edition)
    after = Program(text_pack, "complaint", calendars_of(text_pack, newer), newer.id)
    outcome = recalendar(case.state, after, at=at("12-30 12:00"))
    assert [tell.duty for tell in outcome.notifications] == [view.duty for view in case.state.duties() if _moved(view)]
    assert case.state.duties()[1].is_provisional is False

    class Library:
        def program(self, pack_hash: str, edition: str, procedure: str) -> Program:
            return {before.edition: before, after.edition: after}[edition]

    refolded = fold(before, [*case.events, *outcome.events], Library())
    assert plain(refolded) == plain(case.state)


def _announced(edition: Edition) -> Edition:
    from datetime import date

    first = date(2027, 1, 1)
    return edition.with_announcement(
        announce(2027, "test", [("new_year", first, date(2027, 1, 6))], [date(2027, 1, 9)])
    )


def _moved(view: Any) -> bool:
    return bool(view.revision > 1 and view.duty in ("look", "solve"))


def as_data(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__slots__}


def plain(state: State) -> str:
    return json.dumps(state.snapshot(), sort_keys=True, default=str)
