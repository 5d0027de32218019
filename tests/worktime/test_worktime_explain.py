"""Every due time can be explained: which days counted, which did not, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from ombud.worktime import CLOSE, CalendarSpec, Line, Mode, Season, Taken, Unit, bake, explain
from worktime.calendars import ALWAYS, BERLIN, DAILY, EDITION, OFFICE, RIYADH, SPLIT, WEEKDAYS, at, baked

WORKDAY = (Unit.WORKDAY, Mode.NEXT_DAY_CLOSE)


def english(lines: list[Line]) -> list[str]:
    return [f"{line.kind}: {line.why['en']}" for line in lines]


def test_working_days_over_the_national_day() -> None:
    assert english(explain(baked(OFFICE), at("2025-09-30 10:00"), 3, *WORKDAY)) == [
        "mode: 3 working days; the day of the event is not counted, the limit ends at the close of working day 3",
        "start: Counted from Tuesday 30 September 2025 10:00 (Asia/Shanghai)",
        "skipped: Wednesday 1 October 2025 to Sunday 5 October 2025: National Day, not counted",
        "skipped: Monday 6 October 2025: Mid-Autumn Festival, not counted",
        "skipped: Tuesday 7 October 2025 to Wednesday 8 October 2025: National Day, not counted",
        "counted: Thursday 9 October 2025: working day 1",
        "counted: Friday 10 October 2025: working day 2",
        "counted: Saturday 11 October 2025: working day 3 (make-up working day, 国办发明电〔2024〕12号)",  # noqa: RUF001
        "due: Due Saturday 11 October 2025 18:00 (Asia/Shanghai)",
    ]


def test_the_same_in_chinese() -> None:
    lines = explain(baked(OFFICE), at("2025-03-06 16:30"), 3, *WORKDAY)
    assert [line.why["zh"] for line in lines] == [
        "3个工作日，当日不计，至第3个工作日下班时止",
        "自2025年3月6日（周四）16:30（Asia/Shanghai）起算",
        "2025年3月7日（周五）：第1个工作日",
        "2025年3月8日（周六）至2025年3月9日（周日）：休息日，不计",
        "2025年3月10日（周一）：第2个工作日",
        "2025年3月11日（周二）：第3个工作日",
        "截止时间：2025年3月11日（周二）18:00（Asia/Shanghai）",
    ]
    assert (lines[3].on, lines[3].until) == (date(2025, 3, 8), date(2025, 3, 9))
    assert lines[-1].at == at("2025-03-11 18:00")


def test_open_minutes_show_the_windows_that_were_used() -> None:
    assert english(explain(baked(OFFICE), at("2026-11-20 17:45"), 30, Unit.MINUTE, Mode.BUSINESS)) == [
        "mode: 30 min of working time; only open hours count",
        "start: Counted from Friday 20 November 2026 17:45 (Asia/Shanghai)",
        "counted: Friday 20 November 2026: 17:45-18:00 open, 15 min counted, 15 min so far",
        "skipped: Saturday 21 November 2026 to Sunday 22 November 2026: weekly day of rest, not counted",
        "counted: Monday 23 November 2026: 09:00-09:15 open, 15 min counted, 30 min so far",
        "due: Due Monday 23 November 2026 09:15 (Asia/Shanghai)",
    ]


def test_an_event_after_closing_and_a_lunch_break() -> None:
    lines = english(explain(baked(SPLIT), at("2026-11-19 19:00"), 1, Unit.WORKDAY, Mode.OPEN_DAYS))
    assert lines[0] == "mode: 1 standard day of work of 8 h; only open hours count"
    assert lines[2] == "skipped: Thursday 19 November 2026: outside working hours, not counted"
    assert lines[3] == "counted: Friday 20 November 2026: 09:00-12:00, 13:00-18:00 open, 8 h counted, 8 h so far"


def test_natural_days_that_roll() -> None:
    assert english(explain(baked(OFFICE), at("2026-09-17 10:00"), 15, Unit.DAY, Mode.NATURAL))[2:] == [
        "counted: Friday 2 October 2026: the last day",
        "skipped: Friday 2 October 2026 to Wednesday 7 October 2026: National Day, not counted",
        "moved: Thursday 8 October 2026: the last day is a day of rest; moved to this working day",
        "due: Due Thursday 8 October 2026 18:00 (Asia/Shanghai)",
    ]


def test_a_day_that_ends_at_midnight_is_shown_as_ending_then() -> None:
    lines = english(explain(baked(ALWAYS), at("2026-03-01 10:00"), 15, Unit.DAY, Mode.NATURAL))
    assert lines[-1] == "due: Due Monday 16 March 2026 24:00 (Asia/Shanghai)"


def test_a_month_without_the_day_and_a_time_that_the_clock_jumps_over() -> None:
    lines = english(explain(baked(OFFICE), at("2026-01-31 10:00"), 1, Unit.MONTH, Mode.CALENDAR))
    assert lines[0] == "mode: 1 month; it ends on the corresponding day at the same time of day"
    assert lines[2] == "counted: Saturday 28 February 2026: the month has no such day; its last day counts"
    start = at("2026-03-28 02:30", "Europe/Berlin")
    lines = english(explain(baked(BERLIN), start, 1, Unit.DAY, Mode.CALENDAR))
    assert lines[3].endswith("the clocks jump over that time of day; the instant of the jump counts")


def test_a_provisional_due_time_names_the_year_that_it_waits_for() -> None:
    lines = english(explain(baked(OFFICE), at("2026-12-30 10:00"), 3, *WORKDAY))
    assert lines[-1] == (
        "provisional: Provisional: the days off and make-up working days of 2027 are not announced; "
        "the statutory days are taken, and the announcement may move it"
    )
    far = explain(bake(OFFICE, edition=EDITION, beyond="statutory"), at("2029-06-01 10:00"), 3, *WORKDAY)
    assert "outside the years that this edition of the calendar covers (2010 to 2028)" in english(far)[-1]


def test_pauses_say_by_how_much_they_move_the_limit() -> None:
    pauses = [(at("2026-11-10 09:00"), at("2026-11-12 17:00"))]
    calendar, start = baked(OFFICE), at("2026-11-09 10:00")
    lines = explain(calendar, start, 3, *WORKDAY, pauses=pauses)
    assert english(lines)[-2:] == [
        "pause: Paused from Tuesday 10 November 2026 09:00 to Thursday 12 November 2026 17:00: "
        "the limit moves by 2 working days",
        "due: Due Monday 16 November 2026 18:00 (Asia/Shanghai)",
    ]
    lines = explain(calendar, start, 30, Unit.HOUR, Mode.BUSINESS, pauses=pauses)
    assert english(lines)[-2].endswith("the remaining 22 h run on from there")
    lines = explain(calendar, start, 5, Unit.DAY, Mode.NATURAL, pauses=pauses)
    assert english(lines)[-2].endswith("the limit moves by 2 calendar days")


def test_own_exceptions_and_foreign_holidays_have_reasons() -> None:
    spec = CalendarSpec(
        tz="Asia/Riyadh",
        week=RIYADH.week,
        days="SA",
        exceptions=((date(2026, 9, 24), ()), (date(2026, 9, 25), ((600, 720),))),
        less=(Taken(540, 1080, date(2026, 9, 27)),),
    )
    lines = english(explain(baked(spec), at("2026-09-22 10:00", "Asia/Riyadh"), 2, *WORKDAY))
    assert lines[2:-1] == [
        "skipped: Wednesday 23 September 2026: National Day Holiday, not counted",
        "skipped: Thursday 24 September 2026: closed by the calendar's own exception, not counted",
        "counted: Friday 25 September 2026: working day 1 (the calendar's own exception)",
        "skipped: Saturday 26 September 2026: weekly day of rest, not counted",
        "skipped: Sunday 27 September 2026: all its hours are taken out, not counted",
        "counted: Monday 28 September 2026: working day 2",
    ]


def test_a_long_run_of_working_days_is_one_line() -> None:
    lines = english(explain(baked(DAILY), at("2026-11-01 10:00"), 30, *WORKDAY))
    assert lines[2] == "counted: Monday 2 November 2026 to Tuesday 1 December 2026: working days 1 to 30"


@pytest.mark.parametrize("spec", [OFFICE, SPLIT, DAILY, ALWAYS, BERLIN, RIYADH])
@pytest.mark.parametrize(
    ("length", "unit", "mode"),
    [
        (7, *WORKDAY),
        (50, Unit.HOUR, Mode.BUSINESS),
        (6, Unit.WORKDAY, Mode.OPEN_DAYS),
        (15, Unit.DAY, Mode.NATURAL),
        (2, Unit.MONTH, Mode.CALENDAR),
        (30, Unit.HOUR, Mode.CLOCK),
    ],
)
def test_an_explanation_ends_at_the_due_time_and_leaves_no_day_out(
    spec: CalendarSpec, length: int, unit: Unit, mode: Mode
) -> None:
    calendar = baked(spec)
    for start in range(at("2025-09-20 10:00"), at("2025-10-12 10:00"), 100_000):
        lines = explain(calendar, start, length, unit, mode)
        due = calendar.deadline(start, length, unit, mode)
        assert [line.at for line in lines if line.kind == "due"] == [due.at]
        if mode not in (Mode.NEXT_DAY_CLOSE, Mode.BUSINESS, Mode.OPEN_DAYS):
            continue
        days = [line for line in lines if line.kind in ("counted", "skipped")]
        for before, after in pairwise(days):
            assert before.until is not None
            assert after.on is not None
            assert (after.on - before.until).days == 1
        assert days[-1].until == calendar.date_of(due.at - 1)


def test_every_sentence_is_there_in_both_languages() -> None:
    spec = CalendarSpec(tz="Asia/Shanghai", week=WEEKDAYS, days="CN")
    for line in explain(baked(spec), at("2026-09-28 10:00"), 30, *WORKDAY):
        assert set(line.why) == {"zh", "en"}
        assert all(line.why.values())


def test_a_cut_off_says_from_when_the_event_counts() -> None:
    calendar = baked(OFFICE)
    lines = explain(calendar, at("2026-11-18 17:30"), 1, *WORKDAY, cutoff=1020)
    assert english(lines)[1:] == [
        "moved: Wednesday 18 November 2026 17:30 is not between the opening of a working day and 17:00, so it counts "
        "as Thursday 19 November 2026 09:00, when work opens next",
        "start: Counted from Thursday 19 November 2026 09:00 (Asia/Shanghai)",
        "counted: Friday 20 November 2026: working day 1",
        "due: Due Friday 20 November 2026 18:00 (Asia/Shanghai)",
    ]
    closed = explain(calendar, at("2026-11-21 10:00"), 1, *WORKDAY, cutoff=CLOSE)[1]
    assert (
        closed.why["zh"] == "2026年11月21日（周六）10:00不在上班后至下班前，按下次上班时2026年11月23日（周一）09:00计"
    )
    in_time = explain(calendar, at("2026-11-18 17:00"), 1, *WORKDAY, cutoff=1020)
    assert [line.kind for line in in_time] == ["mode", "start", "counted", "due"]


def test_the_hours_of_a_season_are_told() -> None:
    summer = Season((6, 15), (9, 15), (((8 * 60, 14 * 60),),) * 4 + ((), (), ()))
    lines = explain(baked(replace(OFFICE, seasons=(summer,))), at("2026-06-11 10:00"), 6, *WORKDAY)
    assert english(lines)[2:] == [
        "counted: Friday 12 June 2026: working day 1",
        "skipped: Saturday 13 June 2026 to Sunday 14 June 2026: weekly day of rest, not counted",
        "counted: Monday 15 June 2026: working day 2 (seasonal hours)",
        "counted: Tuesday 16 June 2026: working day 3 (seasonal hours)",
        "counted: Wednesday 17 June 2026: working day 4 (seasonal hours)",
        "counted: Thursday 18 June 2026: working day 5 (seasonal hours)",
        "skipped: Friday 19 June 2026 to Sunday 21 June 2026: Dragon Boat Festival, not counted",
        "counted: Monday 22 June 2026: working day 6 (seasonal hours)",
        "due: Due Monday 22 June 2026 14:00 (Asia/Shanghai)",
    ]
    lines = explain(baked(replace(OFFICE, seasons=(summer,))), at("2026-06-22 10:00"), 20, *WORKDAY)
    assert "skipped: Friday 26 June 2026: closed by the hours of the season, not counted" in english(lines)
