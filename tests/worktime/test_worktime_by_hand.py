"""Due times worked out by hand on a printed calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ombud.worktime import CLOSE, CalendarSpec, Cutoff, Mode, Season, SpecError, Taken, Unit
from worktime.calendars import (
    ALWAYS,
    BERLIN,
    DAILY,
    NEW_YORK,
    NINE_TO_SIX,
    OFFICE,
    RIYADH,
    SPLIT,
    WEEKDAYS,
    at,
    baked,
    shown,
)

CLOCK, BUSINESS, NEXT_DAY_CLOSE = Mode.CLOCK, Mode.BUSINESS, Mode.NEXT_DAY_CLOSE
OPEN_DAYS, NATURAL, CALENDAR = Mode.OPEN_DAYS, Mode.NATURAL, Mode.CALENDAR


@pytest.mark.parametrize(
    ("start", "workdays", "due"),
    [
        # An ordinary week: the day of the event is not counted.
        ("2025-03-06 16:30", 3, "Tue 2025-03-11 18:00"),
        ("2025-03-06 00:00", 1, "Fri 2025-03-07 18:00"),
        ("2025-03-08 11:00", 1, "Mon 2025-03-10 18:00"),
        # National Day 2025: 1 to 8 October off, Saturday 11 October worked.
        ("2025-09-30 10:00", 3, "Sat 2025-10-11 18:00"),
        ("2025-09-28 10:00", 1, "Mon 2025-09-29 18:00"),
        ("2025-09-27 10:00", 1, "Sun 2025-09-28 18:00"),
        # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 February worked.
        ("2026-02-13 15:00", 1, "Sat 2026-02-14 18:00"),
        ("2026-02-13 15:00", 3, "Wed 2026-02-25 18:00"),
        ("2026-02-27 09:00", 1, "Sat 2026-02-28 18:00"),
        # National Day 2026: 1 to 7 October off; Sunday 20 September and Saturday 10 October worked.
        ("2026-09-30 10:00", 3, "Sat 2026-10-10 18:00"),
        ("2026-09-18 10:00", 1, "Sun 2026-09-20 18:00"),
        # New Year 2012 and 2019 reached into the December before.
        ("2011-12-30 10:00", 1, "Sat 2011-12-31 18:00"),
        ("2018-12-28 10:00", 2, "Wed 2019-01-02 18:00"),
    ],
)
def test_working_days_end_at_the_close_of_the_last_one(start: str, workdays: int, due: str) -> None:
    got = baked(OFFICE).deadline(at(start), workdays, Unit.WORKDAY, NEXT_DAY_CLOSE)
    assert shown(got.at) == due
    assert not got.provisional


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-20 17:45", 30, "Mon 2026-11-23 09:15"),  # the private message on a Friday at 17:45
        ("2026-11-20 17:30", 30, "Fri 2026-11-20 18:00"),  # ends at closing, not at the next opening
        ("2026-11-20 18:00", 30, "Mon 2026-11-23 09:30"),
        ("2026-11-21 12:00", 1, "Mon 2026-11-23 09:01"),
        ("2026-02-14 17:45", 30, "Tue 2026-02-24 09:15"),  # make-up Saturday, then the Spring Festival
    ],
)
def test_open_minutes_run_over_closed_time(start: str, minutes: int, due: str) -> None:
    assert shown(baked(OFFICE).deadline(at(start), minutes, Unit.MINUTE, BUSINESS).at) == due


def test_a_lunch_break_is_no_working_time() -> None:
    calendar = baked(SPLIT)
    assert shown(calendar.deadline(at("2026-11-20 11:30"), 1, Unit.HOUR, BUSINESS).at) == "Fri 2026-11-20 13:30"
    assert calendar.open_seconds(at("2026-11-20 00:00"), at("2026-11-21 00:00")) == 8 * 3600
    assert calendar.is_open(at("2026-11-20 11:59"))
    assert not calendar.is_open(at("2026-11-20 12:00"))


def test_standard_days_of_work_are_open_hours_of_so_many_days() -> None:
    # Thursday 14:00: 4 h today; 8 h on Friday; 4 h on Monday.
    due = baked(SPLIT).deadline(at("2026-11-19 14:00"), 2, Unit.WORKDAY, OPEN_DAYS)
    assert shown(due.at) == "Mon 2026-11-23 14:00"


def test_elapsed_time_takes_no_notice_of_hours() -> None:
    due = baked(OFFICE).deadline(at("2026-12-31 23:30"), 24, Unit.HOUR, CLOCK)
    assert shown(due.at) == "Fri 2027-01-01 23:30"
    assert not due.provisional


@pytest.mark.parametrize(
    ("start", "days", "roll", "due"),
    [
        ("2026-03-02 10:00", 15, True, "Tue 2026-03-17 18:00"),
        ("2026-09-17 10:00", 15, True, "Thu 2026-10-08 18:00"),  # 2 October is off until the 7th
        ("2026-09-17 10:00", 15, False, "Sat 2026-10-03 00:00"),  # 24:00 of 2 October, a day without windows
        ("2026-01-30 10:00", 15, True, "Sat 2026-02-14 18:00"),  # ends on a make-up Saturday
    ],
)
def test_natural_days_end_at_the_last_close_and_roll_over_days_of_rest(
    start: str, days: int, roll: bool, due: str
) -> None:
    assert shown(baked(OFFICE).deadline(at(start), days, Unit.DAY, NATURAL, roll).at) == due


def test_natural_days_around_the_clock_end_at_midnight() -> None:
    due = baked(ALWAYS).deadline(at("2026-03-01 10:00"), 15, Unit.DAY, NATURAL).at
    assert shown(due) == "Tue 2026-03-17 00:00"  # 24:00 of the 16th
    assert baked(ALWAYS).elapsed(at("2026-03-01 10:00"), due, NATURAL, Unit.DAY) == 15


@pytest.mark.parametrize(
    ("start", "length", "unit", "due"),
    [
        ("2026-01-31 10:20", 1, Unit.MONTH, "Sat 2026-02-28 10:20"),
        ("2024-01-31 10:20", 1, Unit.MONTH, "Thu 2024-02-29 10:20"),
        ("2024-02-29 10:20", 1, Unit.YEAR, "Fri 2025-02-28 10:20"),
        ("2026-11-20 17:45", 8, Unit.WEEK, "Fri 2027-01-15 17:45"),
        ("2026-09-30 10:00", 1, Unit.DAY, "Thu 2026-10-01 10:00"),
    ],
)
def test_calendar_limits_keep_the_time_of_day(start: str, length: int, unit: Unit, due: str) -> None:
    got = baked(OFFICE).deadline(at(start), length, unit, CALENDAR)
    assert shown(got.at) == due
    assert not got.provisional


def test_an_hour_is_an_hour_when_the_clocks_change_but_a_day_keeps_its_time() -> None:
    berlin = baked(BERLIN)
    saturday = at("2026-03-28 12:00", "Europe/Berlin")
    assert shown(berlin.deadline(saturday, 24, Unit.HOUR, CLOCK).at, "Europe/Berlin") == "Sun 2026-03-29 13:00"
    assert shown(berlin.deadline(saturday, 1, Unit.DAY, CALENDAR).at, "Europe/Berlin") == "Sun 2026-03-29 12:00"
    new_york = baked(NEW_YORK)
    saturday = at("2026-10-31 12:00", "America/New_York")
    assert shown(new_york.deadline(saturday, 24, Unit.HOUR, CLOCK).at, "America/New_York") == "Sun 2026-11-01 11:00"
    assert shown(new_york.deadline(saturday, 1, Unit.DAY, CALENDAR).at, "America/New_York") == "Sun 2026-11-01 12:00"


def test_a_night_window_is_shorter_or_longer_on_the_day_of_the_change() -> None:
    night = CalendarSpec(tz="Europe/Berlin", week=(((0, 360),),) * 7)
    got = baked(night).deadline(at("2026-03-28 22:00", "Europe/Berlin"), 5, Unit.HOUR, BUSINESS).at
    assert shown(got, "Europe/Berlin") == "Sun 2026-03-29 06:00"  # 00:00 to 06:00 has only five hours
    assert baked(night).close_of(date(2026, 3, 29)) == got
    night = CalendarSpec(tz="America/New_York", week=(((0, 360),),) * 7)
    got = baked(night).deadline(at("2026-10-31 22:00", "America/New_York"), 6, Unit.HOUR, BUSINESS).at
    assert shown(got, "America/New_York") == "Sun 2026-11-01 05:00"  # and here seven


def test_a_time_of_day_that_the_clock_jumps_over_is_the_instant_of_the_jump() -> None:
    due = baked(BERLIN).deadline(at("2026-03-28 02:30", "Europe/Berlin"), 1, Unit.DAY, CALENDAR).at
    assert shown(due, "Europe/Berlin") == "Sun 2026-03-29 03:00"


def test_a_time_of_day_that_comes_twice_is_the_first_of_the_two() -> None:
    due = baked(BERLIN).deadline(at("2026-10-24 02:30", "Europe/Berlin"), 1, Unit.DAY, CALENDAR).at
    assert due == at("2026-10-25 02:30", "Europe/Berlin")  # fold 0, still summer time
    assert due + 3600 == at("2026-10-25 01:30", "UTC")


def test_a_day_that_never_was_in_samoa_is_no_day() -> None:
    spec = CalendarSpec(tz="Pacific/Apia", week=(((540, 1080),),) * 7)
    start = at("2011-12-29 10:00", "Pacific/Apia")  # 30 December 2011 was skipped
    due = baked(spec).deadline(start, 1, Unit.WORKDAY, NEXT_DAY_CLOSE).at
    assert shown(due, "Pacific/Apia") == "Sat 2011-12-31 18:00"


@pytest.mark.parametrize(
    ("spec", "start", "workdays", "due"),
    [
        (BERLIN, "2026-04-02 16:00", 2, "Wed 2026-04-08 18:00"),  # Good Friday, Easter Monday
        (NEW_YORK, "2026-11-25 10:00", 1, "Fri 2026-11-27 18:00"),  # Thanksgiving
        (RIYADH, "2026-11-05 17:30", 1, "Sun 2026-11-08 18:00"),  # Friday and Saturday are the weekend
        (RIYADH, "2026-09-22 10:00", 1, "Thu 2026-09-24 18:00"),  # Saudi National Day
    ],
)
def test_other_countries_rest_on_their_own_days(spec: CalendarSpec, start: str, workdays: int, due: str) -> None:
    got = baked(spec).deadline(at(start, spec.tz), workdays, Unit.WORKDAY, NEXT_DAY_CLOSE)
    assert shown(got.at, spec.tz) == due


def test_working_hours_in_riyadh_go_on_on_sunday() -> None:
    due = baked(RIYADH).deadline(at("2026-11-05 17:30", "Asia/Riyadh"), 1, Unit.HOUR, BUSINESS)
    assert shown(due.at, "Asia/Riyadh") == "Sun 2026-11-08 09:30"


def test_subdivisions_have_days_of_their_own() -> None:
    bavaria = CalendarSpec(tz="Europe/Berlin", week=WEEKDAYS, days="DE-BY")
    scotland = CalendarSpec(tz="Europe/London", week=WEEKDAYS, days="GB-SCT")
    england = CalendarSpec(tz="Europe/London", week=WEEKDAYS, days="GB-ENG")
    assert baked(BERLIN).is_workday(date(2026, 1, 6))
    assert not baked(bavaria).is_workday(date(2026, 1, 6))
    assert not baked(scotland).is_workday(date(2026, 1, 2))
    assert baked(england).is_workday(date(2026, 1, 2))


def test_an_exception_stands_above_holidays_and_make_up_days() -> None:
    spec = CalendarSpec(
        tz="Asia/Shanghai",
        week=WEEKDAYS,
        days="CN",
        exceptions=((date(2026, 10, 2), ((600, 720),)), (date(2026, 10, 10), ()), (date(2026, 11, 23), ())),
    )
    calendar = baked(spec)
    assert shown(calendar.deadline(at("2026-10-01 08:00"), 1, Unit.HOUR, BUSINESS).at) == "Fri 2026-10-02 11:00"
    assert shown(calendar.close_of(date(2026, 10, 2))) == "Fri 2026-10-02 12:00"
    assert not calendar.is_workday(date(2026, 10, 10))
    assert shown(calendar.deadline(at("2026-11-20 17:45"), 30, Unit.MINUTE, BUSINESS).at) == "Tue 2026-11-24 09:15"


def test_intervals_taken_out_are_no_working_time() -> None:
    spec = CalendarSpec(
        tz="Asia/Riyadh",
        week=RIYADH.week,
        less=(Taken(12 * 60, 12 * 60 + 30), Taken(17 * 60 + 45, 18 * 60, date(2026, 11, 8))),
    )
    calendar = baked(spec)
    start = at("2026-11-08 11:45", "Asia/Riyadh")
    assert shown(calendar.deadline(start, 30, Unit.MINUTE, BUSINESS).at, "Asia/Riyadh") == "Sun 2026-11-08 12:45"
    assert shown(calendar.close_of(date(2026, 11, 8)), "Asia/Riyadh") == "Sun 2026-11-08 17:45"
    assert shown(calendar.close_of(date(2026, 11, 9)), "Asia/Riyadh") == "Mon 2026-11-09 18:00"


def test_a_date_as_a_limit_ends_at_its_last_close_or_at_midnight() -> None:
    calendar = baked(OFFICE)
    assert shown(calendar.close_of(date(2026, 11, 20))) == "Fri 2026-11-20 18:00"
    assert shown(calendar.close_of(date(2026, 11, 21))) == "Sun 2026-11-22 00:00"
    assert calendar.due_on(date(2026, 11, 20)) == (at("2026-11-20 18:00"), False)
    assert calendar.due_on(date(2027, 11, 20)) == (at("2027-11-21 00:00"), True)


def test_a_date_as_an_anchor_is_the_day_that_is_not_counted() -> None:
    calendar = baked(OFFICE)
    anchor = calendar.anchor_of(date(2026, 11, 19), NEXT_DAY_CLOSE)
    assert shown(calendar.deadline(anchor, 1, Unit.WORKDAY, NEXT_DAY_CLOSE).at) == "Fri 2026-11-20 18:00"
    anchor = calendar.anchor_of(date(2026, 11, 20), CLOCK)
    assert shown(calendar.deadline(anchor, 2, Unit.HOUR, CLOCK).at) == "Sat 2026-11-21 02:00"


@pytest.mark.parametrize(
    ("due", "workdays", "warning"),
    [
        ("2025-10-11 18:00", 1, "Fri 2025-10-10 18:00"),
        ("2025-10-11 18:00", 3, "Tue 2025-09-30 18:00"),
        ("2025-10-04 12:00", 1, "Tue 2025-09-30 18:00"),  # due on a day of rest
        ("2025-03-12 00:00", 1, "Mon 2025-03-10 18:00"),  # 24:00 of Tuesday: the due day is Tuesday
    ],
)
def test_a_warning_some_working_days_before_comes_at_a_close(due: str, workdays: int, warning: str) -> None:
    assert shown(baked(OFFICE).workdays_before(at(due), workdays)) == warning
    assert shown(baked(OFFICE).before(at(due), workdays, Unit.WORKDAY, NEXT_DAY_CLOSE)) == warning


def test_warnings_in_minutes_and_hours_before_due() -> None:
    calendar = baked(OFFICE)
    monday = at("2026-11-23 09:15")
    assert shown(calendar.before(monday, 30, Unit.MINUTE, CLOCK)) == "Mon 2026-11-23 08:45"
    assert shown(calendar.before(monday, 30, Unit.MINUTE, BUSINESS)) == "Fri 2026-11-20 17:45"
    assert shown(calendar.before(monday, 15, Unit.MINUTE, BUSINESS)) == "Mon 2026-11-23 09:00"
    assert shown(calendar.before(at("2026-03-31 09:15"), 1, Unit.MONTH, CALENDAR)) == "Sat 2026-02-28 09:15"
    assert shown(calendar.before(at("2026-03-31 18:00"), 10, Unit.DAY, NATURAL)) == "Sun 2026-03-22 00:00"


def test_a_rung_after_due_counts_from_the_due_day_even_if_that_ended_at_midnight() -> None:
    calendar = baked(DAILY)
    assert shown(calendar.after(at("2026-11-24 21:00"), 1, Unit.WORKDAY, NEXT_DAY_CLOSE)) == "Wed 2026-11-25 21:00"
    always = baked(ALWAYS)
    tuesday_24 = at("2026-11-25 00:00")
    assert shown(always.after(tuesday_24, 1, Unit.WORKDAY, NEXT_DAY_CLOSE)) == "Thu 2026-11-26 00:00"
    assert shown(always.after(tuesday_24, 2, Unit.HOUR, CLOCK)) == "Wed 2026-11-25 02:00"


def test_elapsed_time_backward_in_every_mode() -> None:
    calendar = baked(OFFICE)
    a, b = at("2025-09-30 10:00"), at("2025-10-11 18:00")
    assert calendar.elapsed(a, b, NEXT_DAY_CLOSE, Unit.WORKDAY) == 3
    assert calendar.elapsed(a, b, BUSINESS, Unit.HOUR) == 8 + 27
    assert calendar.elapsed(a, b, OPEN_DAYS, Unit.WORKDAY) == 4
    assert calendar.elapsed(a, b, NATURAL, Unit.DAY) == 11
    assert calendar.elapsed(a, b, CLOCK, Unit.HOUR) == 11 * 24 + 8
    assert calendar.elapsed(a, b, CALENDAR, Unit.WEEK) == 1
    assert calendar.elapsed(at("2026-01-31 10:00"), at("2026-02-28 09:59"), CALENDAR, Unit.MONTH) == 0
    assert calendar.elapsed(at("2026-01-31 10:00"), at("2026-02-28 10:00"), CALENDAR, Unit.MONTH) == 1
    assert calendar.elapsed(at("2026-01-31 10:00"), at("2026-03-30 10:00"), NATURAL, Unit.MONTH) == 1
    assert calendar.elapsed(at("2026-01-31 10:00"), at("2026-03-31 09:00"), NATURAL, Unit.MONTH) == 2
    assert calendar.elapsed(b, a, NEXT_DAY_CLOSE, Unit.WORKDAY) == -3


@pytest.mark.parametrize(
    ("event", "cutoff", "counted"),
    [
        ("2026-11-18 16:59", 17 * 60, "Wed 2026-11-18 16:59"),
        ("2026-11-18 17:00", 17 * 60, "Wed 2026-11-18 17:00"),  # the very minute is in time
        ("2026-11-18 17:01", 17 * 60, "Thu 2026-11-19 09:00"),
        ("2026-11-18 03:00", 17 * 60, "Wed 2026-11-18 09:00"),  # never before what came the evening before
        ("2026-11-18 07:30", 7 * 60, "Thu 2026-11-19 09:00"),  # a cut-off before work opens
        ("2026-11-20 17:30", 17 * 60, "Mon 2026-11-23 09:00"),
        ("2026-11-21 10:00", 17 * 60, "Mon 2026-11-23 09:00"),  # a day of rest
        ("2026-11-18 17:30", CLOSE, "Wed 2026-11-18 17:30"),
        ("2026-11-18 18:01", CLOSE, "Thu 2026-11-19 09:00"),
        ("2026-11-18 23:00", 24 * 60, "Wed 2026-11-18 23:00"),  # only days of rest go over
        ("2026-11-21 23:00", 24 * 60, "Mon 2026-11-23 09:00"),
        ("2026-09-19 10:00", 17 * 60, "Sun 2026-09-20 09:00"),  # a make-up working day
        ("2026-09-30 17:30", 17 * 60, "Thu 2026-10-08 09:00"),  # before the National Day
    ],
)
def test_what_comes_after_the_cut_off_counts_as_the_next_working_day(event: str, cutoff: Cutoff, counted: str) -> None:
    assert shown(baked(OFFICE).counted_from(at(event), cutoff).at) == counted


def test_a_cut_off_before_a_year_that_is_not_announced_is_provisional() -> None:
    assert not baked(OFFICE).counted_from(at("2026-11-18 17:30"), 1020).provisional
    assert baked(OFFICE).counted_from(at("2026-12-31 17:30"), 1020).provisional


# Seasons and closed stretches

EIGHT_TO_TWO = ((8 * 60, 14 * 60),)
SUMMER = Season((6, 15), (9, 15), (EIGHT_TO_TWO,) * 5 + ((), ()))
WINTER = Season((12, 20), (1, 10), (NINE_TO_SIX,) * 4 + ((), (), ()))  # no work on Fridays
RAMADAN = Season((2026, 2, 18), (2026, 3, 19), (((600, 900),),) * 7)


@pytest.mark.parametrize(
    ("start", "workdays", "due"),
    [
        ("2026-06-11 10:00", 1, "Fri 2026-06-12 18:00"),
        ("2026-06-12 10:00", 1, "Mon 2026-06-15 14:00"),  # the first day of the season
        ("2026-09-14 10:00", 1, "Tue 2026-09-15 14:00"),  # its last one
        ("2026-09-15 10:00", 1, "Wed 2026-09-16 18:00"),
        ("2026-09-11 10:00", 5, "Fri 2026-09-18 18:00"),
        ("2025-12-31 10:00", 2, "Mon 2026-01-05 18:00"),  # over New Year: 1 to 3 January off, Sunday 4 a make-up day
        ("2026-01-08 10:00", 1, "Mon 2026-01-12 18:00"),  # Friday the 9th is none in winter
        ("2026-12-24 10:00", 1, "Mon 2026-12-28 18:00"),
        ("2026-02-27 10:00", 1, "Sat 2026-02-28 15:00"),  # the season of this year alone
    ],
)
def test_hours_of_a_season_are_those_of_every_day_in_it(start: str, workdays: int, due: str) -> None:
    calendar = baked(replace(OFFICE, seasons=(SUMMER, WINTER, RAMADAN)))
    assert shown(calendar.deadline(at(start), workdays, Unit.WORKDAY, NEXT_DAY_CLOSE).at) == due


def test_open_time_is_that_of_the_season() -> None:
    calendar = baked(replace(OFFICE, seasons=(SUMMER,)))
    # Friday 12 June 17:00: one hour; Monday from 08:00 on the rest.
    assert shown(calendar.deadline(at("2026-06-12 17:00"), 3, Unit.HOUR, BUSINESS).at) == "Mon 2026-06-15 10:00"


def test_a_make_up_working_day_has_the_hours_of_its_season() -> None:
    calendar = baked(replace(OFFICE, seasons=(Season((9, 1), (9, 30), (EIGHT_TO_TWO,) * 5 + ((), ())),)))
    assert shown(calendar.close_of(date(2026, 9, 20))) == "Sun 2026-09-20 14:00"
    assert shown(baked(replace(calendar.spec, make_up=NINE_TO_SIX)).close_of(date(2026, 9, 20))).endswith("18:00")


def test_closed_stretches_hold_no_working_day_but_single_dates_in_them_may() -> None:
    closed = ((date(2026, 12, 24), date(2027, 1, 2)),)
    calendar = baked(replace(OFFICE, closed=closed))
    start = at("2026-12-23 10:00")
    assert shown(calendar.deadline(start, 1, Unit.WORKDAY, NEXT_DAY_CLOSE).at) == "Mon 2027-01-04 18:00"
    open_day = ((date(2026, 12, 28), NINE_TO_SIX),)
    calendar = baked(replace(OFFICE, closed=closed, exceptions=open_day))
    assert shown(calendar.deadline(start, 1, Unit.WORKDAY, NEXT_DAY_CLOSE).at) == "Mon 2026-12-28 18:00"


@pytest.mark.parametrize(
    "season", [((6, 1), (2026, 7, 1), SUMMER.week), ((2026, 7, 1), (2026, 6, 1), SUMMER.week), ((6, 1), (7, 1), ())]
)
def test_a_season_that_is_none_is_refused(season: tuple[Any, ...]) -> None:
    with pytest.raises(SpecError):
        Season(*season)
