"""Walks at random through the shipped packs: whatever people do, an open case has a running duty and a way on."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ombud.engine import (
    Actor,
    AvailableAct,
    State,
    Submission,
    advance,
    available_acts,
    begin,
    compile_program,
    fold,
    step,
)
from ombud.engine.roles import department_of
from ombud.policy import shipped
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

START = 1_772_499_600  # 2026-03-03 09:00 in Shanghai
SEEDS = 20
ENDING = ("withdraw", "record_withdrawal", "terminate")
RARE = ("note", "attach", "take", "correct", "inform", "acknowledge", "request_facts", "reroute")
MINUTES = (0, 0, 1, 1, 20, 20, 55, 180, 600, 2_000, 9_000)


def value(field: Field, walk: random.Random) -> Any:
    """Return some value that the field takes."""
    match field.type:
        case FieldType.CHOICE:
            return walk.choice(list(field.of))
        case FieldType.BOOL:
            return walk.random() < (0.9 if field.id == "routine" else 0.15)
        case FieldType.MONEY:
            return walk.choice(["100 CNY", "5000 CNY", "5000 CNY", "5000.01 CNY"])
        case FieldType.INTEGER:
            return walk.choice([1, 1, 1, 2])
        case FieldType.DATE:
            return walk.choice(["2026-02-01", "2026-03-01", "2026-03-20", "2026-06-01"])
        case FieldType.FILES:
            return ["a-file"]
    return "words"


def data_for(pack: Pack, needs: tuple[str, ...], may: tuple[str, ...], walk: random.Random) -> dict[str, Any]:
    wanted = [*needs, *(name for name in may if walk.random() < 0.3)]
    chosen = {name: value(pack.fields[name], walk) for name in wanted if name in pack.fields}
    return {**chosen, "language": "zh"} if "language" in chosen else chosen


def actors(state: State, pack: Pack, people: int) -> list[Actor]:
    return [
        Actor(person=f"{role.id}-{number}", role=role.id, department=department_of(state, role.id))
        for role in pack.roles.values()
        for number in range(people)
    ]


def running(state: State, pack: Pack) -> list[str]:
    """Return the duties that keep the case from being forgotten."""
    found = []
    for view in state.duties():
        duty = state.program.procedure.duties.get(view.duty)
        ends_in_act = duty is not None and any(rung.act for rung in duty.breach)
        if view.status == "open" and view.due_at is not None and (not view.is_outsiders or ends_in_act):
            found.append(view.duty)
    return found


def choose(state: State, pack: Pack, now: int, walk: random.Random) -> tuple[Actor, AvailableAct] | None:
    """Return somebody who can do something, and what; acts that lead on are more likely."""
    people = actors(state, pack, 2)
    walk.shuffle(people)
    found: list[tuple[Actor, AvailableAct]] = []
    for actor in people:
        possible = [(actor, offer) for offer in available_acts(state, actor, now) if not offer.blocked]
        found += [each for each in possible if each[1].act not in ENDING or walk.random() < 0.01]
        new = [each for each in found if not state.count(each[1].act) and each[1].act not in (*ENDING, *RARE)]
        if new and walk.random() < 0.7:
            return walk.choice(new)
    # What was not done yet leads on; what was done already is repeated now and then.
    weights = [(0.05 if offer.act in RARE else 1) / (1 + state.count(offer.act)) ** 2 for _, offer in found]
    return walk.choices(found, weights)[0] if found else None


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("id", shipped())
def test_an_open_case_always_has_a_running_duty_and_somebody_who_can_move(id: str, seed: int) -> None:
    pack = pack_of(id)
    program = compile_program(pack)
    walk = random.Random(seed)
    state = begin(program)
    events = []
    now = START
    for _ in range(150):
        now += 60 * walk.choice(MINUTES)
        events += advance(state, now).events
        if state.ended:
            break
        found = choose(state, pack, now, walk)
        assert found, f"nobody can do anything in {state.phase}"
        actor, offer = found
        data = data_for(pack, offer.needs, offer.may, walk)
        outcome = step(state, Submission(act=offer.act, actor=actor, occurred=now, recorded=now, data=data))
        events += outcome.events
        if events and not state.ended:
            assert running(state, pack), f"{state.phase} is idle after {[event.act for event in events]}"
    assert fold(program, events).snapshot() == state.snapshot()
