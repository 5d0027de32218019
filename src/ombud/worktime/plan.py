"""Which windows a date has: exceptions, make-up working days, holidays, weekdays, less what is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ombud.worktime.edition import DaysOff
from ombud.worktime.prayer import PrayerDays
from ombud.worktime.spec import CalendarSpec, Window, Windows


class DayPlan:
    """Which windows a date has, and why."""

    __slots__ = ("_less_daily", "_less_dated", "days", "exceptions", "prayers", "spec")

    def __init__(self, spec: CalendarSpec, days: DaysOff | None, prayers: PrayerDays | None = None) -> None:
        self.spec = spec
        self.days = days
        self.prayers = prayers
        self.exceptions: Mapping[date, Windows] = {
            **{day: () for first, last in spec.closed for day in dates(first, last)},
            **dict(spec.exceptions),
        }
        self._less_daily = [(taken.start, taken.end) for taken in spec.less if taken.day is None]
        self._less_dated: dict[date, list[Window]] = {}
        for taken in spec.less:
            if taken.day is not None:
                self._less_dated.setdefault(taken.day, []).append((taken.start, taken.end))

    def windows(self, day: date) -> Windows:
        """Return the windows of a date: exception, make-up working day, holiday, weekday, in this order.

        Prayers are in them still: they interrupt the working day without moving its close.
        """
        if day in self.exceptions:
            windows = self.exceptions[day]
        elif self.days is not None and day in self.days.work:
            windows = self.spec.made_up(day)
        elif self.days is not None and day in self.days.off:
            return ()
        else:
            windows = self.spec.week_on(day)[day.weekday()]
        if windows and (taken := [*self._less_daily, *self._less_dated.get(day, ())]):
            windows = subtract(windows, taken)
        return windows

    def open_windows(self, day: date, windows: Windows) -> Windows:
        """Return what the prayers of a date leave of its windows."""
        return windows if self.prayers is None or not windows else subtract(windows, self.prayers.taken(day))


def dates(first: date, last: date) -> Iterator[date]:
    """Yield the dates of a stretch, both ends included."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


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
