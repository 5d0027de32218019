"""A week of opening hours by the clock of another zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ombud.worktime.spec import DAY_MINUTES, CalendarSpec, Windows

_WEEK = 7 * DAY_MINUTES


def week_by(spec: CalendarSpec, zone: ZoneInfo, at: datetime) -> tuple[Windows, ...]:
    """Return the windows of the seven weekdays, Monday first, by a zone's clock, as both clocks stand at an instant."""
    here, there = at.astimezone(ZoneInfo(spec.tz)), at.astimezone(zone)
    week = spec.week_on(here.date())
    ahead = there.utcoffset(), here.utcoffset()
    assert ahead[0] is not None, "the instant is aware"
    assert ahead[1] is not None, "the instant is aware"
    shift = round((ahead[0] - ahead[1]).total_seconds() / 60)
    if not shift:
        return week
    stretches = sorted(
        (day * DAY_MINUTES + start + shift, day * DAY_MINUTES + end + shift)
        for day, windows in enumerate(week)
        for start, end in windows
    )
    found: list[list[tuple[int, int]]] = [[] for _day in range(7)]
    for start, end in stretches:
        while start < end:  # what crosses midnight belongs to two days
            stop = min(end, (start // DAY_MINUTES + 1) * DAY_MINUTES)
            day, minute = divmod(start % _WEEK, DAY_MINUTES)
            found[day].append((minute, minute + stop - start))
            start = stop
    return tuple(_joined(windows) for windows in found)


def _joined(windows: list[tuple[int, int]]) -> Windows:
    """Return a day's windows in order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
