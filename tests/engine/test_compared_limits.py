"""The earlier and the later of several limits, every date counted by hand on the calendar of 2026."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from engine.telling import ZONE, pack_of
from ombud.engine import begin, compile_program, explain_duty, fold, observe, replay_story
from ombud.engine.model import Actor, Submission
from ombud.policy import PackError
from ombud.policy.limitwords import limit_text

PACK = """
pack: {id: t, version: 1.0.0, effective: 2026-01-01, title: {zh: 试, en: Test}}
clauses: {"1": {kind: duty, zh: 一, en: One}}
counting: {workday: next_day_close, calendar: office, cite: "1"}
calendars:
  office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}, days: CN, cite: "1"}
roles: {desk: {boss: head}, head: {}, customer: {external: true}}
channels: {phone: {kind: phone, cite: "1"}}
data:
  agreed_on: {type: date, title: {zh: 约定日期, en: Agreed date}, cite: "1"}
  grave: {type: bool, cite: "1"}
phases: {new: {start: true}, run: {}, wait: {}, over: {end: true}}
acts:
  receive: {by: desk, from: new, to: run, may: [agreed_on, grave], cite: "1"}
  agree: {by: desk, from: run, needs: [agreed_on], cite: "1"}
  ask: {by: desk, from: run, to: wait, cite: "1"}
  supply: {by: desk, from: wait, to: run, cite: "1"}
  fin: {by: desk, from: [run, wait], to: over, cite: "1"}
duties:
  work: {bearer: desk, after: receive, do: fin, within: LIMIT, pause: wait, breach: [{at: 0, tell: boss}], cite: "1"}
