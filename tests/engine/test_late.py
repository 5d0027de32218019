"""Late entries, one rule at a time: the smallest histories in which each used to go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from engine.telling import pack_of
from ombud.engine import compile_program, is_reported, replay_story
from ombud.policy import PackError, load

HEAD = """
pack: {id: t, version: 1.0.0, effective: 2026-01-01, title: {zh: 试, en: Test}}
clauses: {"1": {kind: duty, zh: 一, en: One}}
counting: {workday: next_day_close, calendar: office, cite: "1"}
calendars:
  office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}, days: CN, cite: "1"}
  always: {tz: Asia/Shanghai, week: 24x7}
roles: {desk: {boss: head}, head: {boss: top}, top: {}, customer: {external: true}}
channels: {phone: {kind: phone, cite: "1"}}
"""
GRADED = (
    HEAD
    + """
data: {grave: {type: bool, cite: "1"}, reason: {type: text, cite: "1"}}
tables: {sev: {of: [low, high], in: [grave], hit: first, rows: [[true, high], ["-", low]], cite: "1"}}
phases: {new: {start: true}, run: {}, wait: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, may: [grave], cite: "1"}
  grade: {by: desk, needs: [grave], cite: "1"}
  ask: {by: desk, from: run, to: wait, cite: "1"}
  supply: {by: desk, from: wait, to: run, cite: "1"}
  fin: {by: desk, from: [run, wait], to: over, cite: "1"}
duties:
  work: {bearer: desk, after: receive, do: fin, within: {by: sev, high: 2 h, else: 8 h}, pause: wait,
    breach: [{at: -30 min, tell: bearer}, {at: 0, tell: boss}], cite: "1"}
  report: {bearer: desk, after: receive, where: "sev == high", do: fin, within: 1 h,
    breach: [{at: 0, tell: boss}], cite: "1"}
"""
)


def step(act: str, at: str, recorded: str = "", by: Any = "desk", **data: Any) -> dict[str, Any]:
    """Return a step of 2026, in Shanghai: "03-03 09:00"."""
    entry = {"at": _instant(at), "act": act, "by": by, "data": data}
    return {**entry, "recorded": _instant(recorded)} if recorded else entry


def _instant(words: str) -> str:
    return f"2026-{words.replace(' ', 'T')}+08:00"


def told(pack: str, *log: dict[str, Any], now: str = "") -> dict[str, Any]:
    return replay_story(pack_of(pack), {"log": list(log)}, _instant(now) if now else None)


def duty(outcome: dict[str, Any], id: str) -> tuple[str, str | None, str | None]:
    """Return (status, due, breached) of the latest instance, times as "03-03 09:00"."""
    found = [each for each in outcome["duties"] if each["id"] == id][-1]
    status = "overdue" if found["overdue"] else found["status"]
    return status, _short(found["due_at"]), _short(found["breached_at"])


def rungs(outcome: dict[str, Any], id: str) -> list[tuple[str | None, list[str]]]:
    return [(_short(each["at"]), each["tells"]) for each in outcome["rungs"] if each["duty"] == id]


def _short(at: str | None) -> str | None:
    return at and at[5:16].replace("T", " ")


def reports(outcome: dict[str, Any]) -> list[str]:
    return [each["code"] for each in outcome["reports"]]


# Due times


MOVING = (
    HEAD
    + """
phases: {new: {start: true}, run: {}, wait: {}, hold: {}, next: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, cite: "1"}
  ask: {by: desk, from: run, to: wait, cite: "1"}
  supply: {by: desk, from: wait, to: run, cite: "1"}
  move: {by: desk, from: [run, wait], to: next, cite: "1"}
  stop: {by: desk, from: next, to: hold, cite: "1"}
  fin: {by: desk, from: [run, wait, next, hold], to: over, cite: "1"}
