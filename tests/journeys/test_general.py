"""General complaints, from the portal's form to the archive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from builders import after
from journeys.telling import DAY, REGISTERED, SOLUTION, Journey
from samples import PNG

pytestmark = pytest.mark.django_db


def reach_investigation(journey: Journey) -> None:
    journey.files()
    journey.does(20, "lin", "register", **REGISTERED)
    journey.does(30, "lin", "route")
    journey.does(50, "chen", "accept_work")
    journey.does(100, "chen", "investigate", finding="substantiated")


def reach_proposal(journey: Journey) -> None:
    reach_investigation(journey)
    journey.proposes(120)


def test_a_complaint_goes_from_the_form_to_the_archive(journey: Journey) -> None:
    journey.files(evidence=PNG)
    assert journey.owed() == {"register": "agent"}
    assert "已通知您投诉已收到" in journey.tracks()

    journey.does(20, "lin", "register", **REGISTERED)
    assert journey.case.grades["severity"] == "general"
    assert journey.owed() == {
        "dispatch": "agent", "first_check": "contact", "solution": "contact", "communicate": "agent",
        "carry_out": "contact", "follow_up": "agent",
    }  # fmt: skip

    journey.does(30, "lin", "route")
    assert journey.case.department.key == "quality"
    assert "route" in journey.told("wei") == ["route"]
    assert journey.told("chen") == journey.told("zhou") == ["route"]
    assert journey.told("deng") == []

    journey.does(50, "chen", "accept_work")
    assert journey.case.handler == journey.cast.chen
    assert "2.1.3" in journey.is_refused(55, "chen", "propose", **SOLUTION)
    journey.does(100, "chen", "investigate", finding="substantiated", finding_notes="已核对订单")
    journey.does(120, "chen", "propose", **SOLUTION)
    assert journey.case.phase == "approving"
    journey.does(140, "zhou", "plan.approve")
    assert journey.case.phase == "communicating"
    journey.does(160, "lin", "communicate", message="已电话说明方案")
    assert "换新并致歉" in journey.tracks()
    assert any("换新并致歉" in letter.body for letter in mail.outbox)
    assert not {"Lin", "Chen", "Zhou"} & set(journey.tracks().replace("<", " ").replace(">", " ").split())

    journey.answers(300, "answer", answer="accepted")
    journey.does(400, "chen", "carry_out", result="新壶已寄出")
    journey.does(600, "lin", "follow_up", follow_up_by="phone", satisfaction="satisfied")
    assert journey.case.phase == "closed"
    assert journey.owed() == {}
    assert {duty for duty in journey.case.duties.values_list("status", flat=True)} == {"met"}
    journey.answers(610, "rate", rating="5")
    assert "已办结" in journey.tracks()
    assert journey.acts() == [
        "receive", "push_acceptance", "register", "route", "accept_work", "investigate", "propose", "plan.approve",
        "communicate", "answer", "carry_out", "follow_up", "close", "rate",
    ]  # fmt: skip
    journey.is_proven()


def test_a_call_is_typed_in_and_its_caller_follows_it_with_number_and_code(journey: Journey) -> None:
    journey.records(0, "lin")
    journey.does(20, "lin", "register", **REGISTERED)
    answer = journey.customer.post("/track/", {"reference": journey.reference, "secret": journey.secret}, follow=True)
    assert "已受理" in answer.content.decode()
    journey.is_proven()


def test_a_rejected_proposal_is_negotiated_anew_with_limits_that_run_anew(journey: Journey) -> None:
    reach_proposal(journey)
    journey.answers(400, "answer", answer="rejected", opinion="要求退款")
    assert journey.case.phase == "investigating"
    assert journey.due("solution") == after(400 + 8 * 60)
    assert journey.due("communicate") == after(400 + 12 * 60)
    assert "2.1.4a" in journey.is_refused(410, "lin", "communicate")

    journey.proposes(500, measures="全额退款")
    assert "全额退款" in journey.tracks()
    journey.answers(600, "answer", answer="accepted")
    journey.does(700, "chen", "carry_out", result="已退款")
    journey.does(800, "lin", "follow_up", follow_up_by="phone", satisfaction="mostly")
    assert journey.case.phase == "closed"
    assert journey.status("solution") == ["met", "met"]
    journey.is_proven()


def test_a_head_who_says_no_sends_the_proposal_back(journey: Journey) -> None:
    reach_investigation(journey)
    journey.does(120, "chen", "propose", **SOLUTION)
    journey.does(130, "zhou", "plan.reject", reason="补偿不足")
    assert journey.case.phase == "investigating"
    journey.proposes(150)
    assert journey.case.phase == "answering"
    journey.is_proven()


def test_who_proposed_does_not_approve(journey: Journey) -> None:
    reach_investigation(journey)
    journey.does(120, "zhou", "propose", **SOLUTION)
    assert "2.1.4a" in journey.is_refused(130, "zhou", "plan.approve")
    journey.does(140, "gao", "plan.approve")
    assert journey.case.phase == "communicating"
    journey.is_proven()


def test_what_was_not_accepted_is_settled_before_the_case_is_closed(journey: Journey) -> None:
    reach_proposal(journey)
    journey.answers(300, "answer", answer="partly", opinion="同意换新，还要书面道歉")
    assert journey.case.phase == "carrying_out"
    assert journey.owed()["rest"] == "agent"
    journey.does(400, "chen", "carry_out", result="已换新")
    journey.does(420, "lin", "follow_up", follow_up_by="phone", satisfaction="satisfied")
    assert journey.case.phase == "closing"
    journey.does(440, "lin", "settle_rest", rest_settled="书面道歉已寄出")
    assert journey.case.phase == "closed"
    journey.is_proven()


def test_silence_is_reminded_of_every_working_day_and_then_taken_as_consent(journey: Journey) -> None:
    reach_proposal(journey)
    stopped = journey.due("carry_out")
    assert stopped is None, "our limits stand still while the complainant thinks"
    for day in range(1, 16):
        journey.at(day * DAY + 12 * 60)
    journey.at(17 * DAY)
    assert journey.told(None, "warning").count("answer") == 10  # working days of 4 to 17 March
    assert journey.case.phase == "carrying_out"
    assert journey.acts()[-1] == "deem_accepted"
    assert "deem_accepted" in journey.told("chen", "act")
    assert "逾期未答复，视为接受方案" in journey.tracks()
    journey.does(17 * DAY + 60, "chen", "carry_out", result="已换新")
    journey.does(17 * DAY + 120, "lin", "follow_up", follow_up_by="phone", satisfaction="satisfied")
    assert journey.case.phase == "closed"
    journey.is_proven()


def test_a_dissatisfied_customer_goes_up_to_the_supervisor_and_gets_another_proposal(journey: Journey) -> None:
    reach_proposal(journey)
    journey.answers(200, "answer", answer="accepted")
    journey.does(250, "chen", "carry_out", result="已换新")
    assert "2.1.7" in journey.is_refused(290, "lin", "follow_up", follow_up_by="sms", satisfaction="satisfied")
    journey.does(300, "lin", "call_unanswered")
    journey.does(310, "lin", "follow_up", follow_up_by="sms", satisfaction="dissatisfied", experience="又漏了")
    assert journey.case.phase == "investigating"
    assert "escalate" in journey.told("wei")
    journey.proposes(400, measures="全额退款")
    journey.answers(450, "answer", answer="accepted")
    journey.does(500, "chen", "carry_out", result="已退款")
    journey.does(520, "lin", "follow_up", follow_up_by="phone", satisfaction="satisfied")
    assert journey.case.phase == "closed"
    journey.is_proven()


def test_missing_facts_stop_our_clocks_until_they_are_supplied(journey: Journey) -> None:
    journey.files(object="", place="")
    journey.does(20, "lin", "register", **REGISTERED, missing="订单号")
    dispatch = journey.due("dispatch")
    journey.does(30, "lin", "request_facts", message="请补充订单号")
    assert journey.case.phase == "waiting"
    assert journey.status("dispatch") == ["paused"]
    assert "请补充订单号" in journey.tracks()
    assert any("请补充订单号" in letter.body for letter in mail.outbox)
    journey.answers(90, "supply_facts", object="订单 4402")
    assert journey.case.phase == "accepted"
    assert journey.told("lin") == ["supply_facts"]
    assert dispatch is not None
    assert journey.due("dispatch") == dispatch + timedelta(hours=1)
    journey.is_proven()


def test_facts_that_never_come_end_the_case_with_the_reason(journey: Journey) -> None:
    journey.files(object="")
    journey.does(20, "lin", "register", **REGISTERED, missing="订单号")
    journey.does(30, "lin", "request_facts", message="请补充订单号")
    journey.at(16 * DAY)
    assert journey.case.phase == "ended"
    assert journey.owed() == {}
    page = journey.tracks()
    assert "要求补充的要素逾期15个自然日未提供。" in page
    assert "{'zh'" not in page
    assert "要求补充的要素逾期15个自然日未提供。" in mail.outbox[-1].body
    assert "{'zh'" not in mail.outbox[-1].body
    desk = journey.browser("lin").get(f"/desk/cases/{journey.reference}/").content.decode()
    assert "The facts asked for were not supplied" in desk
    assert "&#x27;zh" not in desk
    journey.is_proven()


def test_a_withdrawn_complaint_is_over(journey: Journey) -> None:
    reach_investigation(journey)
    journey.answers(110, "withdraw", reason="已经解决了", sure="1")
    assert journey.case.phase == "withdrawn"
    assert journey.owed() == {}
    journey.at(5 * DAY)
    assert journey.told("zhou", "breach") == []
    journey.is_proven()


def test_an_english_complaint_gets_english_letters(journey: Journey) -> None:
    journey.files(language="en", subject="The kettle leaks")
    assert journey.case.language == "en"
    journey.does(20, "lin", "register", **REGISTERED)
    journey.does(30, "lin", "route")
    assert "We have received your complaint" in mail.outbox[0].subject
    assert "Passed to the department in charge" in journey.tracks()
    journey.is_proven()
