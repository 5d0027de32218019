"""What time does to a complaint that nobody looks after: it is warned of, breached and escalated, each once."""

from __future__ import annotations

import pytest

from builders import after
from journeys.telling import DAY, REGISTERED, Journey
from ombud.cases.models import Duty, Event
from ombud.clock.tick import tick

pytestmark = pytest.mark.django_db


def test_a_complaint_that_nobody_registers_is_warned_of_breached_and_goes_up(journey: Journey) -> None:
    journey.files()
    journey.at(45)
    assert journey.told("lin") == []
    journey.at(46)
    assert journey.told("lin", "warning") == ["register"]
    assert journey.told("wei") == []
    journey.at(60)
    assert journey.told("wei", "breach") == []
    journey.at(61)
    assert journey.told("wei", "breach") == ["register"]
    assert journey.told("gao") == []
    journey.at(121)
    assert journey.told("gao") == ["register"]
    assert journey.told("deng") == journey.told("chen") == journey.told("zhou") == []
    journey.does(125, "lin", "register", **REGISTERED)
    assert journey.status("register") == ["late"]
    journey.is_proven()


def test_a_clock_that_was_down_tells_everything_once_at_its_exact_instants(journey: Journey) -> None:
    journey.files()
    journey.does(20, "lin", "register", **REGISTERED)
    journey.does(30, "lin", "route")
    journey.at(3 * DAY)  # nothing in between
    row = Duty.objects.get(case=journey.case, duty="first_check")
    assert row.breached_at == after(20 + 4 * 60)
    before = journey.told("zhou"), journey.told("chen"), journey.told("gao"), Event.objects.count()
    for _ in range(3):
        tick(after(3 * DAY))
    assert (journey.told("zhou"), journey.told("chen"), journey.told("gao"), Event.objects.count()) == before
    assert journey.told("zhou", "breach") == ["accept_work", "first_check", "solution", "carry_out"]
    assert journey.told("chen", "warning") == ["accept_work", "first_check", "solution", "carry_out"]
    assert journey.told("wei", "breach") == ["communicate", "follow_up"]
    journey.is_proven()


def test_the_boss_who_was_told_finds_the_case_and_its_overdue_duty(journey: Journey) -> None:
    journey.files()
    journey.at(70)
    wei = journey.browser("wei")
    assert journey.reference in wei.get("/desk/notices/").content.decode()
    page = wei.get(f"/desk/cases/{journey.reference}/").content.decode()
    assert 'data-state="over"' in page or "overdue" in page.lower()
    assert "1.1.6" in page
    journey.is_proven()


def test_duties_of_an_urgent_complaint_are_half_as_long(journey: Journey) -> None:
    journey.files()
    journey.does(20, "lin", "register", **{**REGISTERED, "urgency": "urgent"})
    assert journey.due("first_check") == after(20 + 2 * 60)
    assert journey.due("solution") == after(20 + 4 * 60)
    assert journey.due("carry_out") == after(20 + 12 * 60)
    assert journey.due("follow_up") == after(20 + 48 * 60)
    journey.is_proven()


def test_a_private_message_on_a_friday_evening_is_answered_on_monday_morning(journey: Journey) -> None:
    friday = 3 * DAY + 8 * 60 + 45  # 6 March 17:45
    journey.records(friday, "lin", channel="social")
    assert journey.due("answer_message") == after(6 * DAY + 15)  # Monday 09:15
    journey.at(4 * DAY)
    assert "answer_message" not in journey.told("wei", "breach")
    journey.at(6 * DAY + 16)
    assert "answer_message" in journey.told("wei", "breach")
    journey.does(6 * DAY + 20, "lin", "acknowledge", message="您好，已收到")
    assert journey.status("answer_message") == ["late"]
    journey.is_proven()


def test_store_pictures_are_fetched_before_they_are_deleted(journey: Journey) -> None:
    journey.files()
    journey.does(
        20, "lin", "register",
        **{**REGISTERED, "category": "service_process", "aspect": "attitude", "occurred_on": "2026-02-14T15:00+08:00"},
    )  # fmt: skip
    assert journey.case.grades["third_party"] == "cctv"
    assert "save_cctv" in journey.owed()
    journey.at(6 * DAY)
    assert "save_cctv" in journey.told("lin", "warning")
    journey.does(6 * DAY + 10, "lin", "verify_third_party", third_party_check="监控已封存")
    assert journey.status("save_cctv") == ["met"]
    journey.is_proven()