"""
DAYS = "[3 workdays, {length: 5 natural days, roll: no}]"


def text(limit: str) -> str:
    return PACK.replace("LIMIT", limit)


def due(limit: str, *log: tuple[str, str, dict[str, Any]], now: str | None = None) -> str | None:
    steps = [
        {"act": act, "at": f"2026-{at.replace(' ', 'T')}+08:00", "by": "desk", "data": data} for act, at, data in log
    ]
    until = f"2026-{now.replace(' ', 'T')}+08:00" if now else None
    [found] = replay_story(pack_of(text(limit)), {"log": steps}, until)["duties"]
    at: str | None = found["due_at"]
    return at and at[5:16].replace("T", " ")


@pytest.mark.parametrize(
    ("received", "earliest", "latest"),
    [
        # Tuesday: Wednesday, Thursday, Friday; the fifth day is Sunday the 8th, a day of rest that ends at midnight
        ("03-03 10:00", "03-06 18:00", "03-09 00:00"),
        # two days before the holidays of 1 to 7 October: the 30th, the 8th, the 9th; the fifth day is 4 October
        ("09-29 10:00", "10-05 00:00", "10-09 18:00"),
    ],
)
def test_whichever_comes_first_or_last_counts_from_each_start_anew(received: str, earliest: str, latest: str) -> None:
    log = ("receive", received, {})
    assert due(f"{{earliest: {DAYS}}}", log) == earliest
    assert due(f"{{latest: {DAYS}}}", log) == latest


def test_an_agreed_date_shortens_or_lengthens_it_as_soon_as_it_is_there() -> None:
    received, agreed = ("receive", "03-03 10:00", {}), ("agree", "03-03 11:00", {"agreed_on": "2026-03-05"})
    later = ("agree", "03-03 11:00", {"agreed_on": "2026-03-20"})
    first, last = "{earliest: [10 workdays, {field: agreed_on}]}", "{latest: [10 workdays, {field: agreed_on}]}"

    assert due(first, received) == due(last, received) == "03-17 18:00"  # no date yet: the ten days alone
    assert due(first, received, agreed) == "03-05 18:00"
    assert due(first, received, later) == "03-17 18:00"
    assert due(last, received, agreed) == "03-17 18:00"
    assert due(last, received, later) == "03-20 18:00"


def test_a_pause_lengthens_each_of_them() -> None:
    log = [("receive", "03-03 10:00", {}), ("ask", "03-04 10:00", {}), ("supply", "03-05 10:00", {})]
    assert due("{earliest: [3 workdays, 24 h]}", *log) == "03-05 10:00"  # its day was over when the pause began
    assert due("{earliest: [3 workdays, 48 h]}", *log) == "03-06 10:00"  # two days and the day that stood still
    assert due("{latest: [3 workdays, 24 h]}", *log) == "03-09 18:00"  # three working days and one that stood still


def test_they_are_graded_and_nested_like_any_limit() -> None:
    limit = "{by: grave, true: {earliest: [4 h, {latest: [1 h, 30 min]}]}, else: {latest: [4 h, 1 h]}}"
    assert due(limit, ("receive", "03-03 10:00", {"grave": True})) == "03-03 11:00"
    assert due(limit, ("receive", "03-03 10:00", {})) == "03-03 14:00"


def test_the_explanation_counts_each_and_says_which_counts() -> None:
    program = compile_program(pack_of(text(f"{{earliest: {DAYS}}}")))
    state, at = begin(program), int(datetime(2026, 9, 29, 10, tzinfo=ZONE).timestamp())
    observe(state, Submission(act="receive", actor=Actor(person="a", role="desk"), occurred=at, recorded=at))
    lines = explain_duty(state, "work", 1)
    assert "Whichever of these comes first counts." in [line.get("en") for line in lines]
    assert "以较早者为准。" in [line.get("zh") for line in lines]
    assert [line["en"] for line in lines if line["en"].startswith("Due")] == [
        "Due Friday 9 October 2026 18:00 (Asia/Shanghai)",
        "Due Sunday 4 October 2026 24:00 (Asia/Shanghai)",
        "Due at 2026-10-04 24:00.",
    ]


def test_in_words() -> None:
    pack = pack_of(text("{earliest: [3 workdays, {field: agreed_on}]}"))
    assert dict(limit_text(pack.main.duties["work"].limit, pack)) == {
        "zh": "3个工作日或按约定日期，以较早者为准",
        "en": "3 working days or by the date in Agreed date, whichever comes first",
    }


def test_the_same_limits_are_the_same_plan_so_that_regrading_moves_nothing() -> None:
    limit = "{earliest: [3 workdays, 24 h]}"
    program = compile_program(pack_of(text(limit)))
    state, at = begin(program), int(datetime(2026, 3, 3, 10, tzinfo=ZONE).timestamp())
    actor = Actor(person="a", role="desk")
    events = list(observe(state, Submission(act="receive", actor=actor, occurred=at, recorded=at)).events)
    data = {"agreed_on": "2026-03-05"}
    events += observe(state, Submission(act="agree", actor=actor, occurred=at + 60, recorded=at + 60, data=data)).events
    assert [each.revision for each in state.duties()] == [1]
    assert fold(program, events).snapshot() == state.snapshot()


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("{earliest: 3 workdays}", "compares at least two limits"),
        ("{latest: [3 workdays]}", "compares at least two limits"),
        ("{earliest: [1 h, 2 h], latest: [1 h, 2 h]}", "both the earliest and the latest"),
        ("{earliest: [1 h, 2 h], roll: no}", "roll"),
        ("{earliest: [{field: agreed_on}, {field: agreed_on}]}", "may be absent after"),
        ("{earliest: [1 h, 2 fortnights]}", "not a unit of time"),
    ],
)
def test_what_cannot_be_compared_is_an_error_of_the_pack(limit: str, words: str) -> None:
    with pytest.raises(PackError, match=words):
        pack_of(text(limit))


def test_a_time_to_react_is_one_length() -> None:
    with pytest.raises(PackError, match="must be a length"):
        pack_of(text("3 workdays, react: {earliest: [1 h, 2 h]}"))
