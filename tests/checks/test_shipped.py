"""The shipped policies pass their own checks, and what the checks rule out never happens in the engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest

from ombud.checks import trace
from ombud.checks.may_analysis import MayAnalysis
from ombud.checks.model.abstract_state import APPROVED, OPEN, Space
from ombud.engine import Actor, State, Submission, begin, compile_program, step
from ombud.policy import shipped
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType, Value
from shipped_packs import pack_of, report_of

pytestmark = pytest.mark.slow

MONDAY = 1_772_416_800  # 2026-03-02T10:00+08:00


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_policy_has_no_error_and_no_unexplained_warning(name: str) -> None:
    report = report_of(name)
    assert [each.message["en"] for each in report.findings if each.severity != "note" and not each.explained] == []


@pytest.mark.parametrize("name", shipped())
def test_every_clause_of_a_shipped_policy_is_carried_out_or_a_statement(name: str) -> None:
    found = trace(pack_of(name))
    assert found.uncovered == ()
    assert found.covered + found.statements == len(found.clauses)


def value_for(pack: Pack, space: Space, name: str, dice: random.Random) -> Value:
    """Return some value of a field; of one that conditions read, any that they can tell apart."""
    if ("var", name) in space.domains:
        return dice.choice(space.domains["var", name][1:])
    field = pack.fields[name]
    if field.of and field.type is not FieldType.LIST:
        return dice.choice(list(field.of))
    return {
        FieldType.BOOL: dice.choice([True, False]),
        FieldType.INTEGER: dice.choice([1, 3]),
        FieldType.MONEY: {"amount": dice.choice(["100.00", "9000.00"]), "currency": pack.currency},
        FieldType.DATE: "2026-03-01",
        FieldType.INSTANT: MONDAY,
        FieldType.FILES: ["evidence"],
        FieldType.LIST: ["item"],
        FieldType.DEPARTMENT: next(iter(pack.departments), "service"),
        FieldType.COUNTRY: "CN",
        FieldType.LANGUAGE: "zh",
    }.get(field.type, "words")


class Everybody:
    """A staff in which every role has two people everywhere."""

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        return frozenset({f"{role} 1", f"{role} 2"})

    def is_qualified(self, person: str, exam: str, at: int) -> bool:
        return True


def submission(pack: Pack, space: Space, state: State, act: Act, at: int, dice: random.Random) -> Submission:
    names = [*act.needs, *(name for name in act.may if dice.random() < 0.4)]
    role = dice.choice(act.by)
    fixed = pack.roles[role].department if role in pack.roles else None
    actor = Actor(
        person="complainant" if role == "complainant" else f"{role} {dice.choice('12')}",
        role=role,
        department=fixed or state.department,
    )
    data = {name: value_for(pack, space, name, dice) for name in names}
    return Submission(act=act.id, actor=actor, occurred=at, recorded=at, data=data)


def walk(pack: Pack, seed: int) -> Iterator[State]:
    """Yield a case after each act of a way that it goes at random."""
    dice, space = random.Random(seed), Space(pack, pack.main)
    state = begin(compile_program(pack))
    acts = [act for act in pack.main.acts.values() if set(act.by) - {"clock", "system"} and "withdraw" not in act.id]
    at, filed = MONDAY, 4_000  # there are so many acts that some throw long before they file
    for turn in range(4_000):
        if turn >= max(400, filed + 200):
            return
        at += dice.choice([60, 3600, 3600, 86_400])
        verdicts = [f"{chain}.{verb}" for chain in pack.main.chains for verb in ("approve", "approve", "reject")]
        wanted = dice.choice([*acts, *verdicts])
        if isinstance(wanted, str):
            stages = [each for each in state.duties() if each.status == "open" and wanted in each.do]
            if not stages:
                continue
            role = stages[-1].bearer.name
            actor = Actor(person=f"{role} 2", role=role, department=state.department)
            asked = Submission(act=wanted, actor=actor, occurred=at, recorded=at)
        else:
            asked = submission(pack, space, state, wanted, at, dice)
        if step(state, asked, staff=Everybody()).refused:
            continue
        filed = min(filed, turn)
        yield state
        if state.ended:
            return


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("name", shipped())
def test_a_case_that_goes_its_way_at_random_is_never_without_a_running_duty(name: str, seed: int) -> None:
    done = 0
    for state in walk(pack_of(name), seed):
        done += 1
        assert state.ended or any(each.status == "open" for each in state.duties()), state.phase
    assert done > 3


@cache
def may_of(name: str) -> MayAnalysis:
    return MayAnalysis(Space(pack_of(name), pack_of(name).main))


@pytest.mark.parametrize("seed", range(100, 115))
@pytest.mark.parametrize("name", shipped())
def test_whatever_happens_to_a_case_was_found_possible(name: str, seed: int) -> None:
    may = may_of(name)
    for state in walk(pack_of(name), seed):
        values = may.at[state.phase]
        if state.ended:
            return
        for part, slot in may.slot.items():
            if part[0] == "done":
                assert values[slot] >> int(state.done(part[1])) & 1, (state.phase, part)
            elif part[0] == "chain":
                assert state.is_approved(part[1]) <= values[slot] >> APPROVED & 1, (state.phase, part)
            elif part[0] == "duty":
                assert state.is_open(part[1]) <= values[slot] >> OPEN & 1, (state.phase, part)
                assert state.is_open(part[1]) or values[slot] & ~(1 << OPEN), (state.phase, part)