duties:
  work: {bearer: desk, after: receive, do: fin, within: 8 h, pause: [wait, hold],
    breach: [{at: 0, tell: boss}], cite: "1"}
"""
)
ASKED = (step("receive", "03-03 09:00"), step("ask", "03-03 10:00"))


def test_a_late_act_that_takes_a_pause_away_counts_at_once_and_is_told_once() -> None:
    log = (*ASKED, step("supply", "03-03 18:00"), step("move", "03-03 09:30", "03-03 19:00"))
    assert duty(told(MOVING, *log), "work") == ("open", "03-03 19:00", None)
    later = told(MOVING, *log, step("stop", "03-03 20:00"), now="03-04 20:30")
    assert duty(later, "work") == ("overdue", "03-03 19:00", "03-03 19:00")
    assert rungs(later, "work") == [("03-03 19:00", ["head"])]


def test_a_late_end_of_a_pause_that_still_ran_is_due_when_it_was_found() -> None:
    outcome = told(MOVING, *ASKED, step("supply", "03-03 10:30", "03-03 19:00"), now="03-03 19:01")
    assert duty(outcome, "work") == ("overdue", "03-03 19:00", "03-03 19:00")  # not at 17:30
    assert rungs(outcome, "work") == [("03-03 19:00", ["head"])]


def test_a_pause_that_ends_in_time_leaves_what_was_left() -> None:
    assert duty(told(MOVING, *ASKED, step("supply", "03-03 10:30", "03-03 12:00")), "work")[1] == "03-03 17:30"


def test_a_late_act_that_takes_a_pause_away_in_a_shipped_policy_is_due_when_it_was_found() -> None:
    graded = {
        "category": "service",
        "venue": "elsewhere",
        "incident": "none",
        "developments": False,
        "standing": "ordinary",
        "exposure": False,
        "influence": "extreme",
    }
    plan = {"measure": "apology", "measures": "m", "time_limit": "2026-04-09", "responsible": "w"}
    log = [
        step("receive", "03-03 09:00", by="receiver", channel="counter", subject="s"),
        step("register", "03-03 09:30", by="specialist", **graded),
        step("route", "03-03 10:00", by="specialist", report="r"),
        step("investigate", "03-03 11:00", by="unit", unit_view="our_fault", finding_notes="n"),
        step("judge", "03-03 11:10", by="specialist", group_view="valid", judgement_reason="j"),
        step("propose", "03-03 12:00", by="unit", beyond_powers=False, **plan),
        step("plan.approve", "03-03 13:00", by="management"),
        step("communicate", "03-03 14:00", by="specialist"),
        step("answer", "03-04 10:00", "03-20 10:00", by="specialist", answer="rejected"),
    ]
    outcome = replay_story(load("training-service"), {"log": log}, _instant("03-20 10:01"))
    assert duty(outcome, "close") == ("overdue", "03-20 10:00", "03-20 10:00")
    assert [at for at, _ in rungs(outcome, "close")] == ["03-20 10:00"]
    assert "backdated" in reports(outcome)


def test_a_grade_typed_in_late_makes_nobody_late_before_it_was_found() -> None:
    outcome = told(GRADED, step("receive", "03-03 09:00"), step("grade", "03-03 12:00", "03-03 16:00", grave=True))
    assert duty(outcome, "work") == ("open", "03-03 17:00", None)  # two hours from 16:00, but no later than before
    assert duty(outcome, "report") == ("open", "03-03 17:00", None)  # an hour from 16:00


def test_a_grade_there_and_back_gives_its_whole_limit_from_when_it_came_back() -> None:
    log = [
        step("receive", "03-03 09:00", grave=True),
        step("grade", "03-03 09:30", grave=False),
        step("grade", "03-03 15:00", grave=True),
    ]
    assert duty(told(GRADED, *log, now="03-03 15:01"), "report") == ("open", "03-03 16:00", None)


@pytest.mark.parametrize(
    ("grades", "due"),
    [
        ([("09:30", "", False), ("11:00", "", True), ("11:30", "", False), ("15:00", "", True)], "03-03 16:00"),
        ([("09:30", "", False), ("09:45", "15:00", True)], "03-03 16:00"),
        ([("09:30", "", False), ("09:35", "", True)], "03-03 10:00"),
    ],
    ids=["twice", "back-dated", "at once"],
)
def test_a_grade_that_comes_back_makes_nobody_late_however_it_came(
    grades: list[tuple[str, str, bool]], due: str
) -> None:
    log = [step("receive", "03-03 09:00", grave=True)]
    log += [step("grade", f"03-03 {at}", found and f"03-03 {found}", grave=grave) for at, found, grave in grades]
    outcome = told(GRADED, *log)
    assert duty(outcome, "report") == ("open", due, None)
    assert rungs(outcome, "report") == []


def test_a_breach_of_when_it_was_owed_stays_when_the_grade_comes_back() -> None:
    log = [step("receive", "03-03 09:00", grave=True), step("grade", "03-03 10:30", grave=False)]
    outcome = told(GRADED, *log, step("grade", "03-03 15:00", grave=True))
    assert duty(outcome, "report") == ("overdue", "03-03 10:00", "03-03 10:00")
    assert [at for at, _ in rungs(outcome, "report")] == ["03-03 10:00"]


def test_a_time_to_react_holds_from_the_finding_where_the_policy_states_one() -> None:
    react = GRADED.replace("within: 1 h,", "within: 1 h, react: 20 min,").replace(
        "pause: wait,", "pause: wait, react: 4 h,"
    )
    outcome = told(react, step("receive", "03-03 09:00"), step("grade", "03-03 10:45", grave=True))
    assert duty(outcome, "report")[1] == "03-03 11:45"  # an hour is more than 20 minutes
    assert duty(outcome, "work")[1] == "03-03 14:45"  # two hours would be over at 11:00
    late = told(react, step("receive", "03-03 09:00"), step("grade", "03-03 12:00", "03-03 16:00", grave=True))
    assert duty(late, "report")[1] == "03-03 16:20"
    assert duty(late, "work")[1] == "03-03 17:00"


@pytest.mark.parametrize("react", ["{by: sev, high: 1 h, else: 2 h}", "{field: due_on, else: 1 h}"])
def test_a_time_to_react_is_the_same_for_every_case(react: str) -> None:
    text = GRADED.replace("grave: {type", 'due_on: {type: date, cite: "1"}, grave: {type')
    with pytest.raises(PackError, match="must be a length"):
        pack_of(text.replace("within: 1 h,", f"within: 1 h, react: {react},"))


def test_what_an_act_typed_in_late_opens_is_due_when_it_was_found_and_told_then() -> None:
    outcome = told(GRADED, step("receive", "03-03 09:00", "03-03 12:00", grave=True), now="03-03 12:01")
    assert duty(outcome, "report") == ("overdue", "03-03 12:00", "03-03 12:00")
    assert rungs(outcome, "report") == [("03-03 12:00", ["head"])]


BY_DATE = (
    HEAD
    + """
