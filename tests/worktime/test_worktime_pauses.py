"""How a pause moves a due time, mode by mode."""

from __future__ import annotations

import pytest

from ombud.worktime import Mode, Unit
from worktime.calendars import OFFICE, at, baked, shown

START = "2026-11-09 10:00"  # a Monday


@pytest.mark.parametrize(
    ("length", "unit", "mode", "pause", "due"),
    [
        # Paused Tuesday, resumed Thursday: Wednesday and Thursday are the working days that move the limit.
        (3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, ("2026-11-10 09:00", "2026-11-12 17:00"), "Mon 2026-11-16 18:00"),
        (3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, ("2026-11-10 09:00", "2026-11-10 17:00"), "Thu 2026-11-12 18:00"),
        (3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, ("2026-11-12 18:00", "2026-11-13 09:00"), "Fri 2026-11-13 18:00"),
        (5, Unit.DAY, Mode.NATURAL, ("2026-11-10 09:00", "2026-11-12 17:00"), "Mon 2026-11-16 18:00"),
        (5, Unit.DAY, Mode.NATURAL, ("2026-11-10 09:00", "2026-11-11 17:00"), "Mon 2026-11-16 18:00"),  # Sunday rolls
        (1, Unit.WEEK, Mode.CALENDAR, ("2026-11-10 09:00", "2026-11-12 17:00"), "Wed 2026-11-18 10:00"),
        (4, Unit.HOUR, Mode.CLOCK, ("2026-11-09 11:00", "2026-11-09 13:00"), "Mon 2026-11-09 16:00"),
        (4, Unit.HOUR, Mode.BUSINESS, ("2026-11-09 11:00", "2026-11-09 16:00"), "Tue 2026-11-10 10:00"),
        (4, Unit.HOUR, Mode.BUSINESS, ("2026-11-09 11:00", "2026-11-14 16:00"), "Mon 2026-11-16 12:00"),
        (2, Unit.WORKDAY, Mode.OPEN_DAYS, ("2026-11-09 17:00", "2026-11-11 09:00"), "Wed 2026-11-11 18:00"),
    ],
)
def test_a_pause_moves_the_limit(length: int, unit: Unit, mode: Mode, pause: tuple[str, str], due: str) -> None:
    got = baked(OFFICE).due_after_pauses(at(START), length, unit, mode, pauses=[(at(pause[0]), at(pause[1]))])
    assert shown(got.at) == due


def test_a_pause_begun_after_due_changes_nothing() -> None:
    pauses = [(at("2026-11-12 18:01"), at("2026-11-20 09:00"))]
    got = baked(OFFICE).due_after_pauses(at(START), 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, pauses=pauses)
    assert shown(got.at) == "Thu 2026-11-12 18:00"


def test_a_second_pause_counts_because_the_first_moved_the_limit_to_it() -> None:
    pauses = [(at("2026-11-10 09:00"), at("2026-11-12 09:00")), (at("2026-11-16 09:00"), at("2026-11-17 09:00"))]
    calendar = baked(OFFICE)
    got = calendar.due_after_pauses(at(START), 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, pauses=pauses)
    assert shown(got.at) == "Tue 2026-11-17 18:00"
    alone = calendar.due_after_pauses(at(START), 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, pauses=pauses[1:])
    assert shown(alone.at) == "Thu 2026-11-12 18:00"


def test_a_pause_that_began_before_the_start_counts_from_the_start() -> None:
    pauses = [(at("2026-11-06 09:00"), at("2026-11-10 09:00"))]
    calendar = baked(OFFICE)
    got = calendar.due_after_pauses(at(START), 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, pauses=pauses)
    assert shown(got.at) == "Fri 2026-11-13 18:00"
    over = [(at("2026-11-06 09:00"), at("2026-11-09 09:00"))]
    got = calendar.due_after_pauses(at(START), 4, Unit.HOUR, Mode.CLOCK, pauses=over)
    assert shown(got.at) == "Mon 2026-11-09 14:00"


def test_a_pause_over_the_holidays_moves_by_working_days_alone() -> None:
    pauses = [(at("2026-02-13 17:00"), at("2026-02-24 10:00"))]  # 14 and 24 February are the working days
    got = baked(OFFICE).due_after_pauses(at("2026-02-12 10:00"), 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE, pauses=pauses)
    assert shown(got.at) == "Thu 2026-02-26 18:00"
