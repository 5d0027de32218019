"""What the checks make of fields that approvals bring, waived duties, exams, ledgers, offices, matters and groups."""

from __future__ import annotations

from pathlib import Path

from ombud.checks import check, trace
from ombud.policy import load_sources

SOUND = (Path(__file__).parent / "packs" / "sound.yaml").read_text("utf-8")

STAGE = 'stages: [{role: manager, if: "level == grave", within: 1 workday, breach: [{at: 0, tell: head}]}]'
GRAVE = "  loss: {type: money"
FIELD = "  dire: {type: bool, title: {zh: 特别严重, en: dire}}\n  loss: {type: money"
BRINGS = (
    'stages: [{role: manager, needs: [dire], within: 1 workday, breach: [{at: 0, tell: head}]},\n'
    '                  {role: head, if: "dire", within: 1 workday, breach: [{at: 0, tell: manager}]}]'
)  # fmt: skip


PUBLISH = (
    '  publish: {title: {zh: 公告, en: Publish}, by: head, from: answering, when: "dire", cite: "4"}\n'
    'chains:\n'
)  # fmt: skip


def said(*changes: tuple[str, str]) -> list[str]:
    text = SOUND
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return [f"{each.code}: {each.message['en']}" for each in check(load_sources({"pack.yaml": text})).findings]


def test_what_only_an_approval_brings_can_be_asked_for_by_a_condition() -> None:
    changes = ((GRAVE, FIELD), (STAGE, BRINGS), ("chains:\n", PUBLISH), ("level == normal or ", ""))
    assert said(*changes, ("do: communicate, within: 2 workdays", "do: communicate, within: 3 workdays")) == []


def test_without_the_approval_that_brings_it_the_act_is_unreachable() -> None:
    found = said((GRAVE, FIELD), ("chains:\n", PUBLISH))
    assert [each.partition(":")[0] for each in found] == ["unreachable", "needs-before-set"]


def test_a_duty_that_can_be_waived_leaves_a_case_in_which_nobody_owes_anything() -> None:
    waive = (
        '  let_go: {title: {zh: 豁免, en: Let it go}, by: head, from: investigating, needs: [reason],\n'
        '           affects: {waive: investigate}, cite: "2"}\nchains:\n'
    )  # fmt: skip
    reason = "  reason: {type: text, title: {zh: 原因, en: reason}}\n  loss: {type: money"
    found = said((GRAVE, reason), ("chains:\n", waive))
    assert found == [
        "idle-phase: At Investigating a case can stand with no running duty: after Let it go nobody owes anything"
    ]


def test_exams_ledgers_and_offices_are_rules_of_the_trace() -> None:
    text = SOUND.replace(
        "data:\n",
        "exams: {handling: {title: {zh: 考核, en: the exam}, cite: '1'}}\n"
        "ledgers: {performance: {title: {zh: 绩效, en: performance}, cite: '2'}}\n"
        "offices: {berlin: {title: {zh: 柏林, en: Berlin}, calendar: office, cite: '4'}}\ndata:\n",
    )
    rules = {rule.id: rule.kind for each in trace(load_sources({"pack.yaml": text})).clauses for rule in each.rules}
    assert rules["handling"] == "exam"
    assert rules["performance"] == "ledger"
    assert rules["berlin"] == "office"
