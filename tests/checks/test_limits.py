"""Limits and ladders on the real calendars: policies with one hole each, and correct ones that look alike.

Dates are worked out by hand. In the PRC 1 to 3 January 2026 are days off, Sunday 4 January is a make-up working day;
Spring Festival is 15 to 23 February, with 14 and 28 February as make-up working days.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ombud.checks import Finding, check
from ombud.engine import check_story
from ombud.policy import load_sources

LIMITS = (Path(__file__).parent / "packs" / "limits.yaml").read_text("utf-8")
Edit = tuple[str, str]


def found_in(*edits: Edit) -> Sequence[Finding]:
    text = LIMITS
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return check(load_sources({"pack.yaml": text})).findings


def duty(line: str) -> Edit:
    """One duty more."""
    return "duties:\n", f"duties:\n  {line}\n"


BOSS = "breach: [{at: 0, tell: boss}]"
AGAIN = "title: {zh: 再告知, en: Tell again}"
TOTAL = "do: carry, within: 20 workdays, pause: answering"
NATURAL = (
    f'within: 1 workday, {BOSS}, cite: "2"',
    f'within: {{length: 3 natural days, calendar: always}}, {BOSS}, cite: "2"',
)
ALWAYS = ("calendars:\n", "calendars:\n  always: {tz: Asia/Shanghai, week: 24x7}\n")

BROKEN: dict[str, tuple[list[Edit], str, str, str]] = {
    "two clauses give one and three working days for telling": (
        [duty(f'again: {{{AGAIN}, bearer: desk, after: propose, do: tell, within: 3 workdays, {BOSS}, cite: "7"}}')],
        "contradictory-limits",
        "From Propose on Thursday 2026-01-01 00:00 Tell in time ends on Sunday 2026-01-04 18:00 "
        "and Tell again on Tuesday 2026-01-06 18:00",
        "“提出方案”若在2026-01-01 00:00（周四），“按时告知”到2026-01-04 18:00（周日）届满，"
        "“再告知”到2026-01-06 18:00（周二）届满",
    ),
    "48 hours and one working day, of which now the one and now the other ends first": (
        [duty(f'again: {{{AGAIN}, bearer: desk, after: propose, do: tell, within: 48 h, {BOSS}, cite: "7"}}')],
        "contradictory-limits",
        "From Propose on Thursday 2026-01-01 00:00 Tell again ends on Friday 2026-01-02 24:00 "
        "and Tell in time on Sunday 2026-01-04 18:00",
        "“再告知”到2026-01-02 24:00（周五）届满，“按时告知”到2026-01-04 18:00（周日）届满",
    ),
    "the second limit is counted from an outcome of the act that the first one counts from": (
        [
            duty(
                f"again: {{{AGAIN}, bearer: desk, after: answer.accepted, do: carry, within: 7 workdays, {BOSS}, "
                'until: answer.rejected, cite: "7"}'
            )
        ],
        "contradictory-limits",
        "From Answer (Accepted) on Thursday 2026-01-01 00:00 Carry out in time ends on Thursday 2026-01-08 18:00 "
        "and Tell again on Monday 2026-01-12 18:00",
        "“按时执行”到2026-01-08 18:00（周四）届满，“再告知”到2026-01-12 18:00（周一）届满",
    ),
    "the second limit for the same act falls to another role": (
        [
            duty(
                f"again: {{{AGAIN}, bearer: head, after: propose, do: tell, within: 3 workdays, "
                'breach: [{at: 0, tell: desk}], cite: "7"}'
            )
        ],
        "contradictory-limits",
        "From Propose on Thursday 2026-01-01 00:00 Tell in time ends on Sunday 2026-01-04 18:00 "
        "and Tell again on Tuesday 2026-01-06 18:00",
        "“再告知”到2026-01-06 18:00（周二）届满",
    ),
    "one of two ways to meet the total is longer than it": (
        [
            (
                "acts:\n",
                'acts:\n  refuse: {title: {zh: 驳回, en: Refuse}, by: desk, from: open, to: closed, cite: "7"}\n',
            ),
            (
                "after: [register, answer.rejected], do: propose,",
                "after: [register, answer.rejected], do: [propose, refuse],",
            ),
            (TOTAL, "do: [carry, refuse], within: 9 workdays, pause: answering"),
        ],
        "deadline-conflict",
        "From Receive on Thursday 2026-01-01 00:00 the stages end on Thursday 2026-01-15 18:00, "
        "the total on Wednesday 2026-01-14 18:00",
        "各环节到2026-01-15 18:00（周四）才结束",
    ),
    "a limit of a thousand working days": (
        [(TOTAL, "do: carry, within: 1000 workdays, pause: answering")],
        "limit-beyond-known-years",
        "Begun on Thursday 2026-01-01 00:00 it ends on Wednesday 2029-12-26 18:00, provisionally",
        "若自2026-01-01 00:00（周四）起算，暂定2029-12-26 18:00（周三）届满",
    ),
    "the limits differ in grave cases alone": (
        [
            ("do: tell, within: 1 workday", "do: tell, within: {by: grave, true: 2 h, else: 1 workday}"),
            duty(f'again: {{{AGAIN}, bearer: desk, after: propose, do: tell, within: 1 workday, {BOSS}, cite: "7"}}'),
        ],
        "contradictory-limits",
        "From Propose on Thursday 2026-01-01 00:00 Tell in time ends on Thursday 2026-01-01 02:00 "
        "and Tell again on Sunday 2026-01-04 18:00 (Grave is yes)",
        "“再告知”到2026-01-04 18:00（周日）届满（严重为是）",
    ),
    "progress is to be told every three and every five working days": (
        [
            (
                "acts:\n",
                'acts:\n  inform: {title: {zh: 告知进展, en: Inform}, by: desk, contacts: complainant, cite: "7"}\n',
            ),
            duty(
                f"one: {{title: {{zh: 进展, en: Progress}}, bearer: desk, after: register, do: inform, "
                f'every: 3 workdays, until: carry, pause: answering, {BOSS}, cite: "6"}}'
            ),
            duty(
                f"two: {{title: {{zh: 通报, en: News}}, bearer: desk, after: register, do: inform, every: 5 workdays, "
                f'until: carry, pause: answering, {BOSS}, cite: "7"}}'
            ),
        ],
        "contradictory-limits",
        "From Register on Thursday 2026-01-01 00:00 Progress ends on Tuesday 2026-01-06 18:00 "
        "and News on Thursday 2026-01-08 18:00",
        "“进展”到2026-01-06 18:00（周二）届满，“通报”到2026-01-08 18:00（周四）届满",
    ),
    "the last stage alone is longer than the total": (
        [("do: carry, within: 5 workdays", "do: carry, within: 25 workdays")],
        "deadline-conflict",
        # 1 + 3 + 1 working days end on the 8th, 25 more on 12 February; 20 in all on the 29th.
        "From Receive on Thursday 2026-01-01 00:00 the stages end on Thursday 2026-02-12 18:00, "
        "the total on Thursday 2026-01-29 18:00",
        "各环节到2026-02-12 18:00（周四）才结束，而总时限到2026-01-29 18:00（周四）届满",
    ),
    "the stages up to the common last act are longer than the total, the answer given or taken": (
        [(TOTAL, "do: carry, within: 9 workdays, pause: answering")],
        "deadline-conflict",
        "From Receive on Thursday 2026-01-01 00:00 the stages end on Thursday 2026-01-15 18:00, "
        "the total on Wednesday 2026-01-14 18:00",
        "各环节到2026-01-15 18:00（周四）才结束，而总时限到2026-01-14 18:00（周三）届满",
    ),
    "the total runs on while the complainant answers": (
        [(TOTAL, "do: carry, within: 17 workdays")],
        "deadline-conflict",
        # Told by the 8th, 15 natural days: 23 January, 5 working days: the 30th; 17 in all: the 26th.
        "From Receive on Thursday 2026-01-01 00:00 the stages end on Friday 2026-01-30 18:00, "
        "the total on Monday 2026-01-26 18:00",
        "各环节到2026-01-30 18:00（周五）才结束，而总时限到2026-01-26 18:00（周一）届满",
    ),
    "a warning three working days before a limit of one": (
        [
            (
                "do: register, within: 1 workday, breach: [",
                "do: register, within: 1 workday, breach: [{at: -3 workdays, tell: bearer}, ",
            )
        ],
        "warning-never-comes",
        "Begun on Sunday 2026-01-04 09:00 it is due on Monday 2026-01-05 18:00; "
        "the warning would be due on Tuesday 2025-12-30 18:00, before it began",
        "若自2026-01-04 09:00（周日）起算，2026-01-05 18:00（周一）届满，"
        "提醒应在2025-12-30 18:00（周二）发出，那时义务尚未开始",
    ),
    "a warning three hours before limits of one hour and of two": (
        [
            (
                "do: tell, within: 1 workday, breach: [",
                "do: tell, within: {by: grave, true: 1 h, else: 2 h}, breach: [{at: -3 h, tell: bearer}, ",
            ),
        ],
        "warning-never-comes",
        "Begun on Sunday 2026-01-04 09:00 it is due on Sunday 2026-01-04 10:00; "
        "the warning would be due on Sunday 2026-01-04 07:00, before it began",
        "提醒应在2026-01-04 07:00（周日）发出，那时义务尚未开始",
    ),
    "a limit of thirty thousand working days": (
        [("do: tell, within: 1 workday", "do: tell, within: 30000 workdays")],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "a limit of a thousand years": (
        [("do: tell, within: 1 workday", "do: tell, within: 1000 years")],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "a rung forty thousand working days after due": (
        [
            (
                "do: tell, within: 1 workday, breach: [",
                "do: tell, within: 1 workday, breach: [{at: 40000 workdays, tell: head}, ",
            )
        ],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "a time to react that no calendar holds": (
        [("do: register, within: 1 workday,", "do: register, within: 1 workday, react: 400 years,")],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "a decision that may be entered forty thousand working days late": (
        [("acts:\n", 'late_entries: {report: 24 h, decide: 40000 workdays, cite: "1"}\nacts:\n')],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "an extension of forty thousand working days": (
        [
            (
                "acts:\n",
                "acts:\n  more: {title: {zh: 延期, en: Extend}, by: head, from: open, needs: [reason, until_day], "
                'affects: {extend: propose, to: until_day, at_most: 40000 workdays}, cite: "7"}\n',
            ),
            (
                "data:\n",
                'data:\n  reason: {type: text, cite: "7"}\n  until_day: {type: date, cite: "7"}\n',
            ),
        ],
        "limit-beyond-calendar",
        "For example begun on Thursday 2026-01-01 00:00",
        "例如自2026-01-01 00:00（周四）起算",
    ),
    "a day that ends at 23:59": (
        [('week: {mon-fri: ["09:00-18:00"]}', 'week: {mon-fri: ["09:00-18:00"], sat: "10:00-23:59"}')],
        "calendar",
        "For example, 23:59 to 24:00 on 2026-01-10 does not count",
        "例如2026-01-10的23:59至24:00不算",
    ),
    "a zone that is eight hours from UTC and no place": (
        [("tz: Asia/Shanghai", "tz: Etc/GMT-8")],
        "calendar",
        "UTC+08:00 all year",
        "协调世界时+08:00",
    ),
    "a limit that ends at midnight tells people then": (
        [ALWAYS, NATURAL],
        "told-at-night",
        # The 1st is a day off, but the calendar knows none: three days from the 1st are over at 24:00 of the 4th.
        "Begun on Thursday 2026-01-01 09:00, Head is told on Monday 2026-01-05 00:00",
        "若自2026-01-01 09:00（周四）起算，2026-01-05 00:00（周一）通知主管",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_policy_with_one_hole_gets_one_finding_with_its_dates(name: str) -> None:
    edits, code, english, chinese = BROKEN[name]
    [found] = found_in(*edits)
    assert (found.code, found.witness["en"].partition(";")[0]) == (code, english.partition(";")[0])
    assert english in found.witness["en"]
    assert chinese in found.witness["zh"]


AGAIN_TOLD = f'again: {{{AGAIN}, bearer: desk, after: propose, do: tell, within: 3 workdays, {BOSS}, cite: "7"'

CORRECT: dict[str, list[Edit]] = {
    "as it stands": [],
    "two limits for amounts that exclude each other": [
        ("do: tell, within: 1 workday,", 'do: tell, within: 1 workday, where: "loss > 5000",'),
        duty(AGAIN_TOLD + ', where: "loss <= 5000"}'),
    ],
    "so much working on it, so much in all": [
        duty(
            f"gross: {{{AGAIN}, bearer: head, after: receive, do: carry, within: 40 workdays, "
            'breach: [{at: 0, tell: desk}], cite: "7"}'
        )
    ],
    "the same limit in two clauses": [duty(AGAIN_TOLD.replace("3 workdays", "1 workday") + "}")],
    "the second limit is counted from another event": [
        duty(AGAIN_TOLD.replace("after: propose", "after: register").replace("3 workdays", "4 workdays") + "}")
    ],
    "the earlier of two limits, in one clause": [
        duty(AGAIN_TOLD.replace("3 workdays", "48 h").replace('cite: "7"', 'cite: "4"') + "}")
    ],
    "a time that nobody owes is over before the one that somebody owes": [
        duty(
            f"calm: {{{AGAIN}, bearer: nobody, after: tell, do: answer, within: 5 natural days, until: [deem, insist], "
            'breach: [{at: 0, act: insist}], cite: "7"}'
        ),
        (
            "acts:\n",
            "acts:\n  insist: {title: {zh: 催促, en: Insist}, by: clock, from: answering, contacts: complainant, "
            'cite: "7"}\n',
        ),
    ],
    "a time that somebody outside has is longer than ours for the same act": [
        (
            "  tell: {title: {zh: 告知, en: Tell}, by: desk,",
            '  lapse: {title: {zh: 届满, en: Lapse}, by: clock, from: telling, cite: "7"}\n'
            "  tell: {title: {zh: 告知, en: Tell}, by: [desk, complainant],",
        ),
        duty(
            f"window: {{{AGAIN}, bearer: complainant, after: propose, do: tell, within: 3 workdays, until: lapse, "
            'breach: [{at: 0, act: lapse}], cite: "7"}'
        ),
    ],
    "a first word, which may come at any time, answers for the telling": [
        ("acts:\n", 'acts:\n  reply: {title: {zh: 回复, en: Reply}, by: desk, contacts: complainant, cite: "7"}\n'),
        duty(f'word: {{{AGAIN}, bearer: desk, after: receive, do: [reply, tell], within: 24 h, {BOSS}, cite: "7"}}'),
    ],
    "the longer limit has more ways to be met": [
        ("do: propose, within: 3 workdays", "do: [propose, tell], within: 3 workdays"),
    ],
    "a total that is exactly its stages": [(TOTAL, "do: carry, within: 10 workdays, pause: answering")],
    "a total that runs on and leaves time for the answer": [(TOTAL, "do: carry, within: 30 workdays")],
    "a warning on the day before": [
        (
            "do: register, within: 1 workday, breach: [",
            "do: register, within: 1 workday, breach: [{at: -1 workday, tell: bearer}, ",
        )
    ],
    "a warning that only the longer of two limits sees": [
        (
            "do: tell, within: 1 workday, breach: [",
            "do: tell, within: {by: grave, true: 1 workday, else: 5 workdays}, "
            "breach: [{at: -3 workdays, tell: bearer}, ",
        ),
        (TOTAL, "do: carry, within: 30 workdays, pause: answering"),
    ],
    "eight hours, which end in the night now and then": [
        ("do: register, within: 1 workday", "do: register, within: 8 h")
    ],
    "a window until midnight": [
        ('week: {mon-fri: ["09:00-18:00"]}', 'week: {mon-fri: ["09:00-18:00"], sat: "10:00-24:00"}')
    ],
    "midnight, where somebody is there": [
        ALWAYS,
        NATURAL,
        ("title: {zh: 主管, en: Head}", "quiet: never, title: {zh: 主管, en: Head}"),
    ],
    "midnight, where quiet time lets them wait": [
        ALWAYS,
        NATURAL,
        ("title: {zh: 主管, en: Head}", 'quiet: "22:00-07:00", title: {zh: 主管, en: Head}'),
    ],
}


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_policy_that_looks_alike_gets_none(name: str) -> None:
    assert [each.message["en"] for each in found_in(*CORRECT[name])] == []


def test_the_engine_counts_the_stages_and_the_pause_as_the_witness_says() -> None:
    """Each stage used to the full: the total is over before the last stage, however long the answer takes."""
    text = LIMITS.replace(TOTAL, "do: carry, within: 9 workdays, pause: answering")
    pack = load_sources({"pack.yaml": text})
    told = [
        ("2026-01-01T00:00", "receive"),
        ("2026-01-04T18:00", "register"),
        ("2026-01-07T18:00", "propose"),
        ("2026-01-08T18:00", "tell"),
    ]
    facts = {"receive": {"channel": "phone", "grave": False, "loss": {"amount": "1.00", "currency": "CNY"}}}
    for answered, carry, total in (
        ("2026-01-08T18:00", "2026-01-15T18:00", "2026-01-14T18:00"),
        ("2026-01-12T10:00", "2026-01-19T18:00", "2026-01-16T18:00"),
    ):
        steps = [{"at": f"{at}+08:00", "act": act, "by": "desk", "data": facts.get(act, {})} for at, act in told]
        steps.append({"at": f"{answered}+08:00", "act": "answer", "by": "desk", "data": {"reply": "accepted"}})
        expect = {
            "carry": {"status": "open", "due_at": f"{carry}+08:00"},
            "total": {"status": "open", "due_at": f"{total}+08:00"},
        }
        assert check_story(pack, {"log": steps, "expect": {"duties": expect}}) == []


def test_a_limit_that_nobody_can_count_hides_no_other_mistake_and_ends_in_no_traceback() -> None:
    scenario = (
        "\nscenarios:\n  - {name: told, log: [{at: '2026-03-03T09:00+08:00', act: receive, by: desk, "
        "data: {channel: phone, grave: no, loss: 1 CNY}}], expect: {phase: received}}\n"
    )
    text = LIMITS.replace("do: register, within: 1 workday", "do: register, within: 30000 workdays") + scenario
    assert [each.code for each in check(load_sources({"pack.yaml": text})).findings] == ["limit-beyond-calendar"]


def test_a_story_at_a_time_that_no_calendar_knows_is_a_difference() -> None:
    scenario = (
        "\nscenarios:\n  - {name: told late, log: [{at: '2099-12-31T09:00+08:00', act: receive, by: desk, "
        "data: {channel: phone, grave: no, loss: 1 CNY}}], expect: {phase: received}}\n"
    )
    [found] = check(load_sources({"pack.yaml": LIMITS + scenario})).findings
    assert found.code == "scenario"
    assert "beyond the horizon" in found.message["en"]


@pytest.mark.parametrize("year", ["1900", "1970", "2098", "2099", "9999"])
def test_a_policy_in_force_in_a_year_that_is_not_known_is_checked_all_the_same(year: str) -> None:
    text = LIMITS.replace("effective: 2026-01-01", f"effective: {year}-12-31")
    assert {each.code for each in check(load_sources({"pack.yaml": text})).findings} <= {"calendar"}


# The earlier and the later of several limits


def total(limit: str) -> Edit:
    return TOTAL, TOTAL.replace("20 workdays", limit)


def codes(*edits: Edit) -> set[str]:
    return {found.code for found in found_in(*edits)} & {"deadline-conflict", "no-slack", "limit-beyond-calendar"}


def test_the_earlier_of_two_totals_is_overrun_where_one_of_them_is() -> None:
    assert codes(total("2 workdays")) == codes(total("{earliest: [20 workdays, 2 workdays]}")) == {"deadline-conflict"}


def test_the_later_of_two_totals_is_overrun_only_where_both_are() -> None:
    assert codes(total("20 workdays")) == codes(total("{latest: [20 workdays, 2 workdays]}")) == set()
    assert codes(total("{latest: [1 workday, 2 workdays]}")) == {"deadline-conflict"}


def test_the_later_of_two_is_beyond_the_calendar_where_one_is_and_the_earlier_where_both_are() -> None:
    assert codes(total("{latest: [20 workdays, 90 natural years]}")) == {"limit-beyond-calendar"}
