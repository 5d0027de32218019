"""A case of an office: whose calendar a limit counts on, who may act, who is told.

Berlin is seven hours behind Shanghai in March before the 29th and closes at 17:00, which is midnight in Shanghai.
Riyadh works from Sunday to Thursday until 16:00, which is 21:00 in Shanghai. Lisbon has no calendar of its own.
"""

from __future__ import annotations

import pytest

from engine.telling import BRANCHES, Case, at, branches, pack_of
from ombud.engine import (
    Actor,
    Event,
    available_acts,
    begin,
    check_story,
    compile_program,
    explain_duty,
    fold,
    replay_story,
)

BERLIN = {"role": "front", "office": "berlin"}
RIYADH = {"role": "front", "office": "riyadh"}
LISBON = {"role": "front", "office": "lisbon"}


def received(office: dict[str, str] = BERLIN, when: str = "03-03 09:00") -> Case:
    return branches().do("receive", when, office)


def from_customer(when: str = "03-03 09:00") -> Case:
    """Return a case that no office has yet."""
    return branches().do("receive", when, "customer")


# Whose calendar


@pytest.mark.parametrize(
    ("office", "when", "due"),
    [
        (BERLIN, "03-03 09:00", "03-06 00:00"),  # Wednesday, Thursday 17:00 in Berlin
        (RIYADH, "03-03 09:00", "03-05 21:00"),
        (RIYADH, "03-04 09:00", "03-08 21:00"),  # Friday and Saturday are free there: Thursday, Sunday
        (LISBON, "03-03 09:00", "03-05 18:00"),  # no calendar of its own: the policy's
    ],
)
def test_what_a_role_of_an_office_owes_counts_on_the_offices_calendar(
    office: dict[str, str], when: str, due: str
) -> None:
    assert received(office, when).duty("greet") == ("open", due)


def test_the_first_day_is_the_offices_own() -> None:
    # 06:30 on Wednesday in Shanghai is 23:30 on Tuesday in Berlin, so Wednesday counts.
    assert received(BERLIN, "03-04 06:30").duty("greet") == ("open", "03-06 00:00")


def test_public_holidays_are_the_offices_own() -> None:
    # Good Friday and Easter Monday are free in Berlin (summer time since 29 March: 17:00 is 23:00 in Shanghai).
    assert received(BERLIN, "04-02 10:00").duty("greet") == ("open", "04-08 23:00")
    # 3 and 4 April are workdays in Lisbon's case; Monday 6 April is Qingming in China.
    assert received(LISBON, "04-02 10:00").duty("greet") == ("open", "04-07 18:00")


def test_a_role_of_the_whole_organisation_counts_on_the_policys_calendar() -> None:
    told = received()
    assert told.duty("house") == ("open", "03-17 18:00")  # 4 to 6, 9 to 13, 16 and 17 March
    assert told.duty("local") == ("open", "03-18 00:00")  # `whose: office`, whoever owes it
    assert told.duty("inside") == ("open", "03-17 18:00")  # `whose: department`, and there is none yet


def test_a_department_that_gets_the_case_brings_its_calendar() -> None:
    told = received(RIYADH).do("send_on", "03-03 10:00", RIYADH, country="SA")
    assert told.state.department == "lab"  # which works on Saturdays too, until 20:00
    assert told.duty("inside") == ("open", "03-14 20:00")
    assert told.duty("look") == ("open", "03-06 20:00")
    assert told.duty("fix") == ("open", "03-09 20:00")


def test_a_department_without_a_calendar_counts_on_that_of_the_office() -> None:
    told = received().do("send_on", "03-03 10:00", BERLIN, country="DE")
    assert told.state.department == "sales"
    assert told.duty("look") == ("open", "03-07 00:00")
    assert told.duty("inside") == ("open", "03-17 18:00")  # `whose: department` asks no office


def test_without_an_office_a_department_without_a_calendar_counts_on_the_policys() -> None:
    told = from_customer().do("route", "03-03 10:00", "chief", place="sales")
    assert told.duty("look") == ("open", "03-06 18:00")


