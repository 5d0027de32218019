"""One broken pack for each mistake: its first lines are exactly what the checks say about it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from ombud.checks import check, check_unreadable
from ombud.checks.findings import Report, severity_of
from ombud.checks.messages import WORDS
from ombud.checks.rules.clauses import check_clauses
from ombud.policy import PackError, load_sources
from ombud.texts import LANGUAGES

PACKS = Path(__file__).parent / "packs"
FILES = sorted(PACKS.glob("*.yaml"))


@cache  # three tests ask every pack
def report_on(text: str) -> Report:
    try:
        pack = load_sources({"pack.yaml": text})
    except PackError as error:
        return check_unreadable("broken", error)
    return check(pack)


def announced(text: str) -> list[str]:
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    return [] if lines == ["(nothing)"] else lines


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_pack_gets_exactly_the_messages_that_it_announces(file: Path) -> None:
    text = file.read_text("utf-8")
    said = [f"{each.severity} {each.code}: {each.message['en']}" for each in report_on(text).findings]
    assert announced(text) == said


def test_the_sound_pack_has_no_finding() -> None:
    assert report_on((PACKS / "sound.yaml").read_text("utf-8")).findings == ()


def test_every_message_of_the_catalogue_is_shown_by_a_broken_pack() -> None:
    shown = {each.code for file in FILES for each in report_on(file.read_text("utf-8")).findings}
    shown.add("unkilled-mutant")  # said by `ombud policy mutate` alone, see test_mutation.py
    shown.add("unaddressed")  # of letters, which stand in files of their own, see rules/test_addressees.py
    shown.add("endless-check")  # said of a check that was ended, see test_apart.py
    assert {key.partition("/")[0] for key in WORDS.entries if key != "phrases"} <= shown


def test_every_message_has_both_languages_with_the_same_values() -> None:
    for key, parts in WORDS.entries.items():
        for part, words in parts.items():
            assert set(words) == set(LANGUAGES), (key, part)
            slots = [{piece.partition("}")[0] for piece in words[lang].split("{")[1:]} for lang in LANGUAGES]
            assert slots[0] == slots[1], (key, part)


def test_every_finding_but_a_note_and_what_the_loader_says_has_a_question_in_both_languages() -> None:
    for file in FILES:
        for each in report_on(file.read_text("utf-8")).findings:
            assert set(each.message) == set(LANGUAGES)
            assert set(each.question) == (set() if each.code == "schema" else set(LANGUAGES))


def test_errors_point_to_the_line_that_is_wrong() -> None:
    text = (PACKS / "conflict.yaml").read_text("utf-8")
    [found] = report_on(text).findings
    assert found.place is not None
    assert "[1000,inf)" in text.splitlines()[found.place.line - 1]


def test_the_witness_of_a_gap_is_a_case_that_the_table_does_not_decide() -> None:
    [found] = report_on((PACKS / "gap.yaml").read_text("utf-8")).findings
    assert found.witness == {"zh": "例如：损失为600 CNY", "en": "For example: loss is 600 CNY"}
    pack = load_sources({"pack.yaml": (PACKS / "gap.yaml").read_text("utf-8")})
    assert pack.tables["level"].decide({"loss": {"amount": "600.00", "currency": "CNY"}}) is None


def test_the_witness_of_a_dead_end_is_the_shortest_way_in_the_policys_own_words() -> None:
    found = report_on((PACKS / "dead-end-outsider.yaml").read_text("utf-8")).findings[0]
    assert found.witness["en"] == "Receive → Propose → Communicate; then the case stands at Answering"
    assert found.witness["zh"] == "受理 → 提出方案 → 沟通方案，停在“待答复”"


def explained(pack_text: str, clauses: list[str]) -> str:
    entry = {"explain": [{"code": "no-escalation", "clauses": clauses, "because": "The head looks in every day"}]}
    return pack_text + yaml.safe_dump(entry)


def test_an_explanation_answers_the_warning_that_it_names() -> None:
    text = (PACKS / "no-escalation.yaml").read_text("utf-8")
    report = report_on(explained(text, ["4"]))
    assert [each.explained["en"] for each in report.findings if each.explained] == ["The head looks in every day"]
    assert report.warnings == 0


def test_an_explanation_that_leaves_out_a_clause_answers_nothing() -> None:
    text = (PACKS / "no-escalation.yaml").read_text("utf-8")
    report = report_on(explained(text, ["2"]))
    assert sorted(each.code for each in report.findings) == ["no-escalation", "unused-explanation"]
    assert report.warnings == 2


def test_an_error_cannot_be_explained_away() -> None:
    text = (PACKS / "idle-phase.yaml").read_text("utf-8")
    entry = {"explain": [{"code": "idle-phase", "clauses": ["3"], "because": "We shall see"}]}
    report = report_on(text + yaml.safe_dump(entry))
    assert report.errors == 1
    assert severity_of("idle-phase") == "error"


def test_a_choice_may_lead_back_where_the_case_came_from() -> None:
    text = (PACKS / "sound.yaml").read_text("utf-8")
    for old, new in (
        (
            "chains:\n",
            "  review: {title: {zh: 复核, en: Review}, by: head, from: answering, needs: [answer], cite: '4',\n"
            "           to: {by: answer, accepted: stay, rejected: back}}\nchains:\n",
        ),
        ("after: propose, do: communicate", "after: [propose, review.rejected], do: communicate"),
        ("until: deem_accepted", "until: [deem_accepted, review.rejected]"),
    ):
        assert old in text
        text = text.replace(old, new)
    assert report_on(text).findings == ()


def test_a_stage_of_an_approval_borrows_by_the_clauses_that_it_counts_for_itself() -> None:
    pack = load_sources({"pack.yaml": (PACKS / "borrowed-clause.yaml").read_text("utf-8")})
    plan = pack.main.chains["plan"]
    stages = (replace(plan.stages[0], cite=("9",)), *plan.stages[1:])  # which keep to the clause of all
    meeting = replace(pack.procedures["meeting"], duties={}, chains={"plan": replace(plan, stages=stages)})
    found = check_clauses(replace(pack, procedures={**pack.procedures, "meeting": meeting}))
    assert [list(each.clauses) for each in found if each.code == "borrowed-clause"] == [["9"]]
