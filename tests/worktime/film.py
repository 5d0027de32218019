"""A second implementation of working time, as slow and plain as can be: every minute is looked at on the wall clock.

Nothing of `ombud.worktime` is used here but the description of a calendar and the list of its days off.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ombud.worktime import CalendarSpec, Edition, Unit, Windows

MINUTE = 60


class Film:
    """The minutes from the beginning of a day on: (instant, local date, open or not)."""

    def __init__(self, spec: CalendarSpec, edition: Edition, start: int, days: int) -> None:
        self.zone = ZoneInfo(spec.tz)
        self.spec = spec
        self.days_off = edition.days(key) if (key := spec.days_key) else None
        self._minutes: dict[date, frozenset[int]] = {}
        first = start - 26 * 3600
        self.frames = [self._frame(at) for at in range(first, start + days * 86400, MINUTE)]
        self.start = start

    def _frame(self, at: int) -> tuple[int, date, bool]:
        wall = datetime.fromtimestamp(at, self.zone)
        day = wall.date()
        if day not in self._minutes:
            self._minutes[day] = self._open_minutes(day)
        return at, day, wall.hour * 60 + wall.minute in self._minutes[day]

    def _open_minutes(self, day: date) -> frozenset[int]:
        exceptions = dict(self.spec.exceptions)
        week = self._week(day)
        weekday = week[day.weekday()]
        if day in exceptions:
            windows = exceptions[day]
        elif any(str(first) <= str(day) <= str(last) for first, last in self.spec.closed):
            windows = ()
        elif self.days_off and day in self.days_off.work:
            windows = self.spec.make_up or next((w for w in week if w), ())
        elif self.days_off and day in self.days_off.off:
            windows = ()
        else:
            windows = weekday
        minutes = {m for low, high in windows for m in range(low, high)}
        for taken in self.spec.less:
            if taken.day in (None, day):
                minutes -= set(range(taken.start, taken.end))
        return frozenset(minutes)

    def _week(self, day: date) -> tuple[Windows, ...]:
        """Return the hours of the week by leafing through the days of every season."""
        for long in (3, 2):
            for season in self.spec.seasons:
                if len(season.first) != long:
                    continue
                years = [season.first[0]] if long == 3 else [day.year - 1, day.year]
                for year in years:
                    at, end = (date(year, *each[-2:]) for each in (season.first, season.last))
                    if long == 3:
                        end = date(*season.last)
                    elif end < at:
                        end = date(year + 1, *season.last)
                    while at <= end:
                        if at == day:
                            return season.week
                        at += timedelta(days=1)
        return self.spec.week

    def date_of(self, at: int) -> date:
        return datetime.fromtimestamp(at, self.zone).date()

    def business(self, minutes: int) -> int:
        left = minutes
        for at, _, is_open in self.frames:
            if at >= self.start and is_open:
                left -= 1
                if not left:
                    return at + MINUTE
        raise AssertionError("the film is too short")

    def workdays(self) -> list[date]:
        """Return the dates with an open minute, in order."""
        seen: dict[date, None] = {}
        for _, day, is_open in self.frames:
            if is_open:
                seen[day] = None
        return list(seen)

    def close(self, day: date) -> int:
        """Return the end of a date's last open minute, or its 24:00."""
        frames = [frame for frame in self.frames if frame[1] == day]
        ends = [at + MINUTE for at, _, is_open in frames if is_open]
        return ends[-1] if ends else frames[-1][0] + MINUTE

    def next_day_close(self, workdays: int) -> int:
        later = [day for day in self.workdays() if day > self.date_of(self.start)]
        return self.close(later[workdays - 1])

    def natural(self, length: int, unit: Unit, *, roll: bool) -> int:
        target = moved(self.date_of(self.start), length, unit)
        if roll:
            target = next(day for day in self.workdays() if day >= target)
        return self.close(target)

    def counted_from(self, cutoff: int | None) -> int:
        """Return from when the start counts where what comes after a minute of the day, or the close, is the next's."""
        today = self.date_of(self.start)
        opening = {day: at for at, day, is_open in reversed(self.frames) if is_open}
        if today in opening:
            times = [at for at, day, _ in self.frames if day == today]
            late = [] if cutoff is None else [at for at in times if self._wall(at) >= cutoff]
            end = self.close(today) if cutoff is None else late[0] if late else times[-1] + MINUTE
            if self.start <= end:
                return max(self.start, opening[today])
        return min(at for day, at in opening.items() if day > today)

    def _wall(self, at: int) -> int:
        wall = datetime.fromtimestamp(at, self.zone)
        return wall.hour * 60 + wall.minute

    def elapsed_business(self, until: int) -> int:
        return sum(is_open for at, _, is_open in self.frames if self.start <= at < until)

    def elapsed_workdays(self, until: int) -> int:
        last = self.date_of(until - 1)
        return sum(self.date_of(self.start) < day <= last for day in self.workdays())


def moved(day: date, length: int, unit: Unit) -> date:
    """Return the day some units later, month by month."""
    if unit is Unit.DAY:
        return day + timedelta(days=length)
    if unit is Unit.WEEK:
        return day + timedelta(days=7 * length)
    year, month = day.year, day.month
    for _ in range(length if unit is Unit.MONTH else 12 * length):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))
