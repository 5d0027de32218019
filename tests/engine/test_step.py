"""One step: admission with every failed condition, back-dating, automatic acts, the two modes."""

from __future__ import annotations

import pytest

from engine.telling import Case, at
from ombud.engine import Actor, Event, EventError, fold


@pytest.fixture
def case() -> Case:
    return Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")


def test_every_failed_condition_is_found_with_its_clauses(case: Case) -> None:
    outcome = case.submit("confirm", "03-03 10:00", "chief", plan_text="x", nonsense="y")
    assert [each.code for each in outcome.refused] == [
        "unknown-field", "unknown-field", "role", "phase", "same-as", "guard",
    ]  # fmt: skip
    assert {clause for each in outcome.refused for clause in each.clauses} == {"3"}
    assert all(each.message["zh"] and each.message["en"] for each in outcome.refused)
    assert not outcome.events


def test_a_refused_act_leaves_no_trace_even_where_rungs_were_due_before_it(case: Case) -> None:
    assert case.refused("propose", "03-04 12:00", "dept") == ["needs"]
    assert case.rungs("greet") == []


def test_the_rungs_before_an_act_come_first_in_the_same_outcome(case: Case) -> None:
    outcome = case.submit("greet", "03-03 11:00:01", "desk")
    assert [(e.act, e.data.get("rung")) for e in outcome.events] == [("rung", 0), ("rung", 1), ("greet", None)]
    assert [e.seq for e in outcome.events] == [3, 4, 5]


def test_values_are_typed_and_domains_kept(case: Case) -> None:
    assert case.refused("regrade", "03-03 10:00", loss="much") == ["value"]
    assert case.refused("regrade", "03-03 10:00", loss="-1 CNY") == ["value"]
    assert case.refused("regrade", "03-03 10:00", kind="wheels") == ["value"]
    assert case.refused("regrade", "03-03 10:00", level="high") == ["unknown-field"]
    case.do("regrade", "03-03 10:00", loss="1000.01 CNY", fast="no")
    assert case.state.facts["loss"] == {"amount": "1000.01", "currency": "CNY"}
    assert case.state.facts["fast"] is False
    assert case.state.grades == {"level": "high", "shop": "repair"}


def test_only_the_cases_department_acts_for_a_department_role(case: Case) -> None:
    case.do("regrade", "03-03 10:00", kind="body").do("route", "03-03 10:01")
    assert case.state.department == "parts"
    assert case.refused("take", "03-03 10:05", {"role": "dept", "department": "repair"}) == ["department"]
    case.do("take", "03-03 10:05", "dept")
    assert case.state.handler == "dept@parts"


def test_the_handler_is_cleared_when_the_department_changes(case: Case) -> None:
    case.do("take", "03-03 10:00", "dept")
    assert case.state.handler == "dept@repair"
    case.do("route", "03-03 10:30", kind="engine")
    assert case.state.handler == "dept@repair"
    case.do("route", "03-03 11:00", kind="body")
    assert case.state.handler is None


def test_an_act_may_be_typed_in_later_but_not_from_before_its_phases(case: Case) -> None:
    case.do("look", "03-03 09:40", "dept", recorded="03-03 12:00")
    assert case.state.duties()[1].done_at == at("03-03 09:40")
    assert case.refused("look", "03-03 09:29", "dept", recorded="03-03 12:10") == ["order"]
    # `greet` is possible in `open` too, so its time may lie before the routing, not before the receipt.
    assert case.refused("greet", "03-03 08:59", recorded="03-03 12:10") == ["order"]
    case.do("greet", "03-03 09:10", recorded="03-03 12:10")


def test_nothing_happens_after_it_is_recorded(case: Case) -> None:
    assert case.refused("greet", "03-03 10:00", recorded="03-03 09:59") == ["order"]


def test_an_ended_case_says_so(case: Case) -> None:
    case.do("close", "03-03 10:00")
    assert case.refused("greet", "03-03 10:01") == ["ended"]


def test_what_only_the_clock_or_the_system_does_nobody_does_by_hand(case: Case) -> None:
    assert "role" in case.refused("deem", "03-03 10:00")
    assert "role" in case.refused("finish", "03-03 10:00")


