"""The shipped packs' own scenarios: each comes out as worked out by hand, and together they leave no rule untried."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from ombud.engine.scenario.expect import check_story
from ombud.engine.scenario.run import replay_story
from ombud.policy import shipped
from ombud.policy.model.pack import Scenario
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.tables import Cell
from shipped_packs import pack_of

STATEMENT_ACTS = frozenset(
    {"withdraw", "record_withdrawal", "note", "attach", "correct", "take", "join_group", "leave_group", "count_group"}
)  # the base's; a pack need not show each


SCENARIOS = [
    pytest.param(id, scenario, id=f"{id}: {scenario.name}") for id in shipped() for scenario in pack_of(id).scenarios
]


@pytest.mark.parametrize(("id", "scenario"), SCENARIOS)
def test_scenario_comes_out_as_worked_out_by_hand(id: str, scenario: Scenario) -> None:
    assert check_story(pack_of(id), scenario.story) == []


@pytest.mark.parametrize("id", sorted(shipped()))
def test_staff_withdraw_no_complaint_and_record_a_withdrawal_only_with_reason_and_consent(id: str) -> None:
    pack = pack_of(id)
    assert {str(role) for role in pack.main.acts["withdraw"].by} == {"complainant"}
    recorded = pack.main.acts["record_withdrawal"]
    assert {"reason", "withdrawal_consent"} <= set(recorded.needs)
    assert "complainant" not in {str(role) for role in recorded.by}


@cache
def outcomes(id: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (procedure, outcome) of every scenario of a pack."""
    pack = pack_of(id)
    return [(each.story.get("procedure", MAIN), replay_story(pack, each.story)) for each in pack.scenarios]


def performed(id: str, procedure: str) -> set[str]:
    """Return the acts that some scenario performs without being refused, the automatic ones included."""
    found = set()
    for scenario, (told, outcome) in zip(pack_of(id).scenarios, outcomes(id), strict=True):
        if told != procedure:
            continue
        refused = {each["index"] for each in outcome["refused"]}
        found |= {step["act"] for index, step in enumerate(scenario.story["log"]) if index not in refused}
        found |= {each["act"] for each in outcome["automatic"]}
    return found


@pytest.mark.parametrize("id", shipped())
def test_every_act_is_performed_by_a_scenario(id: str) -> None:
    for procedure in pack_of(id).procedures.values():
        assert set(procedure.acts) - performed(id, procedure.id) - STATEMENT_ACTS == set()


@pytest.mark.parametrize("id", shipped())
def test_every_duty_is_met_in_one_scenario_and_breached_in_another(id: str) -> None:
    for procedure in pack_of(id).procedures.values():
        duties = [duty for told, outcome in outcomes(id) if told == procedure.id for duty in outcome["duties"]]
        met = {each["id"] for each in duties if each["status"] == "met"}
        breached = {each["id"] for each in duties if each["breached_at"] or each["overdue"]}
        answered = {rung["duty"] for _, outcome in outcomes(id) for rung in outcome["rungs"]}
        assert set(procedure.duties) - met == set(), "never met"
        assert set(procedure.duties) - breached - answered == set(), "never breached"


@pytest.mark.parametrize("id", shipped())
def test_every_stage_of_an_approval_is_approved_and_rejected_at_least_once(id: str) -> None:
    for procedure in pack_of(id).procedures.values():
        for chain in procedure.chains.values():
            stages = {f"{chain.id}.{number}" for number in range(1, len(chain.stages) + 1)}
            closed = {
                each["id"]
                for _, outcome in outcomes(id)
                for each in outcome["duties"]
                if each["status"] in ("met", "late")
            }
            assert stages <= closed
            assert {f"{chain.id}.approve", f"{chain.id}.reject"} <= performed(id, procedure.id)


def fits(cell: Cell, value: Any) -> bool:
    """Return whether a cell holds for a value: its meaning said a second time, so that rows can be told apart."""
    if cell.kind == "any":
        return True
    if cell.kind == "absent" or value is None:
        return cell.kind == "absent" and value is None
    if isinstance(value, dict):
        value = Decimal(value["amount"])
    if cell.kind != "interval":
        return value in cell.values
    above = cell.low is None or value > cell.low or (cell.low_closed and value == cell.low)
    return above and (cell.high is None or value < cell.high or (cell.high_closed and value == cell.high))


@pytest.mark.parametrize("id", shipped())
def test_every_row_of_every_table_decides_a_scenario(id: str) -> None:
    pack = pack_of(id)
    for table in pack.tables.values():
        untried = set(range(len(table.rows)))
        for _, outcome in outcomes(id):
            known = {**outcome["facts"], **outcome["grades"]}
            for index, row in enumerate(table.rows):
                hit = all(fits(cell, known.get(name)) for cell, name in zip(row.cells, table.inputs, strict=True))
                if hit and outcome["grades"].get(table.id) == row.output:
                    untried.discard(index)
                    if table.hit == "first":
                        break
        assert [str(table.rows[index].at) for index in sorted(untried)] == []


@pytest.mark.parametrize("id", shipped())
def test_every_clause_has_a_rule_that_a_scenario_tries(id: str) -> None:
    pack = pack_of(id)
    tried = {clause for _, outcome in outcomes(id) for duty in outcome["duties"] for clause in duty["clauses"]}
    for procedure in pack.procedures.values():
        for act in procedure.acts.values():
            if act.id in performed(id, procedure.id):
                tried |= set(act.cite)
    kinds = {"duty", "act", "approval"}
    assert {ref for ref, clause in pack.clauses.items() if clause.kind in kinds} - tried == set()
