"""Public holidays and moved working days of a country or subdivision, from the `holidays` package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version

import holidays

from ombud.worktime.errors import UnknownCategoryError, UnknownDaysError
from ombud.worktime.spec import country_of, days_key, split_key
from ombud.worktime.words import date_text
from ombud.worktime.words import text as words
from ombud.worktime.zones import LAST_YEAR

Text = Mapping[str, str]

_ENGLISH = ("en_US", "en_GB")
_CHINESE = ("zh_CN",)

#: The statutory days of the PRC by their names in `holidays`: everything else it lists there (days in lieu,
#: extensions, days that it guesses) is an announcement's business.
_STATUTORY = frozenset(
    {
        "New Year's Day",
        "Chinese New Year's Eve",
        "Chinese New Year (Spring Festival)",
        "Tomb-Sweeping Day",
        "Labor Day",
        "Dragon Boat Festival",
        "Mid-Autumn Festival",
        "National Day",
    }
)

#: Kinds of days in `holidays` on which people work, all day or half of it.
_WORKED = frozenset({"workday", "half_day"})

#: Up to which year a country moves no more working days than the package lists, where that is later than its list.
_NONE_MOVED_UNTIL = {
    "BG": LAST_YEAR,  # none since 2017: days in lieu of a weekend came instead (Labour Code art. 154)
    "TW": 2026,  # the Executive Yuan's office calendar of 2026 is the first without a make-up Saturday
    "UA": 2025,  # under martial law none is moved (Law 2136-IX art. 6)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDays:
    """What is known of a country's days: its days off and, where a yearly notice moves them, the make-up days."""

    off: tuple[tuple[date, tuple[tuple[str, str], ...]], ...]
    work: tuple[date, ...] = ()  # make-up working days
    source: str = ""  # where they are written
    moved_until: int | None = None  # the last year whose moves are known; None: no notice moves days, or one is entered

    def has_moves(self, year: int) -> bool:
        """Return whether what a notice moves in that year is among these days."""
        return self.moved_until is not None and year <= self.moved_until


@lru_cache(maxsize=256)
def known_days(key: str, first: int, last: int) -> KnownDays:
    """Return the days of the years `first` to `last`; for the PRC the statutory days off alone.

    Raises UnknownDaysError, UnknownCategoryError for what the package does not know.
    """
    code, categories = split_key(key)
    found = _read(code, categories, first, last, _ENGLISH)
    english = _in_years(found, first, last)
    chinese = _in_years(_read(code, categories, first, last, _CHINESE), first, last) if _speaks_chinese(found) else {}
    if code == "CN":
        english = {day: name for day, name in english.items() if _is_statutory(name)}
    texts = {day: {"en": name, **({"zh": chinese[day]} if day in chinese else {})} for day, name in english.items()}
    moves = {} if country_of(code) == "CN" else _moves(found)
    for day, instead in moves.items():
        if day in texts and ";" not in texts[day]["en"]:  # the package writes "(substituted from 01/10/2026)"
            texts[day] = dict(words("day_off_for", day=date_text(instead)))
    off = tuple((day, tuple(sorted(text.items()))) for day, text in sorted(texts.items()))
    if not moves or found.default_category not in found.categories:
        return KnownDays(off=off)  # days are swapped among those of the default category
    return KnownDays(
        off=off,
        work=tuple(day for day in sorted(found.weekend_workdays) if first <= day.year <= last),
        source=f"holidays {version('holidays')}",
        moved_until=max(*(day.year for day in moves), _NONE_MOVED_UNTIL.get(country_of(code), 0)),
    )


@lru_cache(maxsize=256)
def weekend_of(country: str) -> frozenset[int]:
    """Return a country's weekend as weekdays, 0 = Monday. Raises UnknownDaysError."""
    try:
        return frozenset(holidays.country_holidays(country).weekend)
    except NotImplementedError as error:
        raise UnknownDaysError(country, str(error)) from error


def check(code: str, categories: tuple[str, ...] = ()) -> None:
    """Raise UnknownDaysError unless the holidays are known, UnknownCategoryError unless such days off are."""
    known_days(days_key(code, categories), 2025, 2025)


def _moves(found: holidays.HolidayBase) -> dict[date, date]:
    """Return the days off that were moved, each with the date that it was moved from."""
    moves = {}
    for year, rows in getattr(found, "special_public_holidays", {}).items():
        for row in rows if isinstance(rows[0], tuple) else (rows,):  # a single one stands bare
            if len(row) > 3:  # three are a day off of its own: month, day, name
                month, day, from_month, from_day, *from_year = row
                moves[date(year, month, day)] = date(from_year[0] if from_year else year, from_month, from_day)
    return moves


def _is_statutory(name: str) -> bool:
    return all(part in _STATUTORY for part in name.split("; "))


def _speaks_chinese(found: holidays.HolidayBase) -> bool:
    return any(language in found.supported_languages for language in _CHINESE)


def _in_years(found: holidays.HolidayBase, first: int, last: int) -> dict[date, str]:
    return {day: name for day, name in found.items() if first <= day.year <= last}


def _read(
    code: str, categories: tuple[str, ...], first: int, last: int, wanted: tuple[str, ...]
) -> holidays.HolidayBase:
    country, _, subdivision = code.partition("-")
    if len(country) != 2:  # the package takes CHN for CN, but what is said here of CN would pass it by
        raise UnknownDaysError(code)
    try:
        known = holidays.country_holidays(country)
        offered = sorted(set(known.supported_categories) - _WORKED) if code != "CN" else []
        if unknown := [each for each in categories if each not in offered]:
            raise UnknownCategoryError(code, unknown[0], offered)
        return holidays.country_holidays(
            country,
            subdiv=subdivision or None,
            years=range(first, last + 1),
            language=next((name for name in wanted if name in known.supported_languages), None),
            observed=country != "CN",  # days in lieu of the PRC are announced, never derived
            categories=categories or None,
        )
    except NotImplementedError as error:
        raise UnknownDaysError(code, str(error)) from error
