"""What an act means beyond duties: exams, recusal, other matters, groups, ledgers, the language spoken."""

from __future__ import annotations

import pytest

from engine.telling import BRANCHES, Case, at, branches, pack_of
from ombud.engine import (
    Actor,
    Link,
    Matter,
    Record,
    Spread,
    advance,
    available_acts,
    check_story,
    compile_program,
    languages_of,
    replay_story,
)
from ombud.engine.scenario.run import Story

BERLIN = {"role": "front", "office": "berlin"}
LI = {"role": "worker", "person": "li"}
ZHAO = {"role": "lead", "person": "zhao", "office": "berlin"}
WANG = {"role": "worker", "person": "wang", "department": "audit"}


def at_work(*changes: tuple[str, str], **data: object) -> Case:
    told = branches(*changes).do("receive", "03-03 09:00", BERLIN, **data)
    return told.do("route", "03-03 10:00", BERLIN, place="sales")


# Exams


def test_whoever_has_not_passed_the_exam_may_not_take_the_case() -> None:
    told = at_work()
    told.staff.unqualified = frozenset({"li"})
    assert told.refused("take", "03-03 11:00", LI) == ["qualified"]
    refusal = told.submit("take", "03-03 11:00", LI).refused[0]
    assert "Handling exam" in refusal.message["en"]
    assert refusal.clauses == ("1", "3")  # of the act and of the exam
    told.do("take", "03-03 11:00", {"role": "worker", "person": "zhao"})


def test_nobody_can_be_given_the_case_without_the_exam() -> None:
    told = at_work()
    told.staff.unqualified = frozenset({"li"})
    outcome = told.submit("assign", "03-03 11:00", "chief", helper="li")
    assert [(each.code, each.field) for each in outcome.refused] == [("qualified", "helper")]
    told.do("assign", "03-03 11:00", "chief", helper="zhao")
    assert told.state.handler == "zhao"


def test_an_offer_to_assign_is_open_until_somebody_is_named() -> None:
    told = at_work().do("assign", "03-03 11:00", "chief", helper="zhao")
    told.staff.unqualified = frozenset({"zhao"})  # the exam has lapsed
    chief = Actor(person="chief", role="chief")
    assert {o.act: o.blocked for o in available_acts(told.state, chief, at("03-03 12:00"), told.staff)}["assign"] == ()
    told.staff.unqualified = frozenset({"chief"})
    found = {o.act: o.blocked for o in available_acts(told.state, chief, at("03-03 12:00"), told.staff)}
    assert [each.code for each in found["assign"]] == ["qualified"]


def test_the_machine_and_outsiders_need_no_exam() -> None:
    everybody = frozenset({"system", "complainant", "customer", "front@berlin"})
    told = at_work(
        ("by: customer, from: [open, work, settled]", "by: customer, qualified: handling, from: [open, work, settled]")
    )
    told.staff.unqualified = everybody
    told.do("appeal", "03-03 11:00", "customer")
    assert told.refused("take", "03-03 12:00", BERLIN) == ["qualified"]


