"""What the scenarios of customer-complaints cannot say: when its ladders speak, and what its letters and forms hold."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from ombud.engine.scenario.run import replay_story
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of


def policy() -> Pack:
    return pack_of("customer-complaints")


@cache
def told(name: str, now: str | None = None) -> dict[str, Any]:
    story = next(each.story for each in policy().scenarios if each.name == name)
    return replay_story(policy(), story, now=now)


def rungs(outcome: dict[str, Any], duty: str) -> list[str]:
    return [each["at"] for each in outcome["rungs"] if each["duty"] == duty]


def test_the_cctv_warning_comes_ten_days_and_three_days_before_the_recording_is_lost() -> None:
    outcome = told("store CCTV: thirty natural days from the event", "2026-04-01T00:00:01+08:00")
    # Event on 1 March: kept until 31 March 24:00. Ten days before, three days before, and at the end.
    assert rungs(outcome, "save_cctv") == [
        "2026-03-22T00:00:00+08:00",
        "2026-03-29T00:00:00+08:00",
        "2026-04-01T00:00:00+08:00",
    ]


def test_a_silent_complainant_is_reminded_at_the_end_of_every_working_day() -> None:
    outcome = told("facts never supplied: ended with the reason after fifteen natural days")
    # Asked on Tuesday 3 March: reminded on 4-6, 9-13, 16 and 17 March; on the 18th the case is ended.
    days = ["04", "05", "06", "09", "10", "11", "12", "13", "16", "17", "18"]
    assert rungs(outcome, "supply_facts") == [f"2026-03-{day}T18:00:00+08:00" for day in days]
    assert [each["act"] for each in outcome["automatic"]] == ["end_unanswered"]


def test_a_breach_is_told_to_the_boss_and_later_to_management() -> None:
    outcome = told("nobody registers: reminded, overdue, the case stays")
    # Due at 10:00: warned at 9:45, the supervisor at 10:00, management at 11:00.
    assert rungs(outcome, "register") == [f"2026-03-03T{at}:00+08:00" for at in ("09:45", "10:00", "11:00")]
    ladder = policy().main.duties["register"].breach
    assert [rung.tell for rung in ladder] == [("bearer",), ("boss",), ("management",)]


def test_every_duty_of_ours_warns_before_it_is_due_and_tells_the_boss_at_the_breach() -> None:
    for procedure in policy().procedures.values():
        for duty in procedure.duties.values():
            if duty.bearer.name == "complainant":
                assert duty.breach[-1].act, f"{duty.id} is an outsider's: its ladder ends in an act"
                continue
            assert duty.breach[0].is_before, f"{duty.id} warns before"
            told_at_breach = {who for rung in duty.breach if not rung.is_before for who in rung.tell}
            assert told_at_breach & {"boss", "supervisor"}, f"{duty.id} tells somebody above"


def test_the_portal_form_has_three_short_steps_of_fields_that_filing_takes() -> None:
    receive = policy().main.acts["receive"]
    steps = policy().channels["web"].form
    assert len(steps) == 3
    assert all(len({*step.fields} - {"mandate"}) <= 5 for step in steps)
    assert {name for step in steps for name in step.fields} <= {*receive.needs, *receive.may}


def test_evidence_is_kept_for_three_years() -> None:
    keep = policy().retention["evidence"].keep
    assert (keep.length, keep.unit) == (3, "year")


def test_management_sees_personal_data_masked() -> None:
    assert "management" not in policy().access.unmasked


@pytest.mark.parametrize("table", ["severity", "pace", "first_department", "verification", "third_party"])
def test_no_act_takes_what_a_table_decides(table: str) -> None:
    for act in policy().main.acts.values():
        assert table not in {*act.needs, *act.may}


def test_the_base_pack_holds_only_what_is_shared() -> None:
    base = {act.id for act in policy().main.acts.values() if act.at.file.startswith("base/")}
    assert base == {
        "withdraw",
        "record_withdrawal",
        "note",
        "attach",
        "correct",
        "take",
        "report_undelivered",
        "tell_otherwise",
        "agree_language",
    }  # regrade is this policy's own


def test_a_reason_given_once_is_no_reason_for_the_next_change() -> None:
    facts = {
        "category": "delivery",
        "aspect": "late",
        "urgency": "normal",
        "spread": False,
        "routine": True,
        "legal_step": "none",
        "business_affected": False,
    }
    log = [
        ("09:00", "receive", {"channel": "hotline", "subject": "x"}),
        ("09:10", "register", facts),
        ("09:20", "correct", {"place": "a", "reason": "A typing error"}),
        ("09:30", "correct", {"place": "b"}),
    ]
    steps = [{"at": f"2026-03-03T{at}+08:00", "act": act, "by": "agent", "data": data} for at, act, data in log]
    refused = replay_story(policy(), {"log": steps})["refused"]
    assert [(each["index"], each["reasons"][0]["field"]) for each in refused] == [(3, "reason")]


def test_words_told_once_are_not_told_again() -> None:
    log = [
        ("09:00", "receive", {"channel": "hotline", "subject": "x"}),
        ("09:10", "acknowledge", {"message": "We have it"}),
        ("09:20", "inform", {}),
    ]
    steps = [{"at": f"2026-03-03T{at}+08:00", "act": act, "by": "agent", "data": data} for at, act, data in log]
    reasons = replay_story(policy(), {"log": steps})["refused"][0]["reasons"]
    assert "message" in {each["field"] for each in reasons}


def test_the_hour_of_the_event_is_kept_where_the_cctv_is_found_by_it() -> None:
    for policy in ("customer-complaints", "student-complaints"):
        assert pack_of(policy).fields["occurred_on"].type == "instant", policy


@pytest.mark.parametrize(
    "name", ["customer-complaints", "user-complaints", "student-complaints", "training-service", "overseas-customers"]
)
def test_under_no_policy_does_an_event_lie_in_the_future(name: str) -> None:
    assert pack_of(name).fields["occurred_on"].is_past