data: {wanted: {type: date, cite: "1"}}
phases: {new: {start: true}, run: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, needs: [wanted], cite: "1"}
  remind: {by: desk, from: run, cite: "1"}
  fin: {by: desk, from: run, to: over, cite: "1"}
duties:
  work: {bearer: desk, after: [receive, remind], do: fin, within: {field: wanted}, retrigger: restart,
    breach: [{at: -1 workday, tell: bearer}, {at: 0, tell: boss}, {at: 1 workday, tell: top}], cite: "1"}
"""
)


def test_what_is_overdue_and_begun_anew_with_the_same_due_time_is_not_told_again() -> None:
    begun = step("receive", "03-03 09:00", wanted="2026-03-03")
    outcome = told(BY_DATE, begun, step("remind", "03-03 19:00"), now="03-05 12:00")
    assert duty(outcome, "work") == ("overdue", "03-03 18:00", "03-03 18:00")
    assert rungs(outcome, "work") == [("03-03 18:00", ["head"]), ("03-04 18:00", ["top"])]


# What happened in time


def test_what_was_done_in_time_is_met_without_a_breach_however_late_it_was_entered() -> None:
    outcome = told(GRADED, step("receive", "03-03 09:00"), step("fin", "03-03 16:50", "03-03 17:30"))
    assert duty(outcome, "work") == ("met", "03-03 17:00", None)
    assert [at for at, _ in rungs(outcome, "work")] == ["03-03 16:30", "03-03 17:00"]  # they were told, and stay


RECURRING = (
    HEAD
    + """