def test_a_role_of_one_department_counts_on_that_departments_calendar() -> None:
    told = from_customer("03-06 09:00").do("route", "03-06 10:00", "chief", place="sales")
    assert told.duty("verify") == ("open", "03-09 20:00")  # Saturday, Monday


def test_a_field_that_names_a_department_counts_on_its_calendar() -> None:
    told = from_customer("03-06 09:00").do("route", "03-06 10:00", "chief", place="lab")
    assert told.duty("aid") == ("open", "03-07 20:00")
    told = received(BERLIN, "03-06 09:00").do("route", "03-06 10:00", BERLIN, place="sales")
    assert told.duty("aid") == ("open", "03-10 00:00")  # Monday in Berlin


def test_whoever_acted_brings_the_calendar_of_their_role_then() -> None:
    told = received(BERLIN, "03-06 09:00").do("route", "03-06 10:00", BERLIN, place="lab")
    told.do("look", "03-06 11:00", "worker")
    assert told.duty("redo") == ("open", "03-07 20:00")  # a worker of the lab
    told.do("look", "03-06 12:00", BERLIN)
    assert told.duty("redo") == ("open", "03-10 00:00")  # looked at last by the office


def test_ladders_count_on_the_calendar_that_the_limit_uses() -> None:
    told = received().wait("03-20 00:00")
    # One workday before Thursday 17:00 in Berlin is Wednesday 17:00 there.
    assert told.rungs("greet") == [("03-05 00:00", 0), ("03-06 00:00", 1)]
    told = received(RIYADH, "03-04 09:00").do("send_on", "03-04 10:00", RIYADH, country="SA").wait("03-20 00:00")
    # Due on Saturday at 20:00 in the lab; a workday later is Monday there.
    assert told.rungs("look") == [("03-07 20:00", 0), ("03-09 20:00", 1)]


# Changing the office or the department


def test_a_new_office_has_its_due_times_counted_anew() -> None:
    told = from_customer()
    assert told.duty("greet") == ("open", "03-05 18:00")
    told.do("settle_here", "03-03 10:00", BERLIN)
    assert told.state.office == "berlin"
    assert told.duty("greet") == ("open", "03-06 00:00")
    assert told.duty("local") == ("open", "03-18 00:00")
    view = next(each for each in told.state.duties() if each.duty == "greet")
    assert view.revision == 2


def test_a_new_office_makes_nobody_late_after_the_fact() -> None:
    told = received(BERLIN, "03-03 09:00").do("settle_here", "03-05 22:00", {"role": "front", "office": "berlin"})
    told.do("send_on", "03-05 22:30", BERLIN, country="SA")  # in Riyadh it was due at 21:00
    assert told.duty("greet") == ("open", "03-06 00:00")
    assert told.state.office == "riyadh"


def test_a_new_office_clears_the_handler() -> None:
    told = received().do("send_on", "03-03 10:00", BERLIN, country="DE").do("take", "03-03 10:30", BERLIN)
    assert told.state.handler == "front@berlin"
    told.do("send_on", "03-03 11:00", BERLIN, country="DE")
    assert told.state.handler == "front@berlin"  # the same office as before
    told.do("send_on", "03-03 12:00", BERLIN, country="SA")
    assert told.state.handler is None


def test_the_first_event_brings_the_office_and_begin_may_say_another() -> None:
    assert received().state.office == "berlin"
    assert from_customer().state.office is None
    program = compile_program(pack_of(BRANCHES))
    assert begin(program, office="riyadh").office == "riyadh"
    later = received().do("say", "03-03 10:00", {"role": "front", "person": "li"})
    assert later.state.office == "berlin"


