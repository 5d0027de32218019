"""Approvals: stages, four eyes, what makes them void, and what follows from them."""

from __future__ import annotations

import pytest

from engine.telling import Case, at, pack_of, routed, words, workshop
from ombud.engine import compile_program, migrate
from ombud.texts import Text


def proposed(**data: object) -> Case:
    told = Case().do("receive", "03-03 09:00", **data).do("route", "03-03 09:30")
    return told.do("propose", "03-03 10:00", "dept", plan_text="new gearbox")


def test_a_stage_with_a_limit_is_due_from_reaching_it() -> None:
    assert proposed().duty("plan.1") == ("open", "03-03 14:00")


def test_a_stage_without_one_is_due_with_the_duty_that_waits_for_the_approval() -> None:
    told = proposed(loss="5000").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("plan.1") == ("met", "03-03 14:00")
    assert told.duty("plan.2") == ("open", "03-04 18:00")
    assert told.state.phase == "proposed"
    told.do("plan.approve", "03-04 18:00", "chief")
    assert told.duty("plan.2") == ("met", "03-04 18:00")
    assert told.state.is_approved("plan")
    assert told.state.phase == "agreed"
    assert told.duty("solve") == ("met", "03-04 18:00")


def test_a_stage_whose_condition_is_false_is_skipped() -> None:
    told = proposed().do("plan.approve", "03-03 11:00", "head")
    assert told.state.is_approved("plan")
    assert told.duties("plan.2") == []


def test_a_rejection_leads_back_and_the_stage_is_done() -> None:
    told = proposed().do("plan.reject", "03-03 11:00", "head")
    assert told.state.phase == "work"
    assert told.duty("plan.1") == ("met", "03-03 14:00")
    assert not told.state.is_approved("plan")
    assert told.state.done("plan.rejected")


def test_verdicts_belong_to_the_stages_role_while_a_run_is_pending() -> None:
    told = proposed()
    assert told.refused("plan.approve", "03-03 11:00", "chief") == ["role"]
    told.do("plan.approve", "03-03 11:00", "head")
    assert "no-run" in told.refused("plan.approve", "03-03 11:01", "head")


def test_an_approval_holds_only_for_the_proposal_that_it_saw() -> None:
    told = proposed().do("amend", "03-03 10:30", "dept", plan_text="old gearbox")
    assert told.duties("plan.1") == [("ended", "03-03 14:00"), ("open", "03-03 14:30")]
    assert told.refused("plan.approve", "03-03 11:00", "head", run=1) == ["stale-run"]
    told.do("plan.approve", "03-03 11:00", "head", run=2)
    assert told.events[-1].data == {"run": 2, "stage": 1}


def test_a_changed_proposal_makes_a_given_approval_void_wherever_the_case_stands() -> None:
    told = proposed().do("plan.approve", "03-03 11:00", "head").do("amend", "03-03 12:00", "dept", plan_text="z")
    assert not told.state.is_approved("plan")
    assert told.state.phase == "agreed"
    told.do("plan.approve", "03-03 12:30", "head")
    assert told.state.is_approved("plan")


def test_regrading_that_needs_another_stage_keeps_the_stages_given() -> None:
    told = proposed().do("plan.approve", "03-03 11:00", "head").do("regrade", "03-03 12:00", loss="5000")
    assert not told.state.is_approved("plan")
    assert [status for status, _ in told.duties("plan.1")] == ["met"]
    assert [status for status, _ in told.duties("plan.2")] == ["open"]
    told.do("plan.approve", "03-03 13:00", "chief")
    assert told.state.is_approved("plan")


def test_regrading_that_needs_a_stage_less_leaves_the_others_as_they_are() -> None:
    told = proposed(loss="5000").do("regrade", "03-03 10:30", loss="10")
    assert told.duty("plan.1") == ("open", "03-03 14:00")
    told.do("plan.approve", "03-03 11:00", "head")
    assert told.state.is_approved("plan")


def test_regrading_that_takes_the_last_stage_away_approves() -> None:
    told = proposed(loss="5000").do("plan.approve", "03-03 11:00", "head").do("regrade", "03-03 12:00", loss="10")
    assert told.state.is_approved("plan")
    assert told.state.phase == "agreed"
    assert told.duty("plan.2")[0] == "ended"