phases: {new: {start: true}, run: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, cite: "1"}
  inform: {by: desk, cite: "1"}
  tick: {by: desk, cite: "1"}
  fin: {by: desk, from: run, to: over, cite: "1"}
duties:
  last: {bearer: desk, after: receive, do: inform, every: 2 h, from: last, until: fin,
    breach: [{at: 0, tell: boss}], cite: "1"}
  round: {bearer: desk, after: receive, do: tick, every: 2 h, from: schedule, until: fin,
    breach: [{at: 0, tell: boss}], cite: "1"}
"""
)


def test_a_round_that_was_done_in_time_is_met_without_a_breach_and_the_next_counts_from_it() -> None:
    log = (step("receive", "03-03 09:00"), *(step(act, "03-03 10:50", "03-03 11:30") for act in ("inform", "tick")))
    outcome = told(RECURRING, *log)
    first = {each["id"]: each for each in outcome["duties"] if each["instance"] == 1}
    for id, following in (("last", "03-03 12:50"), ("round", "03-03 13:00")):
        assert (first[id]["status"], _short(first[id]["due_at"])) == ("met", "03-03 11:00")
        assert (_short(first[id]["done_at"]), first[id]["breached_at"]) == ("03-03 10:50", None)
        assert duty(outcome, id) == ("open", following, None)
        assert rungs(outcome, id) == [("03-03 11:00", ["head"])]  # who was told stays told


ENDING = (
    HEAD
    + """
phases: {new: {start: true}, run: {}, wait: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, cite: "1"}
  call: {by: desk, from: run, cite: "1"}
  settle: {by: desk, from: [run, wait], cite: "1"}
  ask: {by: desk, from: run, to: wait, cite: "1"}
  supply: {by: desk, from: wait, to: run, cite: "1"}
  let_off: {by: head, from: run, needs: [reason], affects: {waive: call}, cite: "1"}
  start: {by: desk, from: run, cite: "1"}
  again: {by: desk, from: run, resets: plan, cite: "1"}
  withdraw: {by: customer, from: [run, wait], to: over, cite: "1"}
  close: {by: desk, from: run, to: over, cite: "1"}
data: {reason: {type: text, cite: "1"}}
chains: {plan: {starts: start, rejected: stay, stages: [{role: head, within: 2 h}], cite: "1"}}
duties:
  call: {bearer: desk, after: receive, do: call, until: settle, within: 2 h, pause: wait,
    breach: [{at: 0, tell: boss}], cite: "1"}
  work: {bearer: desk, after: receive, do: close, within: 5 workdays, breach: [{at: 0, tell: boss}], cite: "1"}
