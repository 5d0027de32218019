"""The shipped policies pass their own checks, and what the checks rule out never happens in the engine."""

from __future__ import annotations

import random
from functools import cache

import pytest

from ombud.checks import Report, check, trace
from ombud.checks.model.abstract_state import Space
from ombud.engine import Actor, State, Submission, begin, compile_program, step
from ombud.policy import load, shipped
from ombud.policy.model import Act, FieldType, Pack, Value

MONDAY = 1_772_416_800  # 2026-03-02T10:00+08:00


@cache
def pack_of(name: str) -> Pack:
    return load(name)


@cache
def report_of(name: str) -> Report:
    return check(pack_of(name))


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


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("name", shipped())
def test_a_case_that_goes_its_way_at_random_is_never_without_a_running_duty(name: str, seed: int) -> None:
    pack, dice = pack_of(name), random.Random(seed)
    space = Space(pack, pack.main)
    state = begin(compile_program(pack))
    acts = [act for act in pack.main.acts.values() if set(act.by) - {"clock", "system"} and act.id != "withdraw"]
    at, done = MONDAY, 0
    for _ in range(400):
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
        outcome = step(state, asked, staff=Everybody())
        if outcome.refused:
            continue
        done += 1
        if state.ended:
            break
        assert any(each.status == "open" for each in state.duties()), (state.phase, [e.act for e in outcome.events])
    assert done > 3
