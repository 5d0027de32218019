"""The baked table of a calendar: days and open intervals in UTC, sorted, with prefix sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ombud.worktime.edition import DaysOff
from ombud.worktime.spec import CalendarSpec, Window, Windows
from ombud.worktime.zones import Zone

DAY = 86400
EPOCH = date(1970, 1, 1).toordinal()  # local days are numbered from here


@dataclass(slots=True)
class Grid:
    """Lists over the days `first_day` ... of whole years; never changed once built."""

    first_year: int
    last_year: int
    first_day: int = 0  # number of the first day, 0 = 1 January 1970
    day_start: list[int] = field(default_factory=list)  # first instant of each day, and of the day after the last
    day_close: list[int] = field(default_factory=list)  # end of its last window; 24:00 without windows
    work_day: list[int] = field(default_factory=list)  # indexes of the days with windows
    work_start: list[int] = field(default_factory=list)  # first instant of each of them
    work_close: list[int] = field(default_factory=list)
    open_start: list[int] = field(default_factory=list)  # open intervals, adjacent ones joined
    open_end: list[int] = field(default_factory=list)
    open_sum: list[int] = field(default_factory=list)  # open seconds up to the end of each interval


class DayPlan:
    """Which windows a date has, and why."""

    __slots__ = ("_less_daily", "_less_dated", "days", "exceptions", "make_up", "spec")

    def __init__(self, spec: CalendarSpec, days: DaysOff | None) -> None:
        self.spec = spec
        self.days = days
        self.exceptions: Mapping[date, Windows] = dict(spec.exceptions)
        self.make_up = spec.make_up_windows
        self._less_daily = [(taken.start, taken.end) for taken in spec.less if taken.day is None]
        self._less_dated: dict[date, list[Window]] = {}
        for taken in spec.less:
            if taken.day is not None:
                self._less_dated.setdefault(taken.day, []).append((taken.start, taken.end))

    def windows(self, day: date) -> Windows:
        """Return the windows of a date: exception, make-up working day, holiday, weekday, in this order."""
        if day in self.exceptions:
            windows = self.exceptions[day]
        elif self.days is not None and day in self.days.work:
            windows = self.make_up
        elif self.days is not None and day in self.days.off:
            return ()
        else:
            windows = self.spec.week[day.weekday()]
        if windows and (taken := [*self._less_daily, *self._less_dated.get(day, ())]):
            windows = subtract(windows, taken)
        return windows


def subtract(windows: Windows, taken: list[Window]) -> Windows:
    """Return what is left of the windows once the intervals are taken out."""
    for start, end in taken:
        left: list[Window] = []
        for low, high in windows:
            if low < min(high, start):
                left.append((low, min(high, start)))
            if max(low, end) < high:
                left.append((max(low, end), high))
        windows = tuple(left)
    return windows


def build(plan: DayPlan, zone: Zone, first_year: int, last_year: int) -> Grid:
    """Return the table for whole years, by the calendar's own local dates."""
    grid = Grid(first_year=first_year, last_year=last_year)
    first = date(first_year, 1, 1).toordinal()
    last = date(last_year, 12, 31).toordinal()
    grid.first_day = first - EPOCH
    intervals: list[tuple[int, int]] = []
    for index, ordinal in enumerate(range(first, last + 1)):
        midnight = (ordinal - EPOCH) * DAY
        start = zone.instant(midnight)
        grid.day_start.append(start)
        open_today: list[Window] = []
        for low, high in plan.windows(date.fromordinal(ordinal)):
            open_today += zone.spans(midnight + low * 60, midnight + high * 60)
        if open_today:
            intervals += open_today
            close = max(end for _, end in open_today)
            grid.work_day.append(index)
            grid.work_start.append(start)
            grid.work_close.append(close)
            grid.day_close.append(close)
        else:
            grid.day_close.append(zone.instant(midnight + DAY))
    grid.day_start.append(zone.instant((last + 1 - EPOCH) * DAY))
    _join(grid, intervals)
    return grid


def _join(grid: Grid, intervals: list[tuple[int, int]]) -> None:
    # Sorted already except where a clock falls back across midnight, and then a date's instants are no one stretch.
    intervals.sort()
    total = 0
    for start, end in intervals:
        if grid.open_end and start <= grid.open_end[-1]:
            total += end - grid.open_end[-1]
            grid.open_end[-1] = end
            grid.open_sum[-1] = total
        else:
            total += end - start
            grid.open_start.append(start)
            grid.open_end.append(end)
            grid.open_sum.append(total)
