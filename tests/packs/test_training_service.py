"""What the scenarios of training-service cannot say: what it must not read, what a missing row leads to, its forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from ombud.checks import check
from ombud.engine import Actor, available_acts
from ombud.engine.scenario.run import Story
from ombud.policy import load
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.stories import story_for
from shipped_packs import pack_of, report_of

PACKS = Path(__file__).parents[2] / "src" / "ombud" / "packs"
GAP_ROW = '["(200,1000)", "-", two]'


def policy() -> Pack:
    return pack_of("training-service")


def acts() -> list[Act]:
    return [act for procedure in policy().procedures.values() for act in procedure.acts.values()]


@pytest.mark.slow
def test_without_the_completing_row_the_checks_find_the_ungraded_loss_and_say_which_it_is(tmp_path: Path) -> None:
    lines = (PACKS / "training-service" / "pack.yaml").read_text("utf-8").splitlines(keepends=True)
    assert sum(GAP_ROW in line for line in lines) == 1
    (tmp_path / "pack.yaml").write_text("".join(line for line in lines if GAP_ROW not in line), "utf-8")
    letters = tmp_path / "letters"
    letters.mkdir()
    for letter in (PACKS / "training-service" / "letters").iterdir():
        (letters / letter.name).write_text(letter.read_text("utf-8"), "utf-8")
    gaps = [each for each in check(load(tmp_path)).findings if each.code == "gap"]
    assert ["Loss is over 200 and under 1000" in each.message["en"] for each in gaps] == [True]
    assert {"1.3.1", "1.3.2"} <= set(gaps[0].clauses)
    assert "600 CNY" in gaps[0].witness["en"]


@pytest.mark.slow
def test_the_shipped_tables_leave_no_case_ungraded() -> None:
    assert [each for each in report_of("training-service").findings if each.severity == "error"] == []


def test_who_complains_changes_the_urgency_and_nothing_else() -> None:
    readers = {table.id for table in policy().tables.values() if "standing" in table.inputs}
    assert readers == {"urgency"}
    assert not any("urgency" in table.inputs for table in policy().tables.values())
    guards = [act.when for act in acts() if act.when] + [
        duty.where for duty in policy().main.duties.values() if duty.where
    ]
    assert not any({"standing", "urgency"} & guard.names for guard in guards)


def test_every_number_that_the_document_leaves_blank_is_a_parameter_that_says_so() -> None:
    blank = {ref for ref in policy().clauses if ref in ("1.1.1a", "1.1.1b", "1.1.4a", "1.1.4b")}
    shown = [each for each in policy().parameters.values() if blank & set(each.cite)]
    assert len(shown) == len(blank) == 4
    assert all("blank" in each.title["en"] and "留空" in each.title["zh"] for each in shown)


def test_closing_a_valid_complaint_opens_the_matter_of_negative_incentives() -> None:
    opening = policy().main.acts["close"].opens
    assert opening is not None
    assert opening.procedure == "incentive"
    graded = {"loss", "influence", "group_view", "unit_view", "ruling"}
    assert graded <= set(opening.copies) <= set(policy().procedures["incentive"].acts["begin"].may)
    assert opening.where is not None


@pytest.mark.parametrize(
    ("name", "is_opened"),
    [
        ("ordinary complaint, every step at the last second", True),
        ("invalid: soothed, explained by the employee who registered it, nothing to carry out", False),
    ],
)
def test_only_a_valid_complaint_leads_to_incentive_points(name: str, is_opened: bool) -> None:
    story = next(each.story for each in policy().scenarios if each.name == name)
    opening = policy().main.acts["close"].opens
    assert opening is not None
    assert opening.where is not None
    assert opening.where.holds(Story(policy(), story).state) is is_opened


def test_points_are_written_down_only_where_they_stay() -> None:
    recording = {act.id: act.records for act in acts() if act.records}
    assert set(recording) == {"accept_points", "enter_points", "decide_objection"}
    assert {each.ledger for each in recording.values()} == {"incentives"}
    assert {(each.person, each.points) for each in recording.values()} == {("responsible_person", "points")}
    assert recording["decide_objection"].where is not None


def test_every_duty_of_ours_warns_before_it_is_due_and_tells_somebody_above() -> None:
    for procedure in policy().procedures.values():
        for duty in procedure.duties.values():
            if duty.breach[-1].act:
                continue  # silence ends it
            assert duty.breach[0].is_before, f"{duty.id} warns before"
            told_at_breach = {who for rung in duty.breach if not rung.is_before for who in rung.tell}
            assert told_at_breach & {"boss", "team_leader"}, f"{duty.id} tells somebody above"


def test_the_portal_form_has_three_short_steps_of_fields_that_filing_takes() -> None:
    receive = policy().main.acts["receive"]
    steps = policy().channels["web"].form
    assert policy().channels["web"].is_portal
    assert len(steps) == 3
    assert all(len({*step.fields} - {"mandate"}) <= 5 for step in steps)
    assert {name for step in steps for name in step.fields} <= {*receive.needs, *receive.may}


def test_what_the_group_and_the_unit_think_of_a_complaint_is_not_shown_to_the_complainant() -> None:
    inner = ("judge", "route", "investigate", "rule_nature", "propose", "ask_support", "give_support", "regrade")
    assert not any(policy().main.acts[id].is_public for id in inner)


def test_measures_wait_for_the_ruling_though_their_form_may_still_put_another_condition_right() -> None:
    text = """
      log:
        - {at: "2026-03-03T09:00+08:00", act: receive, by: complainant, data: {channel: web, subject: x}}
        - {at: "2026-03-03T09:10+08:00", act: register, by: specialist, data: {category: boarding, venue: elsewhere,
           incident: none, developments: "false", standing: ordinary, exposure: "false", influence: calmed}}
        - {at: "2026-03-03T09:20+08:00", act: route, by: specialist, data: {report: x}}
        - {at: "2026-03-03T09:30+08:00", act: judge, by: specialist, data: {group_view: valid, judgement_reason: x}}
        - {at: "2026-03-03T09:40+08:00", act: investigate, by: unit, data: {unit_view: not_our_fault, finding_notes: x}}
    """
    state = Story(policy(), story_for(policy(), text, "story.yaml")).state
    unit = Actor(person="chang", role="unit", department="boarding")
    (offer,) = (each for each in available_acts(state, unit, 1772502600) if each.act == "propose")
    assert [each.clauses for each in offer.blocked] == [("1.2.2", "4.5")]


@pytest.mark.parametrize("table", ["urgency", "nature", "stars", "verdict", "first_department", "points"])
def test_no_act_takes_what_a_table_decides(table: str) -> None:
    assert not any(table in {*act.needs, *act.may} for act in acts())
