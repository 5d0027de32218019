"""Times of prayer at a place, day by day: computed by a library of astronomy, baked into editions, read from there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ombud.worktime.arithmetic import day_number
from ombud.worktime.spec import DAY_MINUTES, Prayers, Window
from ombud.worktime.zones import Zone

NAMES = ("fajr", "dhuhr", "asr", "maghrib", "isha")
RAMADAN = 9

#: Whose way of computing a country follows; elsewhere that of the Muslim World League.
METHODS: Mapping[str, str] = {
    "SA": "umm_al_qura",
    "AE": "dubai",
    "QA": "qatar",
    "KW": "kuwait",
    "EG": "egyptian",
    "PK": "karachi",
    "SG": "singapore",
    "MY": "jakim",
}
ELSEWHERE = "muslim_world_league"

Year = tuple[tuple[int, ...], ...]  # for each day of a year the minutes of its prayers after 00:00 UTC of that date
Years = Mapping[int, Year]

_DAY = 86400


@lru_cache(maxsize=64)
def computed_year(place: str, year: int) -> Year:
    """Return the times of a year at a place (`Prayers.place`) as the library computes them, to the minute."""
    # Only who has such a calendar waits for the library to be loaded.
    from alfalak import CalculationMethod, CalculationParameters, Coordinates, PrayerTimes

    method, latitude, longitude = place.split()
    where = Coordinates(float(latitude), float(longitude))
    usual, in_ramadan = (
        CalculationParameters(method=CalculationMethod[method.upper()], is_ramadan=is_ramadan)
        for is_ramadan in (False, True)
    )
    fasting = _ramadan(year)
    rows = []
    for day in days_of(year):
        parameters = in_ramadan if day in fasting else usual
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)  # of which it takes the date alone
        times = PrayerTimes(where, noon, calculation_parameters=parameters)
        midnight = day_number(day) * _DAY
        rows.append(tuple((int(getattr(times, name).timestamp()) - midnight) // 60 for name in NAMES))
    return tuple(rows)


def _ramadan(year: int) -> frozenset[date]:
    """Return the days of the month of fasting, when the night prayer of some methods is later.

    By the calendar of fixed rules, which the moon that is seen may differ from by a day; the one of Umm al-Qura takes
    the library seconds a month.
    """
    from alfalak import HijriDate, TabularCalendar

    calendar = TabularCalendar()
    hijri = (year - 622) * 33 // 32  # the year of the flight, as months of the moon count it, to within one
    found = []
    for candidate in range(hijri - 1, hijri + 3):
        first = calendar.to_gregorian(HijriDate(candidate, RAMADAN, 1))
        found += [first + timedelta(days=number) for number in range(calendar.month_length(candidate, RAMADAN))]
    return frozenset(found)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


class PrayerDays:
    """Which intervals of a local day the prayers take out of its windows."""

    __slots__ = ("_length", "_years", "_zone")

    def __init__(self, place: Prayers, years: Years, zone: Zone) -> None:
        self._length, self._years, self._zone = place.minutes * 60, years, zone

    def taken(self, day: date) -> list[Window]:
        """Return the intervals of a date, in local minutes; one that began before midnight reaches into it."""
        midnight = day_number(day) * _DAY  # on the wall clock
        starts = [*self._starts(day - timedelta(days=1))[-1:], *self._starts(day)]
        spans = [(start - midnight, start - midnight + self._length) for start in starts]
        minutes = [(max(0, start // 60), min(DAY_MINUTES, -(-end // 60))) for start, end in spans]
        return [(start, end) for start, end in minutes if start < end]

    def _starts(self, day: date) -> list[int]:
        """Return what the wall clock shows at each prayer of a date."""
        midnight = day_number(day) * _DAY
        return [self._zone.local(midnight + minute * 60) for minute in self._row(day)]

    def _row(self, day: date) -> tuple[int, ...]:
        year = self._years.get(day.year)
        if year is None:
            # The sun does the same every four years, to a few seconds: the nearest year of the same place among them.
            alike = [known for known in self._years if (known - day.year) % 4 == 0]
            year = self._years[min(alike, key=lambda known: abs(known - day.year))]
        return year[min(day.timetuple().tm_yday, len(year)) - 1]
