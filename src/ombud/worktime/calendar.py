"""A baked calendar: due times forward and elapsed time backward in every mode, at a cost independent of distance."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from ombud.worktime.arithmetic import CLOCK_SECONDS, add_to_day, day_number, day_of_number, whole_units
from ombud.worktime.edition import Edition
from ombud.worktime.errors import LimitError
from ombud.worktime.grid import DAY
from ombud.worktime.plan import DayPlan
from ombud.worktime.prayer import PrayerDays
from ombud.worktime.spec import CLOSE, UNITS, CalendarSpec, Cutoff, Mode, Unit
from ombud.worktime.table import Table
from ombud.worktime.zones import Zone

Beyond = Literal["raise", "statutory"]
Pause = tuple[int, int]  # begin and end, instants

# Enum members as module names: looking one up on its class costs more than the bisection that it selects.
_CLOCK: Final = Mode.CLOCK
_BUSINESS: Final = Mode.BUSINESS
_NEXT_DAY_CLOSE: Final = Mode.NEXT_DAY_CLOSE
_OPEN_DAYS: Final = Mode.OPEN_DAYS
_NATURAL: Final = Mode.NATURAL
_WORKDAY: Final = Unit.WORKDAY
_MINUTE: Final = Unit.MINUTE
_HOUR: Final = Unit.HOUR


class Due(NamedTuple):
    """A due time; an act at exactly `at` is in time."""

    at: int
    provisional: bool  # leans on a year whose make-up working days are not announced, or that is beyond the horizon


class Calendar:
    """Counts on one calendar. Instants are integer seconds since the epoch. Made by `bake`; safe to share."""

    def __init__(self, spec: CalendarSpec, edition: Edition, beyond: Beyond) -> None:
        self.spec = spec
        self.edition = edition
        self.zone = Zone(edition.zone(spec.tz))
        self.plan = plan_of(spec, edition, self.zone)
        # Without holidays nothing is uncertain about any year, so there is no horizon to fall off.
        is_bounded = beyond == "raise" and spec.days is not None
        self._table = Table(self.plan, self.zone, edition.first_year, edition.last_year, is_bounded=is_bounded)
        sure_from, self._sure_until = self._table.sure
        self._sure_from = max(sure_from, self._table.grid.day_start[0])

    # Forward

    def deadline(self, start: int, length: int, unit: Unit, mode: Mode, roll: bool = True) -> Due:
        """Return when a limit of `length` units from `start` ends.

        `roll` matters to `natural` alone: over days without windows to the next working day (Civil Code art. 203).
        Raises LimitError for a unit that the mode cannot count, HorizonError beyond the edition's years.
        """
        # The two modes that nearly every limit has are written out: a call would cost as much as the bisection.
        if mode is _NEXT_DAY_CLOSE:
            if unit is _WORKDAY and length > 0 and start >= self._sure_from:
                grid = self._table.grid
                index = bisect_right(grid.work_start, start) + length - 1
                if index < len(grid.work_close) and (at := grid.work_close[index]) <= self._sure_until:
                    return _new_due(Due, (at, False))
        elif mode is _BUSINESS and (unit is _HOUR or unit is _MINUTE) and length > 0 and start >= self._sure_from:
            grid = self._table.grid
            target = length * 3600 if unit is _HOUR else length * 60
            if k := bisect_right(grid.open_start, start):
                left = grid.open_end[k - 1] - start
                target += grid.open_sum[k - 1] - left if left > 0 else grid.open_sum[k - 1]
            j = bisect_left(grid.open_sum, target)
            if j < len(grid.open_sum) and (at := grid.open_base[j] + target) <= self._sure_until:
                return _new_due(Due, (at, False))
        return self._deadline(start, length, unit, mode, roll)

    def due_after_pauses(
        self,
        start: int,
        length: int,
        unit: Unit,
        mode: Mode,
        roll: bool = True,
        pauses: Sequence[Pause] = (),
    ) -> Due:
        """Return the due time after each pause that began no later than the due so far, in order.

        A pause that began before `start` counts from `start` on; one that began after due changes nothing.
        """
        due = self.deadline(start, length, unit, mode, roll)
        if not pauses:
            return due
        shift = 0  # days by which day limits have moved
        for begin, end in sorted(pauses):
            begin = max(begin, start)
            if end <= begin or begin > due.at:
                continue
            due, shift = self._moved(start, length, unit, mode, roll, due, shift, begin, end)
        return due

    def _moved(
        self, start: int, length: int, unit: Unit, mode: Mode, roll: bool, due: Due, shift: int, begin: int, end: int
    ) -> tuple[Due, int]:
        if mode is _CLOCK:
            return Due(due.at + end - begin, due.provisional), shift
        if mode is _BUSINESS or mode is _OPEN_DAYS:
            later = self._open_later(end, self.open_seconds(begin, due.at))
            return Due(later.at, later.provisional or due.provisional or self._table.leans(begin, end)), shift
        if mode is _NEXT_DAY_CLOSE:
            # Working days after the day of pause up to and including the day of resume.
            shift += self._table.workdays(self._day(begin), self._day(end))
            return self.deadline(start, length + shift, unit, mode), shift
        shift += self._day(end) - self._day(begin)
        return self._by_date(start, length, unit, mode, roll, shift), shift

    def _deadline(self, start: int, length: int, unit: Unit, mode: Mode, roll: bool) -> Due:
        if unit not in UNITS[mode]:
            raise LimitError(f"{mode} cannot count {unit}: it counts {', '.join(sorted(UNITS[mode]))}")
        if length < 0:
            raise LimitError(f"a limit cannot be negative, {length} {unit}")
        if length == 0:
            return Due(start, False)
        if mode is _CLOCK:
            return Due(start + length * CLOCK_SECONDS[unit], False)
        if mode is _NEXT_DAY_CLOSE:
            return self._workdays_later(start, length)
        if mode is _BUSINESS:
            return self._open_later(start, length * CLOCK_SECONDS[unit])
        if mode is _OPEN_DAYS:
            return self._open_later(start, length * self.spec.day)
        return self._by_date(start, length, unit, mode, roll, 0)

    def _open_later(self, start: int, seconds: int) -> Due:
        """Return the first instant with so many more open seconds."""
        if seconds == 0:
            return Due(start, False)
        grid = self._table.reach(start)
        while (j := bisect_left(grid.open_sum, grid.opened(start) + seconds)) == len(grid.open_sum):
            grid = self._table.grow_later(grid)
        at = grid.open_base[j] + grid.opened(start) + seconds
        return Due(at, self._table.leans(start, at))

    def _workdays_later(self, start: int, length: int) -> Due:
        grid = self._table.reach(start)
        while True:
            index = bisect_right(grid.work_start, start) + length - 1
            if index < len(grid.work_close):
                at = grid.work_close[index]
                return Due(at, self._table.leans(start, at))
            grid = self._table.grow_later(grid)

    def _by_date(self, start: int, length: int, unit: Unit, mode: Mode, roll: bool, shift: int) -> Due:
        """Return the due time of a `natural` or `calendar` limit, moved by `shift` days."""
        number, second = divmod(self.zone.local(start), DAY)
        target = add_to_day(number, length, unit) + shift
        if mode is not _NATURAL:
            return Due(self.zone.instant(target * DAY + second), False)
        grid = self._table.reach_day(target)
        index = target - grid.first_day
        if not roll:
            at = grid.day_close[index]
        else:
            while (k := bisect_left(grid.work_day, index)) == len(grid.work_day):
                grid = self._table.grow_later(grid)
                index = target - grid.first_day
            at = grid.work_close[k]
        return Due(at, self._table.leans(grid.day_start[index], at))

    def counted_from(self, at: int, cutoff: Cutoff) -> Due:
        """Return from when an event counts where what comes after the cut-off is the next working day's.

        On a working day up to the cut-off (its very minute is in time) it counts at once, but not before work opens;
        else from the opening of the next working day. So a later event never counts from earlier on.
        """
        day = self._day(at)
        grid = self._table.reach(at)
        k = bisect_left(grid.work_day, day - grid.first_day)
        if k < len(grid.work_day) and grid.work_day[k] == day - grid.first_day:
            end = grid.work_close[k] if cutoff == CLOSE else self.zone.instant(day * DAY + cutoff * 60)
            if at <= end:
                return Due(max(at, self.next_open(grid.work_start[k])), self._table.leans(at, at + 1))
            day += 1
        while (k := bisect_left(grid.work_day, day - grid.first_day)) == len(grid.work_day):
            grid = self._table.grow_later(grid)
        opening = self.next_open(grid.work_start[k])
        return Due(opening, self._table.leans(at, opening + 1))

    # Backward

    def elapsed(self, a: int, b: int, mode: Mode, unit: Unit) -> int:
        """Return how many whole units lie between two instants; negative if `b` is before `a`.

        Of days (`next_day_close`, `natural`) those after the day of `a` up to and including the day of `b` count,
        whether over or not; an end at midnight is 24:00 of the day before.
        """
        if unit not in UNITS[mode]:
            raise LimitError(f"{mode} cannot count {unit}: it counts {', '.join(sorted(UNITS[mode]))}")
        if b < a:
            return -self.elapsed(b, a, mode, unit)
        if mode is _CLOCK:
            return (b - a) // CLOCK_SECONDS[unit]
        if mode is _BUSINESS:
            return self.open_seconds(a, b) // CLOCK_SECONDS[unit]
        if mode is _OPEN_DAYS:
            return self.open_seconds(a, b) // self.spec.day
        if a == b:
            return 0
        first, last = self._day(a), self._day_ending(b)
        if mode is _NEXT_DAY_CLOSE:
            return self._table.workdays(first, last)
        if mode is _NATURAL:
            return whole_units(first, last, unit)
        count = whole_units(first, self._day(b), unit)
        return count if self._by_date(a, count, unit, mode, False, 0).at <= b else count - 1

    def open_seconds(self, a: int, b: int) -> int:
        """Return the open seconds in [a, b); 0 if `b` is not after `a`."""
        if b <= a:
            return 0
        self._table.reach(a)
        grid = self._table.reach(b - 1)
        return grid.opened(b) - grid.opened(a)

    def open_after(self, start: int, seconds: int) -> int:
        """Return the first instant with so many more open seconds after `start`."""
        return self._open_later(start, seconds).at

    def before(self, due: int, length: int, unit: Unit, mode: Mode) -> int:
        """Return the instant `length` units before a due time (for warnings)."""
        if unit not in UNITS[mode]:
            raise LimitError(f"{mode} cannot count {unit}: it counts {', '.join(sorted(UNITS[mode]))}")
        if length == 0:
            return due
        if mode is _CLOCK:
            return due - length * CLOCK_SECONDS[unit]
        if mode is _BUSINESS or mode is _OPEN_DAYS:
            return self._open_earlier(due, length * (self.spec.day if mode is _OPEN_DAYS else CLOCK_SECONDS[unit]))
        if mode is _NEXT_DAY_CLOSE:
            return self.workdays_before(due, length)
        if mode is _NATURAL:
            day = add_to_day(self._day_ending(due), -length, unit)
            grid = self._table.reach_day(day)
            return grid.day_close[day - grid.first_day]
        number, second = divmod(self.zone.local(due), DAY)
        return self.zone.instant(add_to_day(number, -length, unit) * DAY + second)

    def after(self, due: int, length: int, unit: Unit, mode: Mode) -> int:
        """Return the instant `length` units after a due time (for rungs past due): 24:00 still is the due day."""
        if mode is _NEXT_DAY_CLOSE or mode is _NATURAL:
            return self.deadline(due - 1, length, unit, mode).at if length else due
        return self.deadline(due, length, unit, mode).at

    def workdays_before(self, due: int, n: int) -> int:
        """Return the close of the n-th working day before the due day."""
        if n <= 0:
            return due
        day = self._day_ending(due)
        grid = self._table.reach_day(day)
        while (k := bisect_left(grid.work_day, day - grid.first_day) - n) < 0:
            grid = self._table.grow_earlier(grid)
        return grid.work_close[k]

    def _open_earlier(self, due: int, seconds: int) -> int:
        """Return the last instant from which so many open seconds lie before `due`."""
        grid = self._table.reach(due - 1)
        while (left := grid.opened(due) - seconds) < 0:
            grid = self._table.grow_earlier(grid)
        k = bisect_right(grid.open_sum, left)
        return grid.open_base[k] + left

    # Days

    def date_of(self, at: int) -> date:
        """Return the local date of an instant."""
        return day_of_number(self._day(at))

    def close_of(self, day: date) -> int:
        """Return the close of a date's last window; 24:00 if it has none. A date as a limit ends then."""
        grid = self._table.reach_day(day_number(day))
        return grid.day_close[day_number(day) - grid.first_day]

    def due_on(self, day: date) -> Due:
        """Return the due time of a limit that is a date: its last close."""
        at = self.close_of(day)
        return Due(at, self.is_provisional(at - 1))

    def anchor_of(self, day: date, mode: Mode) -> int:
        """Return the instant to count from where a limit is anchored at a date: the date itself is not counted."""
        midnight = self.zone.instant((day_number(day) + 1) * DAY)
        return midnight if mode in (_CLOCK, _BUSINESS, _OPEN_DAYS) else midnight - 1

    def is_open(self, at: int) -> bool:
        grid = self._table.reach(at)
        k = bisect_right(grid.open_start, at)
        return k > 0 and at < grid.open_end[k - 1]

    def is_workday(self, day: date) -> bool:
        grid = self._table.reach_day(day_number(day))
        index = day_number(day) - grid.first_day
        k = bisect_left(grid.work_day, index)
        return k < len(grid.work_day) and grid.work_day[k] == index

    def is_provisional(self, at: int) -> bool:
        """Return whether the local day of an instant may still change by an announcement."""
        return any(first <= at < last for first, last in self._table.unsure)

    def next_open(self, at: int) -> int:
        """Return `at` if it is open, else the next opening."""
        if self.is_open(at):
            return at
        grid = self._table.reach(at)
        while (k := bisect_right(grid.open_start, at)) == len(grid.open_start):
            grid = self._table.grow_later(grid)
        return grid.open_start[k]

    def open_intervals(self, a: int, b: int) -> Iterable[tuple[int, int]]:
        """Yield the open intervals in [a, b), cut to it."""
        if b <= a:
            return
        self._table.reach(a)
        grid = self._table.reach(b - 1)
        for k in range(max(bisect_right(grid.open_start, a) - 1, 0), bisect_left(grid.open_start, b)):
            low, high = max(grid.open_start[k], a), min(grid.open_end[k], b)
            if low < high:
                yield low, high

    def _day_ending(self, at: int) -> int:
        return self._day(at - 1)  # 00:00 as an end is 24:00 of the day before

    def _day(self, at: int) -> int:
        return self.zone.local(at) // DAY


_new_due = tuple.__new__


def plan_of(spec: CalendarSpec, edition: Edition, zone: Zone | None = None) -> DayPlan:
    """Return which windows each date of a calendar has: much less work than to bake one that counts."""
    prayers = None
    if spec.prayers is not None:
        prayers = PrayerDays(spec.prayers, edition.prayers(spec.prayers), zone or Zone(edition.zone(spec.tz)))
    return DayPlan(spec, None if (key := spec.days_key) is None else edition.days(key), prayers)


@lru_cache(maxsize=256)
def bake(spec: CalendarSpec, *, edition: Edition, beyond: Beyond = "raise") -> Calendar:
    """Return a calendar that counts; baked once per spec and edition.

    Beyond the edition's years it raises HorizonError, or with `beyond="statutory"` takes the statutory days and marks
    what leans on them provisional. Raises SpecError for an unknown zone or country, or a calendar that is never open.
    """
    return Calendar(spec, edition, beyond)
