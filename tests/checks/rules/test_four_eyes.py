"""Approvals against the people at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ombud.checks import check
from ombud.checks.rules.four_eyes import check_four_eyes
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack

SOUND = (Path(__file__).parents[1] / "packs" / "sound.yaml").read_text("utf-8")
EVERYBODY = {"agent": {"ann", "ben"}, "head": {"hua"}, "manager": {"mei"}}


class Staff:
    """Who holds which role, whatever the department; nobody has passed an exam but those named."""

    def __init__(self, people: Mapping[str, set[str]], passed: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        self.people, self.passed = people, passed

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        return frozenset(self.people.get(role, set()))

    def is_qualified(self, person: str, exam: str, at: int) -> bool:
        return person in self.passed


def pack_with(*changes: tuple[str, str]) -> Pack:
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_sources({"pack.yaml": text})


def said(pack: Pack, staff: Staff | None) -> list[str]:
    return [each.message["en"] for each in check_four_eyes(pack, staff)]


DISTINCT = ("starts: propose, rejected", "starts: propose, distinct_from: propose, rejected")


def test_enough_people_are_no_finding() -> None:
    assert said(pack_with(DISTINCT), Staff(EVERYBODY)) == []


def test_a_manager_who_is_the_only_agent_too_leaves_nobody_to_approve() -> None:
    staff = Staff({**EVERYBODY, "agent": {"mei"}})
    assert said(pack_with(DISTINCT), staff) == [
        "Approval of the plan: once whoever is Manager has done Propose in person, nobody is left to decide, "
        "no boss either"
    ]
    assert said(pack_with(), staff) == []


def test_a_boss_stands_in_for_whoever_is_excluded() -> None:
    staff = Staff({**EVERYBODY, "agent": {"hua"}})
    assert said(pack_with(DISTINCT, ("{role: manager, if", "{role: head, if")), staff) == []


def test_a_stage_whose_role_nobody_holds_falls_to_its_boss_or_to_nobody() -> None:
    pack = pack_with(("{role: manager, if", "{role: head, if"))
    assert said(pack, Staff({"agent": {"ann"}, "manager": {"mei"}})) == []
    assert said(pack, Staff({"agent": {"ann"}})) == [
        "Approval of the plan: nobody is Head, nor is there a boss above, so nobody can decide"
    ]


def test_two_approvals_of_one_person_are_too_many() -> None:
    pack = pack_with(("{role: manager, if", "{role: manager, quorum: 2, if"))
    assert said(pack, Staff(EVERYBODY)) == [
        "Approval of the plan needs 2 approvals, and fewer people than that are Manager"
    ]


STAGE = '[{role: manager, if: "level == grave"'
AFTER_HEAD = '[{role: head, within: 1 workday, if: "level == grave"}, {role: manager, if: "IF"'
TWICE = (
    "Approval of the plan: one and the same person is the only one left to decide as Manager and at an earlier stage, "
    "and nobody may decide both"
)


@pytest.mark.parametrize(("condition", "expected"), [("level == grave", [TWICE]), ("level == normal", [])])
def test_two_stages_that_one_case_needs_want_two_people(condition: str, expected: list[str]) -> None:
    pack = pack_with((STAGE, AFTER_HEAD.replace("IF", condition)))
    assert said(pack, Staff({**EVERYBODY, "head": {"mei"}})) == expected


def test_an_act_that_nobody_has_passed_the_exam_for_is_told_live_only() -> None:
    pack = pack_with(
        ("data:\n", "exams: {handling: {title: {zh: 培训考核, en: the exam}, cite: '1'}}\ndata:\n"),
        ("en: Propose}, by: agent", "en: Propose}, by: agent, qualified: handling"),
    )
    assert said(pack, None) == []
    assert said(pack, Staff(EVERYBODY, {"ann"})) == []
    assert said(pack, Staff(EVERYBODY)) == ["Nobody who is Agent has passed the exam, so nobody may do Propose"]


def test_the_whole_check_takes_the_staff() -> None:
    report = check(pack_with(DISTINCT), staff=Staff({**EVERYBODY, "agent": {"mei"}}))
    assert [each.code for each in report.findings] == ["four-eyes-unsatisfiable"]
    assert report.findings[0].clauses == ("3",)


def test_people_kept_apart_by_two_acts_together_leave_nobody() -> None:
    pack = pack_with(("starts: propose, rejected", "starts: propose, distinct_from: [propose, receive], rejected"))
    staff = Staff({"agent": {"mei", "lin"}, "head": {"hua"}, "manager": {"mei", "lin"}})
    assert said(pack, staff) == [
        "Approval of the plan: once whoever is Manager has done Propose and Receive in person, nobody is left to "
        "decide, no boss either"
    ]
    assert said(pack_with(DISTINCT), staff) == []


def test_an_author_who_could_decide_leaves_one_person_for_both_stages() -> None:
    pack = pack_with(DISTINCT, (STAGE, AFTER_HEAD.replace("IF", "level == grave")))
    staff = Staff({"agent": {"hua", "ann"}, "head": {"hua", "mei"}, "manager": {"mei"}})
    assert said(pack, staff) == [TWICE]
    assert said(pack, Staff({**EVERYBODY, "head": {"hua", "mei"}})) == []


def test_a_policy_that_lets_one_person_decide_both_stages_needs_one() -> None:
    stages = AFTER_HEAD.replace("IF", "level == grave")
    pack = pack_with(
        ("starts: propose, rejected", "starts: propose, distinct_stages: false, rejected"), (STAGE, stages)
    )
    assert said(pack, Staff({**EVERYBODY, "head": {"mei"}})) == []


def test_an_act_kept_apart_from_an_approval_is_looked_at_too() -> None:
    pack = pack_with(("en: Communicate}, by: agent,", "en: Communicate}, by: manager, distinct_from: plan.approve,"))
    assert said(pack, Staff({**EVERYBODY, "manager": {"mei", "gao"}})) == []
    assert said(pack, Staff(EVERYBODY)) == [
        "Communicate may not be done by whoever did Approval of the plan: agreed, and nobody else can do it"
    ]