"""
)
RECEIVED = step("receive", "03-03 09:00")


@pytest.mark.parametrize(
    ("act", "status"), [("settle", "ended"), ("withdraw", "cancelled")], ids=["until", "the end of the case"]
)
def test_what_was_over_in_time_has_no_breach_however_late_that_was_entered(act: str, status: str) -> None:
    def at(when: str) -> tuple[str, str | None, str | None]:
        by = "customer" if act == "withdraw" else "desk"
        return duty(told(ENDING, RECEIVED, step(act, when, "03-03 14:00", by=by)), "call")

    assert at("03-03 10:59") == (status, "03-03 11:00", None)
    assert at("03-03 11:00") == (status, "03-03 11:00", None)  # the very minute is in time
    assert at("03-03 11:01") == (status, "03-03 11:00", "03-03 11:00")


def test_what_was_entered_as_done_late_stays_late_though_it_is_said_to_have_been_done_before() -> None:
    early, late = step("call", "03-03 10:30", "03-03 14:00"), step("call", "03-03 11:30", "03-03 13:00")
    assert duty(told(ENDING, RECEIVED, late, early), "call") == ("late", "03-03 11:00", "03-03 11:00")
    in_order = {**early, "recorded": _instant("03-03 12:00")}
    assert duty(told(ENDING, RECEIVED, in_order, late), "call") == ("met", "03-03 11:00", None)


def test_a_pause_that_began_in_time_has_no_breach_however_late_it_was_entered() -> None:
    asked = step("ask", "03-03 10:00", "03-03 14:00")
    outcome = told(ENDING, RECEIVED, asked)
    assert duty(outcome, "call") == ("paused", None, None)
    assert [at for at, _ in rungs(outcome, "call")] == ["03-03 11:00"]  # the boss was told, and that stays
    supplied = told(ENDING, RECEIVED, asked, step("supply", "03-03 15:00"))
    assert duty(supplied, "call") == ("open", "03-03 16:00", None)  # an hour of the two was left
    done = told(ENDING, RECEIVED, asked, step("supply", "03-03 15:00"), step("call", "03-03 15:30"))
    assert duty(done, "call") == ("met", "03-03 16:00", None)
    overdue = told(ENDING, RECEIVED, asked, step("supply", "03-03 15:00"), now="03-03 17:00")
    assert duty(overdue, "call") == ("overdue", "03-03 16:00", "03-03 16:00")
    assert [at for at, _ in rungs(overdue, "call")] == ["03-03 11:00", "03-03 16:00"]


def test_a_pause_that_began_after_the_time_was_over_takes_no_breach_back() -> None:
    outcome = told(ENDING, RECEIVED, step("ask", "03-03 11:30", "03-03 14:00"))
    assert duty(outcome, "call") == ("overdue", "03-03 11:00", "03-03 11:00")


def test_the_end_of_a_pause_in_time_typed_in_with_its_beginning_leaves_no_breach_of_before() -> None:
    log = (RECEIVED, step("ask", "03-03 10:00", "03-03 14:00"), step("supply", "03-03 10:30", "03-03 14:10"))
    assert duty(told(ENDING, *log), "call")[2] is None
    assert duty(told(ENDING, *log, step("call", "03-03 14:05", "03-03 14:20")), "call")[0] == "met"


def test_letting_somebody_off_is_a_decision_and_takes_no_breach_back_whenever_it_was_made() -> None:
    outcome = told(ENDING, RECEIVED, step("let_off", "03-03 10:00", "03-03 14:00", by="head", reason="r"))
    assert duty(outcome, "call") == ("waived", "03-03 11:00", "03-03 11:00")


def test_a_stage_of_an_approval_begun_anew_in_time_has_no_breach() -> None:
    log = (RECEIVED, step("start", "03-03 09:30"), step("again", "03-03 11:00", "03-03 14:00"))
    assert duty(told(ENDING, *log), "plan.1") == ("ended", "03-03 11:30", None)


def test_what_was_done_after_its_time_is_late_whenever_it_was_entered() -> None:
    outcome = told(GRADED, step("receive", "03-03 09:00"), step("fin", "03-03 17:10", "03-03 17:30"))
    assert duty(outcome, "work") == ("late", "03-03 17:00", "03-03 17:00")


# Facts


def test_what_was_true_before_does_not_replace_what_was_found_after() -> None:
    log = [step("receive", "03-03 09:00"), step("grade", "03-03 12:00", grave=True)]
    outcome = told(GRADED, *log, step("grade", "03-03 11:00", "03-03 13:00", grave=False))
    assert outcome["grades"] == {"sev": "high"}
    assert reports(outcome) == ["outdated"]
    assert outcome["reports"][0]["field"] == "grave"


def test_what_was_true_after_replaces_it_and_so_does_what_was_said_at_the_same_moment() -> None:
    log = [step("receive", "03-03 09:00"), step("grade", "03-03 11:00", grave=True)]
    for at in ("03-03 11:00", "03-03 12:00"):
        outcome = told(GRADED, *log, step("grade", at, "03-03 13:00", grave=False))
        assert (outcome["grades"], reports(outcome)) == ({"sev": "low"}, [])


PLACES = (
    HEAD
    + """