def test_who_wrote_the_proposal_does_not_approve_it_and_the_boss_steps_in() -> None:
    told = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")
    told.staff.remember({"role": "head", "person": "zhao"})
    told.do("propose", "03-03 10:00", {"role": "head", "person": "zhao"}, plan_text="x")
    codes = told.refused("plan.approve", "03-03 10:30", {"role": "head", "person": "zhao"})
    assert codes == ["role", "four-eyes"]
    told.do("plan.approve", "03-03 11:00", "chief")
    assert told.state.is_approved("plan")


def test_a_breached_stage_tells_the_boss_by_default() -> None:
    told = proposed().wait("03-03 14:01")
    assert ("plan.1", "chief", "breach") in [(each.duty, each.to.name, each.why) for each in told.notifications]


STAGES = "stages: [{role: head, within: 4 h}, {role: chief, if: \"level == 'high'\", breach: [{at: 0, tell: boss}]}]"


def propose(told: Case, when: str = "03-03 10:00") -> Case:
    return told.do("propose", when, "dept", plan_text="new gearbox")


def titles(told: Case) -> list[Text]:
    return [view.title for view in told.state.duties() if view.duty.startswith("plan.")]


def test_the_duty_of_the_only_stage_that_applies_has_the_approvals_title_without_a_number() -> None:
    assert titles(proposed()) == [{"zh": "Plan", "en": "Plan"}]
    told = proposed(loss="5000").do("plan.approve", "03-03 11:00", "head")
    assert [title["en"] for title in titles(told)] == ["Plan 1", "Plan 2"]


def test_a_stage_may_have_a_title_of_its_own() -> None:
    told = propose(
        routed(("[{role: head, within: 4 h}", "[{title: {zh: 主管, en: Head agrees}, role: head, within: 4 h}"))
    )
    assert titles(told) == [{"zh": "主管", "en": "Head agrees"}]


def test_starting_again_makes_the_pending_run_void() -> None:
    told = propose(
        routed(("propose: {by: [dept, head], from: work,", "propose: {by: [dept, head], from: [work, proposed],"))
    )
    propose(told, "03-03 10:30")
    assert told.duties("plan.1") == [("ended", "03-03 14:00"), ("open", "03-03 14:30")]
    assert told.refused("plan.approve", "03-03 11:00", "head", run=1) == ["stale-run"]


def test_a_stage_whose_condition_reads_an_absent_value_is_not_skipped() -> None:
    told = propose(routed(("if: \"level == 'high'\"", 'if: "fast == true"'))).do("plan.approve", "03-03 11:00", "head")
    assert [status for status, _ in told.duties("plan.2")] == ["open"]
    other = propose(routed(("if: \"level == 'high'\"", 'if: "fast == true"'), fast=False))
    assert other.do("plan.approve", "03-03 11:00", "head").duties("plan.2") == []


def test_an_approval_without_any_stage_left_is_given_at_once_by_the_act_that_starts_it() -> None:
    told = propose(routed((STAGES, "stages: [{role: chief, if: \"level == 'high'\", within: 4 h}]")))
    assert told.state.is_approved("plan")
    assert told.state.phase == "agreed"
    assert told.duty("solve")[0] == "met"
    assert told.acts()[-1] == "propose"


def test_a_stage_without_a_limit_is_due_with_the_earliest_duty_that_waits() -> None:
    told = propose(
        routed(
            (STAGES, "stages: [{role: head}]"),
            (
                "news: {bearer: desk, after: route, do: report, every: 2 workdays",
                "news: {bearer: desk, after: route, do: plan.approved, every: 1 workday",
            ),
        )
    )
    assert told.duty("plan.1") == ("open", "03-04 18:00")


def test_a_stage_reached_when_what_waits_is_overdue_tells_the_boss_at_once() -> None:
    told = propose(routed((STAGES, "stages: [{role: head}]")), "03-12 10:00").wait("03-12 10:01")
    assert told.duty("plan.1") == ("open", "03-10 18:00")
    assert told.rungs("plan.1") == [("03-12 10:00", 0)]
    stage = next(view for view in told.state.duties() if view.duty == "plan.1")
    assert words(stage.breached_at) == "03-10 18:00"


