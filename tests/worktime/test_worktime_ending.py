"""Midnight as an end: 24:00 of the day that ends, in whatever zone and whatever its clocks do then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.worktime import WHOLE_DAY, CalendarSpec, Edition, Mode, Unit, bake, explain
from ombud.worktime.ending import ending, ending_text

ZONES = ("Asia/Shanghai", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo", "Europe/Berlin", "UTC")


@pytest.mark.parametrize(
    ("zone", "instant", "said"),
    [
        ("Asia/Shanghai", "2026-12-05T16:00:00+00:00", "2026-12-05 24:00"),
        ("Asia/Shanghai", "2026-12-05T15:59:00+00:00", "2026-12-05 23:59"),
        ("Asia/Shanghai", "2026-12-05T16:01:00+00:00", "2026-12-06 00:01"),
        ("Asia/Shanghai", "2026-12-31T16:00:00+00:00", "2026-12-31 24:00"),
        ("America/New_York", "2026-12-05T16:00:00+00:00", "2026-12-05 11:00"),
        ("Asia/Beirut", "2012-03-24T22:00:00+00:00", "2012-03-24 24:00"),  # the clocks show 01:00 then
        ("America/Sao_Paulo", "2013-02-17T03:00:00+00:00", "2013-02-16 24:00"),  # the second time
        ("America/Sao_Paulo", "2013-02-17T02:00:00+00:00", "2013-02-16 23:00"),  # clocks go back to 23:00
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00", "2011-12-29 24:00"),  # the 30th was skipped
    ],
)
def test_an_end_at_midnight_is_24_00_of_the_day_before(zone: str, instant: str, said: str) -> None:
    assert ending_text(datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))) == said


def test_an_explanation_ends_with_the_day_though_the_clock_shows_another_hour() -> None:
    """Lebanon, 29 March 2026: 00:00 does not exist there."""
    beirut = ZoneInfo("Asia/Beirut")
    calendar = bake(CalendarSpec(tz="Asia/Beirut", week=(WHOLE_DAY,) * 7), edition=Edition.shipped(2026))
    start = int(datetime(2026, 3, 25, 10, 0, tzinfo=beirut).timestamp())
    for unit, mode in ((Unit.DAY, Mode.NATURAL), (Unit.WORKDAY, Mode.NEXT_DAY_CLOSE)):
        last = explain(calendar, start, 3, unit, mode)[-1]
        assert last.why["en"] == "Due Saturday 28 March 2026 24:00 (Asia/Beirut)"
        assert last.why["zh"] == "截止时间：2026年3月28日（周六）24:00（Asia/Beirut）"


@given(st.sampled_from(ZONES), st.dates(date(2011, 1, 1), date(2027, 12, 31)))
def test_the_close_of_a_whole_day_is_said_to_be_on_that_day(zone: str, day: date) -> None:
    calendar = bake(CalendarSpec(tz=zone, week=(WHOLE_DAY,) * 7), edition=Edition.shipped(2026))
    close = calendar.close_of(day)
    at = datetime.fromtimestamp(close, UTC).astimezone(ZoneInfo(zone))
    before = (at.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert ending(at) == (before, "24:00")
    assert before == day or not calendar.is_workday(day)  # a date that never was ends with the one before it