departments: {shop: {}, plant: {}}
data: {target: {type: department, cite: "1"}}
phases: {new: {start: true}, run: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, cite: "1"}
  send: {by: desk, needs: [target], sets: {department: target}, cite: "1"}
  take: {by: desk, sets: {handler: actor}, cite: "1"}
  fin: {by: desk, from: run, to: over, cite: "1"}
duties:
  work: {bearer: desk, after: receive, do: fin, within: 8 h, breach: [{at: 0, tell: boss}], cite: "1"}
"""
)
ANN = {"role": "desk", "person": "ann"}


def test_an_older_routing_leaves_the_department_and_whoever_took_the_case_after_it() -> None:
    log = [step("receive", "03-03 09:00"), step("send", "03-03 12:00", target="plant")]
    outcome = told(PLACES, *log, step("send", "03-03 11:00", "03-03 13:00", target="shop"))
    assert outcome["department"] == "plant"
    assert reports(outcome) == ["outdated"]
    taken = told(
        PLACES, log[0], step("take", "03-03 12:00", by=ANN), step("send", "03-03 11:00", "03-03 13:00", target="shop")
    )
    assert (taken["department"], taken["handler"]) == ("shop", "ann")


def test_whoever_took_the_case_before_it_was_routed_does_not_have_it_after() -> None:
    log = [step("receive", "03-03 09:00"), step("send", "03-03 12:00", target="plant")]
    outcome = told(PLACES, *log, step("take", "03-03 11:00", "03-03 13:00", by=ANN))
    assert outcome["handler"] is None
    assert reports(outcome) == ["outdated"]


# Late entry and late act


LAPSING = (
    HEAD
    + """
phases: {new: {start: true}, talks: {}, lapsed: {}, agreed: {end: true}}
acts:
  receive: {by: desk, from: new, to: talks, cite: "1"}
  agree: {by: desk, from: [talks, lapsed], to: agreed,
    when: [{if: not passed(talks), why: {zh: 已过期, en: The time is over}}], cite: "1"}
  lapse: {by: clock, from: talks, to: lapsed, cite: "1"}
  fin: {by: desk, from: lapsed, to: agreed, cite: "1"}
duties:
  talks: {bearer: customer, after: receive, do: agree, until: lapse, within: 45 natural days,
    breach: [{at: 0, act: lapse}], cite: "1"}
  end: {bearer: desk, after: lapse, do: fin, until: agree, within: 5 workdays, breach: [{at: 0, tell: boss}], cite: "1"}
"""
)


def test_an_agreement_made_in_time_is_taken_after_it_and_one_made_after_it_is_not() -> None:
    received = step("receive", "03-03 09:00")
    made_in_time = told(LAPSING, received, step("agree", "04-17 17:00", "04-22 10:00"))
    assert (made_in_time["phase"], made_in_time["refused"]) == ("agreed", [])
    assert reports(made_in_time) == ["backdated", "evaded"]
    too_late = told(LAPSING, received, step("agree", "04-20 10:00", "04-22 10:00"))
    assert too_late["phase"] == "lapsed"
    assert [each["code"] for each in too_late["refused"][0]["reasons"]] == ["guard"]
    assert told(LAPSING, received, step("agree", "04-10 10:00"))["phase"] == "agreed"


# Decisions


EXTENDING = (
    HEAD
    + """
