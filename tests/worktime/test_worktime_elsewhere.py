"""Opening hours told by the clock of another zone, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ombud.worktime import WHOLE_DAY, CalendarSpec, Windows
from ombud.worktime.elsewhere import week_by

NINE_TO_SIX: Windows = ((540, 1080),)
BERLIN = CalendarSpec(tz="Europe/Berlin", week=(NINE_TO_SIX,) * 5 + ((),) * 2)
WINTER, SUMMER = datetime(2026, 1, 14, 12, tzinfo=UTC), datetime(2026, 7, 14, 12, tzinfo=UTC)
MARCH = datetime(2026, 3, 11, 12, tzinfo=UTC)  # New York keeps summer time already, Berlin not yet


@pytest.mark.parametrize(
    ("zone", "at", "monday"),
    [
        ("Europe/Berlin", WINTER, (540, 1080)),
        ("Europe/London", SUMMER, (480, 1020)),
        ("America/New_York", WINTER, (180, 720)),
        ("America/New_York", MARCH, (240, 780)),
        ("Asia/Kolkata", SUMMER, (750, 1290)),  # three hours and a half
    ],
)
def test_hours_are_told_by_the_readers_clock(zone: str, at: datetime, monday: tuple[int, int]) -> None:
    assert week_by(BERLIN, ZoneInfo(zone), at) == ((monday,),) * 5 + ((),) * 2


def test_what_crosses_midnight_belongs_to_two_days_and_sundays_end_to_monday() -> None:
    auckland = week_by(BERLIN, ZoneInfo("Pacific/Auckland"), WINTER)  # twelve hours ahead: 21:00 to 06:00
    assert auckland[0] == ((1260, 1440),)
    assert auckland[1] == ((0, 360), (1260, 1440))
    assert auckland[5] == ((0, 360),)
    assert auckland[6] == ()
    honolulu = week_by(BERLIN, ZoneInfo("Pacific/Honolulu"), WINTER)  # eleven behind: Sunday 22:00 to Monday 07:00
    assert (honolulu[6], honolulu[0], honolulu[4]) == (((1320, 1440),), ((0, 420), (1320, 1440)), ((0, 420),))


def test_day_and_night_stay_so_everywhere() -> None:
    always = CalendarSpec(tz="Europe/Berlin", week=(WHOLE_DAY,) * 7)
    assert week_by(always, ZoneInfo("Asia/Tokyo"), WINTER) == (WHOLE_DAY,) * 7
