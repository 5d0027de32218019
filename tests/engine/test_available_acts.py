"""Offers: what somebody may do now, and what stands in the way."""

from __future__ import annotations

from engine.telling import Case, at
from ombud.engine import Actor, available_acts

DESK = Actor(person="desk", role="desk")
HEAD = Actor(person="zhao", role="head", department="repair")


def offered(case: Case, actor: Actor, now: str) -> dict[str, list[str]]:
    found = available_acts(case.state, actor, at(now), case.staff)
    return {offer.act: [refusal.code for refusal in offer.blocked] for offer in found}


def test_only_acts_of_the_phase_and_the_role_are_offered() -> None:
    case = Case().do("receive", "03-03 09:00")
    assert set(offered(case, DESK, "03-03 10:00")) == {
        "route", "greet", "ask", "regrade", "close", "report", "tidy", "pay", "sorry",
    }  # fmt: skip
    assert offered(case, Actor(person="k", role="customer"), "03-03 10:00") == {}


def test_an_act_that_its_condition_blocks_is_offered_with_the_reason() -> None:
    case = _proposed()
    assert offered(case, DESK, "03-03 11:00")["confirm"] == ["guard"]
    case.do("plan.approve", "03-03 11:00", "head")
    assert offered(case, DESK, "03-03 11:30")["confirm"] == []
    assert offered(case, Actor(person="li", role="desk"), "03-03 11:30")["confirm"] == ["same-as"]


def test_verdicts_are_offered_to_the_stages_role_while_a_run_is_pending() -> None:
    case = _proposed()
    assert offered(case, HEAD, "03-03 11:00")["plan.approve"] == []
    assert "plan.approve" not in offered(case, DESK, "03-03 11:00")
    case.do("plan.reject", "03-03 11:00", "head")
    assert "plan.approve" not in offered(case, HEAD, "03-03 11:30")


def test_another_departments_staff_sees_what_bars_it() -> None:
    case = _proposed()
    elsewhere = Actor(person="qian", role="head", department="parts")
    assert offered(case, elsewhere, "03-03 11:00")["plan.approve"] == ["department"]


def test_an_offer_names_the_duties_that_it_would_discharge() -> None:
    case = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")
    found = {offer.act: offer for offer in available_acts(case.state, DESK, at("03-03 10:00"))}
    assert found["greet"].discharges == ("greet",)
    assert found["look"].discharges == ("look",)
    assert found["regrade"].may == ("loss", "kind", "fast", "happened_on", "agreed_on")


def test_offers_know_what_time_has_done_meanwhile_and_change_nothing() -> None:
    case = _proposed().do("plan.approve", "03-03 11:00", "head")
    before = case.state.snapshot()
    assert offered(case, DESK, "05-01 09:00") == {}  # deemed accepted long ago: the case has ended
    assert case.state.snapshot() == before


def _proposed() -> Case:
    case = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30")
    return case.do("propose", "03-03 10:00", "dept", plan_text="new gearbox")