data: {until_date: {type: date, cite: "1"}, reason: {type: text, cite: "1"}}
phases: {new: {start: true}, run: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, cite: "1"}
  ask: {by: desk, from: run, needs: [until_date, reason], affects: {extend: work, to: until_date}, cite: "1"}
  vouch: {by: [desk, head], from: run, cite: "1"}
  note: {by: desk, cite: "1"}
  fin: {by: desk, from: run, to: over, cite: "1"}
chains:
  longer: {starts: ask, rejected: stay, stages: [{role: head, within: 2 workdays}], cite: "1"}
duties:
  work: {bearer: desk, after: receive, do: fin, within: 1 workday, breach: [{at: 0, tell: boss}], cite: "1"}
"""
)
VOUCHED = EXTENDING + 'late_entries: {report: 30 min, confirm: vouch, cite: "1"}\n'
REQUEST = (
    step("receive", "03-03 09:00"),
    step("ask", "03-04 15:00", until_date="2026-03-20", reason="r"),
)


def approve(recorded: str) -> dict[str, Any]:
    return step("longer.approve", "03-04 17:59", recorded, by="head")


def test_an_approval_that_would_be_refused_now_is_entered_on_the_same_working_day_only() -> None:
    same_day = told(EXTENDING, *REQUEST, approve("03-04 20:00"))
    assert (same_day["refused"], reports(same_day)) == ([], ["evaded"])
    assert duty(same_day, "work") == ("open", "03-20 18:00", "03-04 18:00")
    next_day = told(EXTENDING, *REQUEST, approve("03-05 09:00"))
    assert [each["code"] for each in next_day["refused"][0]["reasons"]] == ["late-entry"]
    assert duty(next_day, "work") == ("overdue", "03-04 18:00", "03-04 18:00")


def test_an_approval_that_would_be_given_now_as_well_may_be_entered_any_time() -> None:
    longer = EXTENDING.replace("within: 1 workday,", "within: 9 workdays,")
    assert told(longer, *REQUEST, approve("03-05 09:00"))["refused"] == []


def test_a_later_one_needs_another_person_directly_before_it() -> None:
    anna = {"role": "head", "person": "anna"}
    mine = {**approve("03-05 09:10"), "by": anna}
    other = step("vouch", "03-05 09:00", by={"role": "head", "person": "ben"})
    assert told(VOUCHED, *REQUEST, other, mine)["refused"] == []
    assert reports(told(VOUCHED, *REQUEST, other, mine)) == ["backdated", "evaded"]
    own = step("vouch", "03-05 09:00", by=anna)
    for between in ((own,), (other, step("note", "03-05 09:05")), ()):
        refused = told(VOUCHED, *REQUEST, *between, mine)["refused"]
        assert [(each["act"], each["reasons"][0]["code"]) for each in refused] == [("longer.approve", "late-entry")]
        assert "Vouch" in refused[0]["reasons"][0]["message"]


def test_how_late_a_decision_may_be_entered_is_the_policys_to_say() -> None:
    longer = VOUCHED.replace("report: 30 min", "report: 2 workdays, decide: 1 workday")
    in_time = told(longer, *REQUEST, approve("03-05 18:00"))
    assert (in_time["refused"], reports(in_time)) == ([], ["evaded"])
    assert told(longer, *REQUEST, approve("03-05 18:01"))["refused"] != []


def test_an_entry_from_before_all_calendars_is_late() -> None:
    program = compile_program(pack_of(VOUCHED.replace("report: 30 min", "report: 2 workdays")))
    assert is_reported(program, -3_000_000_000, 0)
    assert not is_reported(program, 0, 0)


def test_the_confirming_act_is_one_that_people_perform() -> None:
    with pytest.raises(PackError, match="no person performs"):
        pack_of(VOUCHED.replace("vouch: {by: [desk, head],", "vouch: {by: clock,"))


# Rungs


GUARDED = (
    HEAD
    + """