def test_the_machine_brings_the_department_too_where_it_begins_a_case() -> None:
    program = compile_program(pack_of(BRANCHES), procedure="mending")
    event = Event(1, "begin", 10, 10, "system", "clock", "lab", "riyadh", {"measure": "x"})
    state = fold(program, [event])
    assert (state.department, state.office) == ("lab", "riyadh")
    # An act of a person never moves the case by itself.
    first = Event(1, "receive", 10, 10, "wang", "chief", "lab", None, {})
    assert fold(compile_program(pack_of(BRANCHES)), [first]).department is None


# Who may act, who is told


def test_only_people_of_the_cases_office_hold_a_role_of_an_office() -> None:
    told = received()
    assert told.refused("say", "03-03 10:00", RIYADH) == ["office"]
    told.do("say", "03-03 10:00", BERLIN)
    blocked = {
        offer.act: [each.code for each in offer.blocked]
        for offer in available_acts(told.state, Actor(person="x", role="front", office="riyadh"), at("03-03 11:00"))
    }
    assert blocked["say"] == ["office"]


def test_a_refusal_names_the_office() -> None:
    outcome = received().submit("say", "03-03 10:00", RIYADH)
    (refusal,) = outcome.refused
    assert "Berlin" in refusal.message["en"]
    assert "柏林" in refusal.message["zh"]


def test_the_boss_of_an_office_role_is_told_in_that_office() -> None:
    told = received().wait("03-07 00:00")
    assert [(tell.to.name, tell.office) for tell in told.notifications if tell.duty == "greet"] == [
        ("front", "berlin"), ("lead", "berlin"),
    ]  # fmt: skip


# Explained, and told as a story


def test_an_explanation_names_whose_calendar_it_is_and_speaks_its_time() -> None:
    told = received()
    lines = [line["en"] for line in explain_duty(told.state, "greet", 1)]
    assert lines[0] == "Opened by “Receive” at 2026-03-03 02:00."
    assert lines[1] == "Counted on the calendar of Berlin."
    assert "按柏林的工作日历计算。" in [line["zh"] for line in explain_duty(told.state, "greet", 1)]
    house = [line["en"] for line in explain_duty(told.state, "house", 1)]
    assert house[1] == "Counted on the policy's own calendar."


def test_a_limit_may_be_graded_by_the_office() -> None:
    told = branches(
        ("do: say, within: 2 workdays", "do: say, within: {by: office, berlin: 1 workday, else: 2 workdays}")
    )
    told.do("receive", "03-03 09:00", BERLIN)
    assert told.duty("greet") == ("open", "03-05 00:00")
    lines = explain_duty(told.state, "greet", 1)
    assert "Chosen by “Office” = Berlin." in [line["en"] for line in lines]
    assert any("所属机构" in line["zh"] and "柏林" in line["zh"] for line in lines[1:2])


def test_a_story_may_begin_in_an_office_and_expect_one() -> None:
    log = [
        {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": "front"},
        {"at": "2026-03-03T10:00+08:00", "act": "say", "by": RIYADH},
    ]
    story = {
        "office": "berlin",
        "log": log,
        "expect": {"office": "berlin", "refused": [{"act": "say", "code": "office"}]},
    }
    assert check_story(pack_of(BRANCHES), story) == []
    told = replay_story(pack_of(BRANCHES), story)
    assert told["office"] == "berlin"
    assert check_story(pack_of(BRANCHES), {**story, "expect": {"office": "riyadh", "refused": ["say"]}}) == [
        "office is berlin, expected riyadh"
    ]


def test_money_at_a_recorded_rate_is_graded_in_the_policys_currency() -> None:
    told = branches().do("receive", "03-03 09:00", BERLIN, loss="1500 EUR @ 7.85")  # 11,775 CNY
    assert told.state.grades["level"] == "high"
    told.do("regrade", "03-03 09:30", BERLIN, loss="1200 EUR @ 7.85")  # 9,420
    assert told.state.grades["level"] == "low"
    told.do("regrade", "03-03 09:40", BERLIN, loss="1200 EUR @ 8.40")  # 10,080: the rate alone has changed
    assert told.state.grades["level"] == "high"
