"""Public holidays of a country or subdivision, year by year, from the `holidays` package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from ombud.worktime.errors import UnknownDaysError

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


@lru_cache(maxsize=256)
def days_off(code: str, first: int, last: int) -> Mapping[date, Text]:
    """Return the public holidays of the years `first` to `last`; for the PRC the statutory days alone.

    Raises UnknownDaysError for a country or subdivision that the package does not know.
    """
    english = _by_language(code, first, last, _ENGLISH)
    chinese = _by_language(code, first, last, _CHINESE)
    if code == "CN":
        english = {day: name for day, name in english.items() if _is_statutory(name)}
    texts: dict[date, Text] = {}
    for day, name in english.items():
        text = {"en": name}
        if chinese is not english and day in chinese:
            text["zh"] = chinese[day]
        texts[day] = text
    return texts


def check(code: str) -> None:
    """Raise UnknownDaysError unless the holidays of the country or subdivision are known."""
    days_off(code, 2025, 2025)


def _is_statutory(name: str) -> bool:
    return all(part in _STATUTORY for part in name.split("; "))


def _by_language(code: str, first: int, last: int, wanted: tuple[str, ...]) -> dict[date, str]:
    country, _, subdivision = code.partition("-")
    try:
        known = holidays.country_holidays(country).supported_languages
        language = next((name for name in wanted if name in known), None)
        found = holidays.country_holidays(
            country,
            subdiv=subdivision or None,
            years=range(first, last + 1),
            language=language,
            observed=country != "CN",  # days in lieu of the PRC are announced, never derived
        )
    except NotImplementedError as error:
        raise UnknownDaysError(code, str(error)) from error
    return {day: name for day, name in found.items() if first <= day.year <= last}
