"""When a way tells: worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from ombud.notices.alerts.hours import when
from ombud.notices.alerts.models import Way

Rhythm = Way.Rhythm


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def way(**given: Any) -> Way:
    return Way(**{"tz": "Asia/Shanghai", **given})


NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


@pytest.mark.parametrize(
    ("given", "now", "told"),
    [
        ({}, "2026-03-03T23:10+08:00", "2026-03-03T23:10+08:00"),
        (NIGHT, "2026-03-03T21:59+08:00", "2026-03-03T21:59+08:00"),
        (NIGHT, "2026-03-03T22:00+08:00", "2026-03-04T07:00+08:00"),
        (NIGHT, "2026-03-04T06:59+08:00", "2026-03-04T07:00+08:00"),
        (NIGHT, "2026-03-04T07:00+08:00", "2026-03-04T07:00+08:00"),
        (
            {"quiet_from": time(12), "quiet_until": time(13, 30)},
            "2026-03-03T12:30+08:00",
            "2026-03-03T13:30+08:00",
        ),
        ({"quiet_from": time(7), "quiet_until": time(7)}, "2026-03-03T12:30+08:00", "2026-03-03T12:30+08:00"),
        # In Berlin the clocks go forward on 29 March 2026: the night has an hour less.
        ({**NIGHT, "tz": "Europe/Berlin"}, "2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
        ({"rhythm": Rhythm.DAILY, "at": time(9)}, "2026-03-03T08:59+08:00", "2026-03-03T09:00+08:00"),
        ({"rhythm": Rhythm.DAILY, "at": time(9)}, "2026-03-03T09:00+08:00", "2026-03-03T09:00+08:00"),
        ({"rhythm": Rhythm.DAILY, "at": time(9)}, "2026-03-03T09:01+08:00", "2026-03-04T09:00+08:00"),
        ({"rhythm": Rhythm.DAILY}, "2026-03-03T09:01+08:00", "2026-03-04T08:00+08:00"),
        # 3 March 2026 is a Tuesday.
        ({"rhythm": Rhythm.WEEKLY, "at": time(9), "weekday": 0}, "2026-03-03T08:00+08:00", "2026-03-09T09:00+08:00"),
        ({"rhythm": Rhythm.WEEKLY, "at": time(9), "weekday": 1}, "2026-03-03T08:00+08:00", "2026-03-03T09:00+08:00"),
        ({"rhythm": Rhythm.WEEKLY, "at": time(9), "weekday": 1}, "2026-03-03T10:00+08:00", "2026-03-10T09:00+08:00"),
        ({"rhythm": Rhythm.DAILY, "at": time(6), **NIGHT}, "2026-03-03T10:00+08:00", "2026-03-04T07:00+08:00"),
    ],
)
def test_a_way_tells_at_its_times_and_not_in_its_quiet_hours(given: dict[str, Any], now: str, told: str) -> None:
    assert when(way(**given), at(now)) == at(told)


def test_what_is_urgent_waits_for_nothing() -> None:
    now = at("2026-03-03T23:10+08:00")
    assert when(way(**NIGHT, rhythm=Rhythm.WEEKLY, at=time(9)), now, is_urgent=True) == now
