"""Days in the reader's words: one way of writing a date on every page and on paper, and the one of letters."""

from __future__ import annotations

import functools
from datetime import date

from babel.dates import format_date
from django.utils import formats
from django.utils.translation import get_language, pgettext

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


@functools.lru_cache(maxsize=2048)
def _whole(day: date, _language: str) -> str:
    return formats.date_format(day, pgettext("date format of another year", "j M Y"))


@functools.lru_cache(maxsize=2048)
def _of_year(day: date, _language: str) -> str:
    return formats.date_format(day, pgettext("date format within the year", "j M"))
