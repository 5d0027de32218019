"""The baked table of a calendar: days and open intervals in UTC, sorted, with prefix sums."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date

from ombud.worktime.arithmetic import EPOCH
from ombud.worktime.plan import DayPlan
from ombud.worktime.spec import Windows
from ombud.worktime.zones import Zone

DAY = 86400


@dataclass(slots=True)
class Grid:
    """Lists over the days `first_day` ... of whole years; never changed once built."""

    first_year: int
    last_year: int
    first_day: int = 0  # number of the first day, 0 = 1 January 1970
    day_start: list[int] = field(
        default_factory=list, repr=False
    )  # first instant of each day, and of the day after the last
    day_close: list[int] = field(default_factory=list, repr=False)  # end of its last window; 24:00 without windows
    work_day: list[int] = field(default_factory=list, repr=False)  # indexes of the days with windows
    work_start: list[int] = field(default_factory=list, repr=False)  # first instant of each of them
    work_close: list[int] = field(default_factory=list, repr=False)
    open_start: list[int] = field(default_factory=list, repr=False)  # open intervals, adjacent ones joined
    open_end: list[int] = field(default_factory=list, repr=False)
    open_sum: list[int] = field(default_factory=list, repr=False)  # open seconds up to the end of each interval
    open_base: list[int] = field(default_factory=list, repr=False)  # open_end - open_sum

    def opened(self, at: int) -> int:
        """Return the open seconds from the table's beginning to an instant."""
        k = bisect_right(self.open_start, at)
        return self.open_sum[k - 1] - max(0, self.open_end[k - 1] - at) if k else 0


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
        day = date.fromordinal(ordinal)
        windows = plan.windows(day)
        open_today = _spans(zone, midnight, plan.open_windows(day, windows))
        if open_today:
            intervals += open_today
            close = max(end for _, end in (open_today if plan.prayers is None else _spans(zone, midnight, windows)))
            grid.work_day.append(index)
            grid.work_start.append(start)
            grid.work_close.append(close)
            grid.day_close.append(close)
        else:
            grid.day_close.append(zone.instant(midnight + DAY))
    grid.day_start.append(zone.instant((last + 1 - EPOCH) * DAY))
    _join(grid, intervals)
    return grid


def _spans(zone: Zone, midnight: int, windows: Windows) -> list[tuple[int, int]]:
    return [span for low, high in windows for span in zone.spans(midnight + low * 60, midnight + high * 60)]


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
    grid.open_base = [end - total for end, total in zip(grid.open_end, grid.open_sum, strict=True)]
