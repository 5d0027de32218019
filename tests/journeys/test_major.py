"""Major complaints: the management is told, a group is formed, progress is told daily, two stages approve."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeys.telling import DAY, REGISTERED, SOLUTION, Journey

pytestmark = pytest.mark.django_db

MAJOR = {**REGISTERED, "spread": "yes", "loss": "8000"}


def test_a_major_complaint_runs_under_its_own_limits_to_the_archive(journey: Journey) -> None:
    journey.files(loss="8000")
    journey.does(20, "lin", "register", **MAJOR)
    assert journey.case.grades["severity"] == "major"
    assert {"report_up", "form_group", "investigate_major", "solution_major", "close_major", "progress"} <= set(
        journey.owed()
    )
    assert "2.2" in journey.is_refused(25, "lin", "route")

    journey.does(40, "lin", "report_up", remark="金额超过五千元")
    assert journey.acts()[-1] == "route_major"
    assert journey.told("gao") == ["report_up"]
    assert journey.case.department.key == "quality"

    journey.does(60, "wei", "form_group", task_group="品控部、法务部、客服部")
    journey.does(70, "chen", "accept_work")
    # Friday 6 March 18:00: the third working day after Tuesday.
    assert journey.due("investigate_major") == datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
    journey.does(90, "lin", "verify", order_check="订单一致")
    journey.does(DAY, "lin", "inform", message="小组已经成立，正在调查")
    journey.does(DAY + 60, "chen", "investigate", finding="partly")
    assert "1.3.3" in journey.is_refused(DAY + 70, "chen", "propose", **SOLUTION)
    journey.does(DAY + 80, "lin", "call_back", call_back_record="客户确认经过")

    journey.does(DAY + 100, "chen", "propose", **SOLUTION)
    journey.does(DAY + 110, "zhou", "plan.approve")
    assert journey.case.phase == "approving", "the management approves too"
    journey.does(DAY + 120, "gao", "plan.approve")
    journey.does(DAY + 140, "lin", "communicate")
    journey.answers(DAY + 200, "answer", answer="accepted")
    journey.does(2 * DAY, "chen", "carry_out", result="已赔付")
    journey.does(2 * DAY + 60, "lin", "follow_up", follow_up_by="phone", satisfaction="satisfied")
    assert journey.case.phase == "closed"
    assert "late" not in set(journey.case.duties.values_list("status", flat=True))
    journey.is_proven()


def test_progress_is_told_every_working_day_and_its_neglect_goes_up(journey: Journey) -> None:
    journey.files()
    journey.does(20, "lin", "register", **MAJOR)
    journey.does(30, "lin", "report_up")
    journey.does(DAY, "lin", "inform", message="第一天")
    assert journey.status("progress") == ["met", "open"]
    journey.at(3 * DAY)
    assert journey.told("wei", "breach").count("progress") == 1
    journey.does(3 * DAY + 10, "lin", "inform", message="第三天")
    assert "late" in journey.status("progress")
    assert "第三天" in journey.tracks()
    journey.is_proven()


def test_a_complaint_that_spreads_becomes_major_and_changes_its_limits(journey: Journey) -> None:
    journey.files()
    journey.does(20, "lin", "register", **REGISTERED)
    journey.does(30, "lin", "route")
    journey.does(50, "chen", "accept_work")
    journey.does(100, "lin", "regrade", spread="yes", reason="客户公开发帖")
    assert journey.case.grades["severity"] == "major"
    assert "solution" not in journey.owed()
    assert {"report_up", "form_group", "investigate_major", "solution_major", "close_major"} <= set(journey.owed())
    journey.does(110, "lin", "report_up")
    assert journey.told("gao") == ["report_up"]
    journey.is_proven()
