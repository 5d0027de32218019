"""A clock that ran ahead and was set back: the repaired case goes on at once, and time does what it did ahead anew."""

from __future__ import annotations

from typing import Any

import pytest

from engine.telling import Case, at, words
from ombud.engine import Actor, fold, repair_clock
from ombud.engine.looking_back import look_back

MANAGER = Actor(person="mo", role="manager")


def repair(case: Case, when: str) -> None:
    outcome = repair_clock(case.state, actor=MANAGER, at=at(when), data={"reason": "NTP"})
    case.events += outcome.events
    case.notifications += outcome.notifications


def breached_at(case: Case) -> int | None:
    return next(each.breached_at for each in case.state.duties() if each.duty == "greet")


@pytest.fixture
def case() -> Case:
    """Return a case whose clock ran three days ahead from 3 March, 09:40 on."""
    return Case().do("receive", "03-03 09:00").do("route", "03-06 09:30").do("ask", "03-06 09:40")


def test_it_can_be_acted_on_at_once_and_limits_count_from_the_repair(case: Case) -> None:
    assert "clock-behind" in case.refused("look", "03-03 10:00", "dept")
    repair(case, "03-03 10:00")
    case.do("supply", "03-03 10:00", "desk").do("look", "03-03 10:05", "dept")
    assert case.events[-1].recorded == at("03-03 10:05")  # the log is in the order of recording again
    assert case.duty("look") == ("met", "03-06 18:00")
    assert case.duty("solve")[1] == "03-10 18:00"


def test_warnings_and_breaches_of_the_time_ahead_are_taken_back_and_come_when_their_time_has_come(case: Case) -> None:
    assert case.duty("greet") == ("open", "03-03 11:00")
    assert len(case.rungs("greet")) == 3
    assert breached_at(case) is not None
    repair(case, "03-03 10:00")
    assert breached_at(case) is None
    case.do("report", "03-03 10:45")
    assert len(case.rungs("greet")) == 4  # the warning half an hour before, once more
    case.do("greet", "03-03 10:50")
    assert case.duty("greet") == ("met", "03-03 11:00")


def test_what_passed_before_the_repair_is_not_told_again() -> None:
    case = Case().do("receive", "03-03 09:00").do("route", "03-03 10:40").do("ask", "03-04 09:00")
    repair(case, "03-03 10:45")
    case.do("report", "03-03 10:50")
    assert [words(each.occurred) for each in case.events if each.act == "rung"] == [
        "03-03 10:30", "03-03 11:00",
    ]  # fmt: skip  # those of before; the one at 11:00 comes again
    case.do("report", "03-03 11:05")
    assert [words(each.occurred) for each in case.events if each.act == "rung"][-1] == "03-03 11:00"


def test_a_verdict_may_be_given_at_once() -> None:
    case = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")
    case.do("propose", "03-05 10:00", "dept", plan_text="a")
    assert "clock-behind" in case.refused("plan.approve", "03-03 10:00", "head")
    repair(case, "03-03 10:00")
    case.do("plan.approve", "03-03 10:10", "head")
    assert case.state.is_approved("plan")


def test_folding_the_log_anew_leads_to_the_same_state(case: Case) -> None:
    repair(case, "03-03 10:00")
    case.do("supply", "03-03 10:30", "desk")
    assert fold(case.program, case.events).snapshot() == case.state.snapshot()


def test_the_bearers_of_what_moved_are_told_and_the_timeline_says_what_moved(case: Case) -> None:
    before: list[Any] = list(case.notifications)
    repair(case, "03-03 10:00")
    assert {each.why for each in case.notifications[len(before) :]} == {"due-moved"}
    moved = look_back(case.program, case.events).moves[case.state.seq]
    assert "solve" in {each.duty for each in moved}


def test_closed_duties_stay_as_they_are() -> None:
    case = Case().do("receive", "03-03 09:00").do("greet", "03-04 10:00").do("route", "03-04 10:10")
    old = case.duty("greet")
    repair(case, "03-03 10:00")
    assert case.duty("greet") == old == ("late", "03-03 11:00")
