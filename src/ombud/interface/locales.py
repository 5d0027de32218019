"""Babel's locale for the reader's language."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale

from ombud.texts import code_of


def locale() -> Locale:
    """Return Babel's locale for the reader's language."""
    return locale_of(get_language() or "zh-hans")


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """Return Babel's locale for a language, or English where Babel knows no such language."""
    try:
        return Locale.parse(to_locale(code_of(tag)))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