data: {ready: {type: bool, cite: "1"}}
phases: {new: {start: true}, wait: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: wait, cite: "1"}
  answer: {by: [customer, desk], from: [wait, over], to: over, cite: "1"}
  prepare: {by: desk, from: wait, needs: [ready], cite: "1"}
  deem: {by: clock, from: wait, to: over, when: [{if: ready, why: {zh: 未备妥, en: Not ready}}], cite: "1"}
duties:
  reply: {bearer: customer, after: receive, do: answer, until: deem, within: 2 h,
    breach: [{at: 0, act: deem}], cite: "1"}
"""
)


def test_a_refused_act_of_a_rung_is_done_as_soon_as_its_condition_holds() -> None:
    log = [step("receive", "03-03 09:00"), step("prepare", "03-03 12:00", ready=False)]
    stuck = told(GUARDED, *log)
    assert (stuck["phase"], stuck["rungs"][0]["refused"][0]["code"]) == ("wait", "guard")
    freed = told(GUARDED, *log, step("prepare", "03-03 13:00", ready=True))
    assert freed["phase"] == "over"
    assert [(each["act"], _short(each["at"])) for each in freed["automatic"]] == [("deem", "03-03 13:00")]


def test_a_late_entry_cannot_have_it_done_before_it_was_due() -> None:
    log = [step("receive", "03-03 09:00"), step("prepare", "03-03 10:00", "03-03 13:00", ready=True)]
    freed = told(GUARDED, *log)
    assert [(each["act"], _short(each["at"])) for each in freed["automatic"]] == [("deem", "03-03 11:00")]


# Telling


def test_a_story_is_looked_at_when_its_last_step_was_told_also_a_refused_one() -> None:
    outcome = told(LAPSING, step("receive", "03-03 09:00"), step("agree", "04-22 10:00"))
    assert (_short(outcome["now"]), outcome["phase"]) == ("04-22 10:00", "lapsed")


# A time that nobody owes


WINDOW = LAPSING.replace("talks: {bearer: customer,", "talks: {bearer: nobody,")


def test_a_time_that_nobody_owes_passes_and_is_in_nobodys_figures() -> None:
    outcome = told(WINDOW, step("receive", "03-03 09:00"), now="04-18 10:00")
    assert outcome["phase"] == "lapsed"
    assert [each["bearer"] for each in outcome["duties"]] == ["nobody", "desk"]
    case = compile_program(pack_of(WINDOW))
    assert [plan.is_outsiders for plan in case.duties.values()] == [True, False]
    assert told(WINDOW, step("receive", "03-03 09:00"), step("agree", "04-10 10:00"))["phase"] == "agreed"


@pytest.mark.parametrize("who", ["bearer", "boss"])
def test_a_time_that_nobody_owes_tells_roles_by_name(who: str) -> None:
    rung = "breach: [{at: 0, act: lapse}]"
    assert rung in WINDOW
    with pytest.raises(PackError, match="nobody owes"):
        pack_of(WINDOW.replace(rung, f"breach: [{{at: -1 natural day, tell: {who}}}, {{at: 0, act: lapse}}]"))
    pack_of(WINDOW.replace(rung, "breach: [{at: -1 natural day, tell: head}, {at: 0, act: lapse}]"))


def test_a_time_that_nobody_owes_must_lead_to_something() -> None:
    with pytest.raises(PackError, match="owed by nobody"):
        pack_of(WINDOW.replace(", act: lapse}", ", tell: head}"))
