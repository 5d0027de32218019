"""The baked table of a calendar, grown on demand where no horizon forbids it, and what is unsure of it."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from ombud.worktime.arithmetic import day_number
from ombud.worktime.errors import HorizonError, NeverOpenError
from ombud.worktime.grid import DAY, Grid, build
from ombud.worktime.plan import DayPlan
from ombud.worktime.zones import FIRST_YEAR, LAST_YEAR, Zone

_FAR = 1 << 62


class Table:
    """Holds the present grid. Raises HorizonError where a grid cannot be grown, NeverOpenError for one without end."""

    __slots__ = ("_is_bounded", "_plan", "_zone", "grid", "sure", "unsure")

    def __init__(self, plan: DayPlan, zone: Zone, first: int, last: int, *, is_bounded: bool) -> None:
        self._plan = plan
        self._zone = zone
        self._is_bounded = is_bounded
        self.grid = build(plan, zone, first, last)
        if not self.grid.work_day or self.grid.work_day[-1] < len(self.grid.day_close) - 366:
            raise NeverOpenError
        #: Stretches of instants whose days may still change by an announcement, or are beyond the horizon.
        self.unsure = self._unsure(first, last)
        #: The longest stretch between them: a fast path compares with its two ends alone.
        self.sure = self._sure()

    def reach(self, at: int) -> Grid:
        """Return a grid that has the day of an instant."""
        grid = self.grid
        while at < grid.day_start[0]:
            grid = self.grow_earlier(grid)
        while at >= grid.day_start[-1]:
            grid = self.grow_later(grid)
        return grid

    def reach_day(self, day: int) -> Grid:
        """Return a grid that has a numbered day."""
        grid = self.grid
        while day < grid.first_day:
            grid = self.grow_earlier(grid)
        while day - grid.first_day >= len(grid.day_close):
            grid = self.grow_later(grid)
        return grid

    def grow_later(self, grid: Grid) -> Grid:
        return self._regrow(grid, grid.first_year, min(2 * grid.last_year - grid.first_year, LAST_YEAR))

    def grow_earlier(self, grid: Grid) -> Grid:
        return self._regrow(grid, max(grid.first_year - 10, FIRST_YEAR), grid.last_year)

    def workdays(self, first: int, last: int) -> int:
        """Return how many working days there are after one numbered day up to and including another."""
        self.reach_day(first)
        grid = self.reach_day(last)
        return bisect_right(grid.work_day, last - grid.first_day) - bisect_right(grid.work_day, first - grid.first_day)

    def leans(self, start: int, at: int) -> bool:
        """Return whether the time between two instants touches an unsure day; 24:00 belongs to the day that ends."""
        return any(start < last and at > first for first, last in self.unsure)

    def _regrow(self, grid: Grid, first: int, last: int) -> Grid:
        if self._is_bounded:
            raise HorizonError(grid.first_year, grid.last_year)
        if (first, last) == (grid.first_year, grid.last_year):
            raise HorizonError(FIRST_YEAR, LAST_YEAR)  # what can be reached, however far this grid has grown
        # A whole new grid in one assignment: other threads see the old one or the new one.
        self.grid = build(self._plan, self._zone, first, last)
        return self.grid

    def _unsure(self, first: int, last: int) -> list[tuple[int, int]]:
        days = self._plan.days
        if days is None:
            return []
        spans = [
            (self._new_year(year), self._new_year(year + 1))
            for year in range(first, last + 1)
            if days.announced is not None and year not in days.announced
        ]
        return [(-_FAR, self._new_year(first)), *spans, (self._new_year(last + 1), _FAR)]

    def _sure(self) -> tuple[int, int]:
        if not self.unsure:
            return -_FAR, _FAR
        between = [(end, begin) for (_, end), (begin, _) in zip(self.unsure, self.unsure[1:], strict=False)]
        return max(between, key=lambda span: span[1] - span[0])

    def _new_year(self, year: int) -> int:
        return self._zone.instant(day_number(date(year, 1, 1)) * DAY)