def test_a_stage_without_a_limit_is_paused_with_the_duty_that_waits() -> None:
    told = propose(
        routed((STAGES, "stages: [{role: head}]"), ("from: [open, work, waiting], to: waiting", "to: waiting"))
    )
    told.do("ask", "03-04 10:00")
    assert told.duty("plan.1") == ("paused", None)
    told.do("supply", "03-05 10:00", "customer")
    assert told.duty("plan.1") == told.duty("solve") == ("open", "03-11 18:00")


def test_a_pending_run_is_decided_only_in_the_phase_where_it_was_started() -> None:
    told = propose(routed(("from: [open, work, waiting], to: waiting", "to: waiting")))
    told.do("amend", "03-03 10:10", "dept", plan_text="other").do("ask", "03-03 10:20")
    assert told.refused("plan.approve", "03-03 11:00", "head") == ["phase"]
    told.do("supply", "03-03 11:10", "customer").do("plan.approve", "03-03 11:20", "head")


def test_a_verdict_cannot_have_been_given_before_its_stage_was_reached() -> None:
    told = proposed(loss="5000").do("plan.approve", "03-03 11:00", "head")
    assert told.refused("plan.approve", "03-03 10:59", "chief", recorded="03-03 12:00") == ["order"]


def test_observed_before_it_was_reached_a_verdict_still_leaves_nobody_owing_it() -> None:
    told = Case(mode="observe").do("receive", "03-03 09:00").do("route", "03-03 09:30")
    propose(told).do("plan.approve", "03-03 09:50", "head", recorded="03-03 12:00")
    assert told.state.is_approved("plan")
    assert told.duty("plan.1")[0] == "ended"


def test_another_holder_of_the_role_approves_where_there_is_one() -> None:
    told = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")
    for person in ("zhao", "qian"):
        told.staff.remember({"role": "head", "person": person})
    told.do("propose", "03-03 10:00", {"role": "head", "person": "zhao"}, plan_text="x")
    assert told.refused("plan.approve", "03-03 10:30", "chief") == ["role"]
    told.do("plan.approve", "03-03 10:40", {"role": "head", "person": "qian"})


def test_as_many_people_as_the_quorum_asks_for_approve_each_once() -> None:
    told = propose(routed((STAGES, "stages: [{role: head, within: 4 h, quorum: 2}]")))
    zhao, qian = ({"role": "head", "person": person} for person in ("zhao", "qian"))
    told.do("plan.approve", "03-03 10:30", zhao)
    assert told.duty("plan.1") == ("open", "03-03 14:00")
    assert told.refused("plan.approve", "03-03 10:40", zhao) == ["four-eyes"]
    told.do("plan.approve", "03-03 10:50", qian)
    assert told.state.is_approved("plan")


@pytest.mark.parametrize(
    "stages", ["stages: [{role: chief, within: 2 h}]", STAGES.replace("4 h}", "4 h}, {role: owner}")]
)
def test_a_migration_to_other_stages_begins_a_pending_run_again(stages: str) -> None:
    told = proposed()
    newer = workshop(("version: 1.0.0", "version: 2.0.0"), (STAGES, stages))
    migrate(told.state, newer.program, at=at("03-03 10:30"))
    assert [status for status, _ in told.duties("plan.1")] == ["ended", "open"]
    assert told.state.runs["plan"].number == 2


def test_a_migration_that_drops_an_approval_forgets_its_run() -> None:
    told = proposed()
    text = workshop().program.pack.sources["pack.yaml"]
    start, end = text.index("chains:"), text.index("duties:\n")
    text = text[:start] + text[end:]
    for old, new in (("plan.approved", "confirm"), ("approved(plan)", "done(propose)"), ("1.0.0", "2.0.0")):
        text = text.replace(old, new)
    migrate(told.state, compile_program(pack_of(text)), at=at("03-03 10:30"))
    assert [status for status, _ in told.duties("plan.1")] == ["ended"]
    assert told.state.runs == {}
