"""Approvals: stages, four eyes, what makes them void, and what follows from them."""

from __future__ import annotations

from engine.telling import Case


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
    assert ("plan.1", "chief", "breach") in [(each.duty, each.to.name, each.why) for each in told.tells]


def test_the_duty_that_waits_is_paused_so_is_its_stage() -> None:
    told = proposed(loss="5000").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("plan.2")[0] == "open"