def test_an_unknown_act_is_refused_in_both_modes() -> None:
    for mode in ("enforce", "observe"):
        case = Case(mode=mode)
        assert [each.code for each in case.submit("dance", "03-03 09:00", "desk").refused] == ["unknown-act"]


def test_observe_records_deviations_and_goes_on() -> None:
    case = Case(mode="observe").do("receive", "03-03 09:00")
    outcome = case.submit("propose", "03-03 10:00", "desk")
    assert sorted(each.code for each in outcome.deviations) == ["needs", "phase", "role"]
    assert case.state.phase == "proposed"
    assert not outcome.refused


def test_observe_judges_by_when_things_happened_not_by_when_they_were_imported() -> None:
    case = Case(mode="observe").do("receive", "03-03 09:00", recorded="07-01 12:00")
    outcome = case.submit("greet", "03-03 10:00", "desk", recorded="07-01 12:00")
    assert [event.act for event in outcome.events] == ["greet"]
    assert case.duty("greet") == ("met", "03-03 11:00")


def test_late_recording_is_reported(case: Case) -> None:
    outcome = case.submit("look", "03-03 10:00", "dept", recorded="03-05 10:00")
    assert [each.code for each in outcome.reports] == ["backdated"]


def test_an_answer_needs_its_choice_anew_each_time() -> None:
    case = _proposed().do("plan.approve", "03-03 11:00", "head")
    case.do("answer", "03-03 12:00", "customer", answer="rejected")
    assert case.state.phase == "work"
    assert case.refused("answer", "03-03 12:30", "customer") == ["needs"]


def test_an_automatic_act_follows_in_the_same_outcome_as_the_system() -> None:
    case = _proposed().do("plan.approve", "03-03 11:00", "head")
    outcome = case.submit("answer", "03-03 12:00", "customer", answer="accepted")
    assert [(e.act, e.actor, e.occurred) for e in outcome.events[-2:]] == [
        ("answer", "customer", at("03-03 12:00")),
        ("finish", "system", at("03-03 12:00")),
    ]
    assert case.state.ended


def test_same_as_means_the_very_person() -> None:
    case = _proposed().do("plan.approve", "03-03 11:00", "head")
    assert case.refused("confirm", "03-03 12:00", {"role": "desk", "person": "li"}) == ["same-as"]
    case.do("confirm", "03-03 12:00")


def test_four_eyes_bar_whoever_did_the_other_act() -> None:
    case = _proposed()
    chief = Actor(person="dept@repair", role="chief")
    assert case.refused("check", "03-03 11:00", chief) == ["four-eyes"]
    case.do("check", "03-03 11:00", "chief")


def test_a_log_with_a_strange_event_is_an_error(case: Case) -> None:
    with pytest.raises(EventError, match="dance"):
        fold(case.program, [Event(1, "dance", 0, 0)])


def test_tells_name_the_role_the_department_and_the_clauses(case: Case) -> None:
    tell = next(each for each in case.notifications if each.act == "route")
    assert (tell.to.name, tell.department, tell.why, tell.clauses) == ("dept", "repair", "act", ("1",))
    case.do("greet", "03-03 09:50")
    assert case.notifications[-1].to.name == "customer"


def _proposed() -> Case:
    return (
        Case()
        .do("receive", "03-03 09:00")
        .do("route", "03-03 09:30")
        .do("propose", "03-03 10:00", "dept", plan_text="new gearbox")
    )


def test_an_entry_ahead_of_a_clock_set_back_is_told_apart_from_a_wrong_time(case: Case) -> None:
    outcome = case.submit("look", "03-02 09:35:30", "dept")
    (refusal,) = outcome.refused
    assert refusal.code == "clock-behind"
    for language in ("zh", "en"):
        said = refusal.message[language]
        assert all(each in said for each in ("03-03 09:30", "03-02 09:35", "23", "55")), said
        assert said.count("03-03 09:30") == 2  # the last entry, and from when it is possible again
    assert "clock" in refusal.message["en"]
    assert "服务器时钟" in refusal.message["zh"]
    case.do("look", "03-03 09:30", "dept")  # as soon as the clock has caught up


def test_one_set_back_behind_a_stage_of_an_approval_says_so_as_well(case: Case) -> None:
    case.do("propose", "03-03 10:00", "dept", plan_text="a")
    assert "clock-behind" in case.refused("plan.approve", "03-02 10:00", "head")
