"""How working time is written: modes, units and the frozen description of a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final, Literal

from ombud.worktime.errors import SpecError

DAY_MINUTES = 24 * 60
MAX_LATITUDE = 65  # beyond, the sun does not rise and set every day
MAX_PRAYER = 120  # minutes

Window = tuple[int, int]  # minutes of the local day, start included, end not; 1440 = 24:00
Windows = tuple[Window, ...]

WHOLE_DAY: Windows = ((0, DAY_MINUTES),)

CLOSE: Final = "close"
Cutoff = int | Literal["close"]  # what comes after this minute of the local day, or after the close, is the next day's


class Mode(StrEnum):
    """How a limit is counted; never guessed from its unit."""

    CLOCK = "clock"
    BUSINESS = "business"
    NEXT_DAY_CLOSE = "next_day_close"
    OPEN_DAYS = "open_days"
    NATURAL = "natural"
    CALENDAR = "calendar"


class Unit(StrEnum):
    MINUTE = "min"
    HOUR = "h"
    WORKDAY = "workday"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


#: Which units a mode can count. "1 business day" must never silently become 24 hours.
UNITS: dict[Mode, frozenset[Unit]] = {
    Mode.CLOCK: frozenset({Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK}),
    Mode.BUSINESS: frozenset({Unit.MINUTE, Unit.HOUR}),
    Mode.NEXT_DAY_CLOSE: frozenset({Unit.WORKDAY}),
    Mode.OPEN_DAYS: frozenset({Unit.WORKDAY, Unit.DAY}),  # the mode says that a standard day of work is meant
    Mode.NATURAL: frozenset({Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR}),
    Mode.CALENDAR: frozenset({Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR}),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """An interval of the local day that is no working time (a prayer, a weekly meeting)."""

    start: int  # minute of the local day
    end: int
    day: date | None = None  # None = every day


@dataclass(frozen=True, slots=True)
class Season:
    """Other weekly hours for a stretch of every year, or of one: from its first day to its last, both included."""

    first: tuple[int, ...]  # month and day; or year, month and day
    last: tuple[int, ...]  # a stretch of every year may go on into the next one
    week: tuple[Windows, ...]  # Monday first

    def __post_init__(self) -> None:
        if len(self.first) != len(self.last) or len(self.first) not in (2, 3):
            raise SpecError("a season lies between two days of the year, or between two dates")
        if len(self.week) != 7:
            raise SpecError(f"a week has seven days, Monday first; {len(self.week)} are given")
        if self.is_dated and self.last < self.first:
            raise SpecError("a season ends before it begins")

    @property
    def is_dated(self) -> bool:
        """Whether it is a stretch of one year only; that goes before what is said of every year."""
        return len(self.first) == 3

    def __str__(self) -> str:
        return "..".join("-".join(f"{number:02}" for number in day) for day in (self.first, self.last))

    def covers(self, day: date) -> bool:
        at = (day.year, day.month, day.day)[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class Prayers:
    """The five daily prayers at a place: each is no working time for so many minutes from its time on."""

    latitude: float
    longitude: float
    minutes: int
    method: str  # whose way of computing: "umm_al_qura" ...

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= MAX_LATITUDE and abs(self.longitude) <= 180):
            raise SpecError(
                f"prayer times are known from {MAX_LATITUDE} degrees south to {MAX_LATITUDE} north; "
                f"{self.latitude}, {self.longitude} is no such place"
            )
        if not 0 < self.minutes <= MAX_PRAYER:
            raise SpecError(f"a prayer takes 1 to {MAX_PRAYER} minutes, not {self.minutes}")

    @property
    def place(self) -> str:
        """The key of its times in an edition."""
        return f"{self.method} {self.latitude:.4f} {self.longitude:.4f}"

    def __str__(self) -> str:
        return f"prayers({self.latitude:g}, {self.longitude:g}, {self.minutes} min)"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarSpec:
    """A calendar as a pack writes it. Hashable; `bake` turns it into something that counts."""

    tz: str
    week: tuple[Windows, ...]  # Monday first
    days: str | None = None  # public holidays: "CN", "DE", "DE-BY"; None = no holidays
    categories: tuple[str, ...] = ()  # which kinds of them: ("optional",); () = the country's public holidays
    exceptions: tuple[tuple[date, Windows], ...] = ()  # a date's own windows; () = closed
    closed: tuple[tuple[date, date], ...] = ()  # first and last dates of stretches without any windows
    seasons: tuple[Season, ...] = ()  # other hours for a part of the year
    less: tuple[Taken, ...] = ()
    prayers: Prayers | None = None
    day: int = 8 * 3600  # seconds of a standard day of work
    make_up: Windows | None = None  # windows of a make-up working day; None = those of the first working weekday

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise SpecError(f"a week has seven days, Monday first; {len(self.week)} are given")
        for number, windows in enumerate(self.week):
            _check_windows(windows, f"weekday {number + 1}")
        for season in self.seasons:
            for number, windows in enumerate(season.week):
                _check_windows(windows, f"weekday {number + 1} of a season")
        if any(last < first for first, last in self.closed):
            raise SpecError("a stretch of closed dates ends before it begins")
        for on, windows in self.exceptions:
            _check_windows(windows, f"the exception for {on}")
        if len({on for on, _ in self.exceptions}) != len(self.exceptions):
            raise SpecError("a date has two exceptions: join them into one")
        if self.make_up is not None:
            _check_windows(self.make_up, "make-up working days")
        for taken in self.less:
            _check_windows(((taken.start, taken.end),), "an interval taken out")
        if self.day <= 0:
            raise SpecError("a standard day of work must be longer than nothing, such as 8 h")

    @property
    def days_key(self) -> str | None:
        """Return the key under which an edition knows its days off; None = no holidays."""
        return days_key(self.days, self.categories) if self.days is not None else None

    def season_on(self, day: date) -> Season | None:
        """Return the season of a date: one of a single year before one of every year."""
        found = [season for season in self.seasons if season.covers(day)]
        return next((season for season in found if season.is_dated), found[0] if found else None)

    def week_on(self, day: date) -> tuple[Windows, ...]:
        """Return the windows of the seven weekdays as they are at a date."""
        season = self.season_on(day) if self.seasons else None
        return self.week if season is None else season.week

    def made_up(self, day: date) -> Windows:
        """Return when people work on a date that is a make-up working day."""
        if self.make_up is not None:
            return self.make_up
        return next((windows for windows in self.week_on(day) if windows), ())


def days_key(code: str, categories: tuple[str, ...] = ()) -> str:
    """Return "HK", or with kinds of days "HK:optional,public"."""
    return f"{code}:{','.join(sorted(categories))}" if categories else code


def split_key(key: str) -> tuple[str, tuple[str, ...]]:
    """Return the code and the kinds of days of a key."""
    code, _, categories = key.partition(":")
    return code, tuple(categories.split(",")) if categories else ()


def country_of(key: str) -> str:
    """Return the country of a key or code: HK of "HK:optional", DE of "DE-BY"."""
    return split_key(key)[0].partition("-")[0]


def _check_windows(windows: Windows, where: str) -> None:
    for start, end in windows:
        if not 0 <= start < end <= DAY_MINUTES:
            raise SpecError(
                f"{where}: a window must start before it ends, between 00:00 and 24:00; "
                "write a night shift as two windows, one up to 24:00 and one from 00:00 of the next day"
            )
    for before, after in pairwise(windows):
        if after[0] < before[1]:
            raise SpecError(f"{where}: windows must be in order and must not overlap")
