"""Totals against their stages, laid end to end from every half hour of a year; dates worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ombud.checks import Finding
from ombud.checks.rules.deadlines import check_deadlines
from ombud.policy import load_sources

PACKS = Path(__file__).parents[1] / "packs"
CONFLICT = (PACKS / "deadline-conflict.yaml").read_text("utf-8")
NO_SLACK = (PACKS / "no-slack.yaml").read_text("utf-8")


def found_in(text: str, *changes: tuple[str, str]) -> Sequence[Finding]:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return list(check_deadlines(load_sources({"pack.yaml": text})))


def test_one_hour_and_three_and_one_working_days_overrun_four_only_where_the_hour_passes_midnight() -> None:
    """2026 has 248 working days in the PRC; the two half hours from 23:00 of the day before each of them overrun.

    The first is Saturday 3 January: Sunday the 4th is a make-up working day, so registering at 00:00 loses it.
    From there three working days are the 5th, 6th and 7th, one more the 8th; the total ends on the 7th.
    """
    [found] = found_in(CONFLICT)
    assert found.code == "deadline-conflict"
    assert found.clauses == ("5", "2", "3", "4")
    assert found.witness["en"] == (
        "From Receive on Saturday 2026-01-03 23:00 the stages end on Thursday 2026-01-08 18:00, "
        "the total on Wednesday 2026-01-07 18:00; so from 496 of the 17520 half hours of the year, "
        "at worst by 10 days 0 hours (from Tuesday 2026-02-10 23:00)"
    )
    assert found.witness["zh"].startswith("自“收到”起算，若始于2026-01-03 23:00（周六）")


def test_an_hour_of_working_time_overruns_from_the_last_hour_of_each_working_day() -> None:
    """From 17:30 the hour ends at 09:30 of the next working day; from 17:00 it ends at 18:00 of the same day."""
    [found] = found_in(CONFLICT, ("within: 1 h", "within: 1 working hour"))
    assert "From Receive on Thursday 2026-01-01 00:00" in found.witness["en"]
    assert "of the 17520 half hours" in found.witness["en"]


def test_two_and_three_and_two_working_days_use_seven_up() -> None:
    [found] = found_in(NO_SLACK)
    assert found.code == "no-slack"
    assert "nothing is left for: Close" in found.message["en"]
    assert found.question["en"] == "How much time is meant to be left for the rest?"


def test_one_working_day_more_leaves_room() -> None:
    assert found_in(NO_SLACK, ("within: 7 workdays", "within: 8 workdays")) == []


def test_stages_that_all_run_from_the_beginning_are_not_added_up() -> None:
    from_receipt = (
        ("after: register", "after: receive"),
        ("after: investigate, do: answer, within: 2 workdays", "after: receive, do: answer, within: 5 workdays"),
    )
    assert found_in(NO_SLACK, *from_receipt) == []


def test_a_stage_that_some_ways_leave_out_does_not_count() -> None:
    shorter = ("from: investigated, to: answered", "from: [registered, investigated], to: answered")
    assert found_in(NO_SLACK, shorter) == []


def test_an_act_that_a_condition_asks_for_counts_like_one_on_the_way() -> None:
    by_condition = (
        ("by: agent, from: registered, to: investigated", "by: agent, from: [registered, investigated]"),
        ("from: investigated, to: answered", 'from: registered, to: answered, when: "done(investigate)"'),
        ("  investigated: {title: {zh: 已调查, en: Investigated}}\n", ""),
        ("from: [registered, investigated]", "from: registered"),
    )  # fmt: skip
    [found] = found_in(NO_SLACK, *by_condition)
    assert found.code == "no-slack"


def test_time_spent_in_a_phase_that_pauses_the_total_does_not_count() -> None:
    assert (
        found_in(NO_SLACK, ("do: close, within: 7 workdays", "do: close, within: 7 workdays, pause: [registered]"))
        == []
    )


def test_the_stages_of_an_approval_are_added_up() -> None:
    chain = (
        "chains:\n"
        "  plan: {title: {zh: 审批, en: Approval}, starts: investigate, rejected: registered, cite: '3',\n"
        "         stages: [{role: head, within: 2 workdays}]}\n"
        "duties:\n"
    )
    [found] = found_in(
        NO_SLACK,
        ("duties:\n", chain),
        ("from: investigated, to: answered", 'from: investigated, to: answered, when: "approved(plan)"'),
        ("after: investigate, do: answer, within: 2 workdays", "after: plan.approved, do: answer, within: 2 workdays"),
        ("within: 7 workdays", "within: 8 workdays"),
    )
    assert found.code == "deadline-conflict"
    assert "Approval (2 working days)" in found.message["en"]


@pytest.mark.parametrize(("major", "codes"), [("7 workdays", ["no-slack"]), ("9 workdays", [])])
def test_each_kind_of_case_is_laid_out_with_its_own_limits(major: str, codes: list[str]) -> None:
    graded = (
        ("phases:\n", "data:\n  grave: {type: bool, title: {zh: 严重, en: grave}}\nphases:\n"),
        ("from: new, to: received", "from: new, to: received, needs: [grave]"),
        ("within: 3 workdays", "within: {by: grave, true: 3 workdays, else: 1 workday}"),
        ("within: 7 workdays", f"within: {{by: grave, true: {major}, else: 6 workdays}}"),
    )
    assert [each.code for each in found_in(NO_SLACK, *graded)] == codes