def test_a_story_names_who_has_not_passed() -> None:
    log = [
        {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": BERLIN},
        {"at": "2026-03-03T10:00+08:00", "act": "route", "by": "front", "data": {"place": "sales"}},
        {"at": "2026-03-03T11:00+08:00", "act": "take", "by": LI},
    ]
    expect = {"refused": [{"act": "take", "code": "qualified"}]}
    assert check_story(pack_of(BRANCHES), {"unqualified": ["li"], "log": log, "expect": expect}) == []
    assert check_story(pack_of(BRANCHES), {"log": log, "expect": expect}) == ["act take, code qualified is not refused"]


# Recusal


def appealed() -> Case:
    told = at_work().do("take", "03-03 10:30", LI).do("look", "03-03 11:00", LI)
    return told.do("appeal", "03-04 09:00", "customer")


def test_whoever_did_the_first_round_has_nothing_more_to_do_with_the_case() -> None:
    told = appealed()
    assert told.state.recused == {"li"}
    elsewhere = {**LI, "department": "audit"}
    assert told.refused("fix", "03-04 10:00", elsewhere) == ["recused"]
    refusal = told.submit("fix", "03-04 10:00", elsewhere).refused[0]
    assert refusal.clauses == ("3",)  # of the act that recused them
    assert available_acts(told.state, Actor(person="li", role="worker", department="audit"), at("03-04 10:00")) == []
    told.do("fix", "03-04 10:00", WANG)


def test_recusal_holds_in_whatever_role() -> None:
    told = appealed()
    assert "recused" in told.refused("regrade", "03-04 10:00", {"role": "chief", "person": "li"}, loss="1")


def test_everybody_who_did_an_act_is_recused() -> None:
    told = at_work().do("look", "03-03 11:00", LI).do("look", "03-03 12:00", {"role": "worker", "person": "zhao"})
    told.do("appeal", "03-04 09:00", "customer")
    assert told.state.recused == {"li", "zhao"}


def test_recusal_takes_the_case_from_its_handler() -> None:
    told = at_work(("recuses: [take, look, fix], sets: {department: audit}", "recuses: [take]"))
    told.do("take", "03-03 10:30", LI).do("appeal", "03-04 09:00", "customer")
    assert told.state.handler is None
    assert told.state.department == "sales"


def test_complainants_and_machines_are_never_recused() -> None:
    told = at_work(("recuses: [take, look, fix]", "recuses: [receive, appeal, mended]"))
    told.do("mended", "03-03 11:00", "clock").do("appeal", "03-04 09:00", "customer")
    assert told.state.recused == {"front@berlin"}
    told.do("appeal", "03-04 10:00", "customer").do("mended", "03-04 11:00", "clock")


def test_a_recused_person_is_given_neither_the_case_nor_a_duty() -> None:
    told = appealed()
    outcome = told.submit("assign", "03-04 10:00", "chief", helper="li")
    assert [(each.code, each.field) for each in outcome.refused] == [("recused", "helper")]
    told.do("route", "03-04 10:00", BERLIN, place="audit")
    assert told.refused("hand_on", "03-04 11:00", "chief", helper="li", reason="x") == ["recused"]


def test_a_recused_approver_is_replaced_by_the_boss() -> None:
    told = at_work(("recuses: [take, look, fix]", "recuses: [assign]"))
    told.staff.remember(ZHAO)
    told.do("assign", "03-03 10:30", ZHAO, helper="li")
    told.do("appeal", "03-03 11:00", "customer").do("consult", "03-03 12:00", WANG, measure="m")
    assert "recused" in told.refused("plan.approve", "03-03 13:00", ZHAO, grave=False)
    assert told.staff.holders("lead", None, "berlin") == {"zhao"}
    told.do("plan.approve", "03-03 13:00", "chief", grave=False)  # nobody else is a lead there


def test_the_boss_is_told_where_everybody_else_is_recused() -> None:
    told = at_work(("recuses: [take, look, fix]", "recuses: [assign]"))
    told.staff.remember(ZHAO)
    told.do("assign", "03-03 10:30", ZHAO, helper="li")
    told.do("appeal", "03-03 11:00", "customer").wait("03-07 00:00")
    assert {tell.to.name for tell in told.notifications if tell.duty == "greet" and tell.why == "breach"} == {"chief"}


def test_refolding_knows_the_recused() -> None:
    told = appealed()
    assert told.refold().snapshot() == told.state.snapshot()


# Other matters


def test_an_act_opens_a_matter_with_what_is_known() -> None:
    told = at_work()
    outcome = told.submit("mend", "03-03 11:00", LI, measure="new gasket")
    assert outcome.openings == (
        Matter(
            procedure="mending", data={"measure": "new gasket", "place": "sales"}, department="sales", office="berlin",
            then="mended", act="mend", seq=3, at=at("03-03 11:00"), clauses=("3",),
        ),
    )  # fmt: skip
    assert told.do("fix", "03-03 12:00", LI).submit("mend", "03-03 13:00", LI).refused == ()  # said before


def test_a_matter_is_opened_only_under_its_condition() -> None:
    told = at_work((', if: "known(measure)"', ", if: \"level == 'high'\""))
    assert told.submit("mend", "03-03 11:00", LI, measure="x").openings == ()
    told.do("regrade", "03-03 12:00", "chief", loss="20000")
    assert len(told.submit("mend", "03-03 13:00", LI, measure="x").openings) == 1


def test_what_a_refused_act_would_open_stays_shut() -> None:
    assert at_work().submit("mend", "03-03 11:00", LI).openings == ()


def test_the_opened_matter_runs_under_its_own_procedure() -> None:
    log = [
        {
            "at": "2026-03-03T11:00+08:00",
            "act": "begin",
            "by": {"role": "clock", "department": "lab", "office": "riyadh"},
            "data": {"measure": "x"},
        },
        {"at": "2026-03-05T11:00+08:00", "act": "finish", "by": "worker"},
    ]
    told = replay_story(pack_of(BRANCHES), {"procedure": "mending", "log": log})
    assert (told["department"], told["office"], told["phase"]) == ("lab", "riyadh", "done")
    assert told["duties"][0]["due_at"] == "2026-03-06T20:00:00+08:00"  # Wednesday, Thursday, Friday in the lab


def test_a_story_tells_the_end_of_a_matter_as_an_act_of_the_clock() -> None:
    told = at_work().do("mend", "03-03 11:00", LI, measure="x").do("mended", "03-05 11:00", "clock")
    assert told.state.done("mended")
    assert told.refused("mended", "03-05 12:00", "chief") == ["role"]


# Groups


def test_joining_and_leaving_a_group_is_told_to_the_register() -> None:
    told = at_work()
    outcome = told.submit("join", "03-03 11:00", BERLIN, lead_case="BR-7F3K-9Q2M-X")
    assert outcome.links == (Link(lead="BR-7F3K-9Q2M-X", act="join", seq=3),)
    assert told.submit("leave", "03-03 12:00", BERLIN, reason="x").links == (Link(lead=None, act="leave", seq=4),)


def test_an_act_on_a_lead_case_is_spread_with_its_data_and_the_facts_named() -> None:
    told = at_work().do("mend", "03-03 10:30", LI, measure="new gasket")
    outcome = told.submit("tell_all", "03-03 11:00", BERLIN, message_language="de")
    data = {"measure": "new gasket", "message_language": "de"}
    assert outcome.spreads == (Spread(act="note_all", data=data, asked_by="tell_all", seq=4, at=at("03-03 11:00")),)


# Ledgers


def test_an_act_records_points_about_a_person() -> None:
    told = at_work(loss="20000")
    outcome = told.submit("blame", "03-03 11:00", "chief", culprit="li", points=3)
    assert outcome.records == (
        Record(
            ledger="conduct", person="li", points=3, act="blame", seq=3, at=at("03-03 11:00"), clauses=("3",)
        ),
    )  # fmt: skip
    assert told.submit("regrade", "03-03 12:00", "chief", loss="1").records == ()
    assert told.submit("blame", "03-03 13:00", "chief", culprit="li").records == ()  # its condition does not hold


# The language spoken


@pytest.mark.parametrize("language", ["de", "en", "de-AT", "fr"])
def test_the_agreed_language_and_those_of_the_office_are_fine(language: str) -> None:
    told = at_work(language="fr")
    assert told.submit("say", "03-03 11:00", BERLIN, message_language=language).reports == ()


def test_another_language_is_reported_but_not_refused() -> None:
    told = at_work(language="fr")
    assert languages_of(told.state) == ("fr", "de", "en")
    outcome = told.submit("say", "03-03 11:00", BERLIN, message_language="zh")
    assert not outcome.refused
    (report,) = outcome.reports
    assert (report.code, report.field) == ("language", "message_language")
    assert (
        report.message["en"]
        == "“Say” was in zh, which is neither the agreed language nor one of the office (fr, de, en)."
    )
    assert "fr、" not in report.message["zh"]
    assert "zh" in report.message["zh"]


def test_nothing_is_reported_where_no_language_was_agreed_or_the_act_speaks_to_nobody() -> None:
    told = branches().do("receive", "03-03 09:00", "customer").do("route", "03-03 10:00", "chief", place="sales")
    assert languages_of(told.state) == ()
    assert told.submit("say", "03-03 11:00", LI, message_language="zh").reports == ()
    told = at_work()
    assert told.submit("note_all", "03-03 11:00", BERLIN, message_language="zh").reports == ()


# Beyond a case when time passes


def test_what_a_rung_opens_comes_out_of_the_passing_of_time() -> None:
    rung = (
        'do: say, within: 2 workdays, cite: "1", breach: [{at: -1 workday, tell: bearer}, {at: 0, tell: boss}]}',
        'do: say, within: 2 workdays, cite: "1", breach: [{at: 0, act: mended}]}',
    )
    act = (
        "mended: {by: clock, cite",
        "mended: {by: clock, records: {ledger: conduct, person: helper, if: known(helper)}, cite",
    )
    told = at_work(rung, act).do("assign", "03-03 11:00", "chief", helper="li")
    outcome = advance(told.state, at("03-09 00:00"), staff=told.staff)
    assert [(record.person, record.points, record.act) for record in outcome.records] == [("li", None, "mended")]


def test_a_story_leaves_other_cases_alone() -> None:
    log = [
        {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": BERLIN},
        {"at": "2026-03-03T10:00+08:00", "act": "route", "by": "front", "data": {"place": "sales"}},
        {"at": "2026-03-03T11:00+08:00", "act": "mend", "by": "worker", "data": {"measure": "x"}},
    ]
    told = Story(pack_of(BRANCHES), {"log": log})
    assert [event.act for event in told.events] == ["receive", "route", "mend"]
    assert told.program is compile_program(pack_of(BRANCHES))


def test_a_story_expects_what_is_reported_opened_and_recorded() -> None:
    log = [
        {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": BERLIN, "data": {"loss": "20000"}},
        {"at": "2026-03-03T10:00+08:00", "act": "route", "by": "front", "data": {"place": "sales"}},
        {"at": "2026-03-03T11:00+08:00", "act": "mend", "by": "worker", "data": {"measure": "x"}},
        {"at": "2026-03-03T12:00+08:00", "act": "say", "by": "front", "data": {"message_language": "zh"}},
        {"at": "2026-03-03T13:00+08:00", "act": "blame", "by": "chief", "data": {"culprit": "li", "points": 3}},
    ]
    expect = {
        "reports": [{"act": "say", "code": "language"}],
        "openings": ["mending"],
        "records": [{"ledger": "conduct", "person": "li", "points": "3"}],
    }
    assert check_story(pack_of(BRANCHES), {"log": log, "expect": expect}) == []
    wrong = {"reports": [], "openings": ["mending", "mending"], "records": [{"person": "li", "points": "2"}]}
    assert check_story(pack_of(BRANCHES), {"log": log, "expect": wrong}) == [
        "the reports are language (by say), expected none",
        "the matters opened are mending (by mend), expected mending, mending",
        "the entries of ledgers are conduct (by blame), expected person li, points 2",
    ]
