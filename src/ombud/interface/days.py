"""Days in the reader's words: one way of writing a date on every page and on paper, and the one of letters."""

from __future__ import annotations

import functools
import re
from datetime import date

from babel.dates import format_date, format_skeleton
from django.utils import formats
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from ombud.interface.locales import locale


def whole_day(day: date | str) -> str:
    """Return a day, or its ISO text, with its year: "28 Nov 2026"."""
    return _whole(date.fromisoformat(day) if isinstance(day, str) else day, get_language() or "")


def day_of_year(day: date) -> str:
    """Return a day without its year, for where the year is known: "28 Nov"."""
    return _of_year(day, get_language() or "")


def letter_day(day: date) -> str:
    """Return a day with its year as letters in this language write it: "November 28, 2026"."""
    return str(format_date(day, "long", locale=locale()))


_PERIOD = re.compile(r"(?P<year>[0-9]{4}(?:/[0-9]{2})?)(?:-(?P<kind>[QHW]?)(?P<number>[0-9]{1,2}))?")


def period_words(name: str) -> str:
    """Return the name of a period of a periodic duty in words: of "2026-10" "October 2026"."""
    if not name:
        return ""
    found = _PERIOD.fullmatch(name)
    if found is None:
        return letter_day(date.fromisoformat(name))
    year, kind, number = found["year"], found["kind"], int(found["number"] or 0)
    if not number:
        return year
    if not kind:
        return str(format_skeleton("yMMMM", date(int(year), number, 1), locale=locale()))
    said = {
        "Q": _("quarter {number} of {year}"),
        "H": _("half-year {number} of {year}"),
        "W": _("week {number} of {year}"),
    }
    return said[kind].format(number=number, year=year)


@functools.lru_cache(maxsize=2048)
def _whole(day: date, _language: str) -> str:
    return formats.date_format(day, pgettext("date format of another year", "j M Y"))


@functools.lru_cache(maxsize=2048)
def _of_year(day: date, _language: str) -> str:
    return formats.date_format(day, pgettext("date format within the year", "j M"))
