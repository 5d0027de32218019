"""Stories: the JSON that `ombud policy replay` prints, and expectations that do not hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

import shipped_packs
from engine.telling import at, pack_of
from ombud.engine import OBSERVE, check_story, replay_story

LOG: list[dict[str, Any]] = [
    {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": "desk", "data": {"loss": "200 CNY"}},
    {"at": "2026-03-03T09:30+08:00", "act": "route", "by": "desk"},
    {"at": "2026-03-03T11:01+08:00", "act": "greet", "by": "desk"},
    {"at": "2026-03-03T11:02+08:00", "act": "propose", "by": "desk"},
]
KEYS = {"phase", "grades", "facts", "department", "duties", "refused", "next", "automatic"}
DUTY_KEYS = {
    "id", "instance", "clauses", "bearer", "opened_at", "due_at", "done_at", "breached_at", "status", "overdue",
    "provisional", "explanation",
}  # fmt: skip


def test_a_replayed_story_has_the_keys_of_the_contract() -> None:
    told = replay_story(pack_of(), {"log": LOG})
    assert set(told) >= KEYS
    assert all(set(duty) >= DUTY_KEYS for duty in told["duties"])
    greet = told["duties"][0]
    assert greet["id"] == "greet"
    assert greet["bearer"] == "desk"
    assert greet["status"] == "late"
    assert greet["opened_at"] == "2026-03-03T09:00:00+08:00"
    assert greet["due_at"] == greet["breached_at"] == "2026-03-03T11:00:00+08:00"
    assert greet["done_at"] == "2026-03-03T11:01:00+08:00"
    assert told["grades"] == {"level": "low", "shop": "repair"}
    assert told["facts"]["loss"] == {"amount": "200.00", "currency": "CNY"}
    assert told["department"] == "repair"
    assert told["refused"] == [
        {
            "index": 3,
            "act": "propose",
            "performed": False,
            "reasons": [
                {
                    "code": "role",
                    "message": "“Propose” is done by Dept, Head, and you act as Desk. Ask one of them to do it.",
                    "clauses": ["2"],
                    "field": None,
                },
                {"code": "needs", "message": "Please fill in “Plan text”.", "clauses": ["2"], "field": "plan_text"},
            ],
        }
    ]
    assert "propose" in told["next"]
    assert "deem" not in told["next"]
    json.dumps(told)


def test_observing_goes_on_after_a_deviation() -> None:
    told = replay_story(pack_of(), {"log": LOG}, mode=OBSERVE)
    assert told["phase"] == "proposed"
    assert [(each["act"], each["performed"]) for each in told["refused"]] == [("propose", True)]


def test_now_decides_what_is_overdue_and_which_rungs_have_passed() -> None:
    at_the_end = replay_story(pack_of(), {"log": LOG[:1]})
    assert not at_the_end["duties"][0]["overdue"]
    later = replay_story(pack_of(), {"log": LOG[:1]}, now="2026-03-03T11:00:01+08:00")
    assert later["duties"][0]["overdue"]
    assert later["duties"][0]["status"] == "open"
    assert later["duties"][0]["breached_at"] == "2026-03-03T11:00:00+08:00"
    assert [(each["duty"], each["rung"]) for each in later["rungs"]] == [("greet", 0), ("greet", 1)]


def test_a_story_whose_last_act_is_refused_stands_where_that_was_tried() -> None:
    refused = {"at": "2026-03-03T11:00:01+08:00", "act": "look", "by": "dept"}
    told = replay_story(pack_of(), {"log": [*LOG[:1], refused]})
    assert [each["act"] for each in told["refused"]] == ["look"]
    assert told["now"] == "2026-03-03T11:00:01+08:00"
    assert [each["overdue"] for each in told["duties"] if each["id"] == "greet"] == [True]


def test_a_story_may_say_when_things_were_recorded() -> None:
    entry = {**LOG[2], "at": "2026-03-03T10:59+08:00", "recorded": "2026-03-03T12:00+08:00"}
    told = replay_story(pack_of(), {"log": [*LOG[:2], entry]})
    assert told["duties"][0]["status"] == "met"
    assert len(told["rungs"]) == 2


def test_messages_and_explanations_come_in_either_language() -> None:
    zh = replay_story(pack_of(), {"log": LOG}, language="zh")
    assert zh["refused"][0]["reasons"][1]["message"] == "请填写“Plan text”。"
    assert zh["duties"][0]["explanation"][0].startswith("由“Receive”引起")


def test_the_explanation_counts_the_days() -> None:
    told = replay_story(pack_of(), {"log": [{**LOG[0], "data": {}}, LOG[1]]})
    lines = next(duty for duty in told["duties"] if duty["id"] == "solve")["explanation"]
    assert lines[0] == "Opened by “Route” at 2026-03-03 09:30."
    assert lines[1] == "Chosen by “Level” = Low."
    assert lines[-1] == "Clause: 2."
    assert any("10 March" in line or "2026-03-10" in line or "Mar" in line for line in lines[2:])


EXPECTATIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"duties": {"greet": "late"}}, []),
    ({"duties": {"greet": ["late"]}}, []),
    ({"duties": {"greet": "met"}}, ["greet (1) is late (due 2026-03-03T11:00:00+08:00), expected met"]),
    ({"duties": {"greet": ["late", "met"]}}, ["greet has 1 instances, expected 2"]),
    ({"duties": {"agreed": "met"}}, ["agreed was never opened, expected met"]),
    ({"duties": {"agreed": "none"}}, []),
    ({"duties": {"greet": {"status": "late", "due": "2026-03-03T03:00Z"}}}, []),
    (
        {"duties": {"greet": {"due_at": "2026-03-03T12:00+08:00"}}},
        ["greet (1): due_at is 2026-03-03T11:00:00+08:00, expected 2026-03-03T12:00+08:00"],
    ),
    ({"phase": "open"}, ["phase is work, expected open"]),
    ({"grades": {"level": "high"}}, ["level is low, expected high"]),
    ({"facts": {"kind": "body"}}, ["kind is none, expected body"]),
    ({"next": ["take", "look"]}, []),
]


@pytest.mark.parametrize(("expect", "differences"), EXPECTATIONS)
def test_differences_are_told_one_by_one(expect: dict[str, Any], differences: list[str]) -> None:
    assert check_story(pack_of(), {"log": LOG[:3], "expect": expect}) == differences


def test_an_unexpected_refusal_is_a_difference_and_an_expected_one_is_not() -> None:
    assert check_story(pack_of(), {"log": LOG}) == [
        "step 4, propose, is refused: “Propose” is done by Dept, Head, and you act as Desk. Ask one of them to do it.; "
        "Please fill in “Plan text”."
    ]
    assert check_story(pack_of(), {"log": LOG, "expect": {"refused": ["propose"]}}) == []
    fitting = {"act": "propose", "index": 3, "code": ["role", "needs"], "clauses": ["2"]}
    assert check_story(pack_of(), {"log": LOG, "expect": {"refused": [fitting]}}) == []
    assert check_story(pack_of(), {"log": LOG, "expect": {"refused": [{"code": "phase"}]}}) != []
    assert check_story(pack_of(), {"log": LOG[:3], "expect": {"refused": ["propose"]}}) == ["propose is not refused"]


def test_every_scenario_of_the_shipped_packs_is_a_story_of_plain_data() -> None:
    pack = shipped_packs.pack_of("customer-complaints")
    for scenario in pack.scenarios[:5]:
        json.dumps(replay_story(pack, scenario.story, now=at("06-01 12:00")))
