"""Sentences about time in every language of the catalogue: dates, lengths, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

Text = Mapping[str, str]
LANGUAGES = ("zh", "en")


def text(key: str, **values: object) -> Text:
    """Return a sentence of the catalogue with its values filled in; a value that is a Text is taken by language."""
    templates = _catalogue()[key]
    return {
        language: templates[language].format(**{name: _pick(value, language) for name, value in values.items()})
        for language in LANGUAGES
    }


def count_text(key: str, n: int) -> Text:
    """Return "1 month" or "3 months"."""
    return text(key if n == 1 else f"{key}_many", n=n)


def date_text(day: date) -> Text:
    catalogue = _catalogue()
    return text(
        "date",
        year=day.year,
        month={language: catalogue["months"][language][day.month - 1] for language in LANGUAGES},
        day=day.day,
        weekday={language: catalogue["weekdays"][language][day.weekday()] for language in LANGUAGES},
    )


def stretch_text(first: date, last: date) -> Text:
    if first == last:
        return date_text(first)
    return text("stretch", first=date_text(first), last=date_text(last))


def time_text(second: int) -> str:
    """Return HH:MM of a second of the day, 24:00 for its end; seconds only where there are any."""
    hours, rest = divmod(second, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def length_text(seconds: int) -> Text:
    hours, rest = divmod(seconds, 3600)
    minutes = rest // 60
    if hours and minutes:
        return text("hours_minutes", hours=hours, minutes=minutes)
    if hours:
        return text("hours", hours=hours)
    return text("minutes", minutes=minutes) if minutes or not seconds else text("seconds", seconds=seconds)


def join(parts: list[str]) -> Text:
    comma = _catalogue()["comma"]
    return {language: comma[language].join(parts) for language in LANGUAGES}


def _pick(value: object, language: str) -> object:
    if isinstance(value, Mapping):
        # Names of foreign holidays often exist in English alone.
        return value.get(language) or value.get("en") or next(iter(value.values()))
    return value


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Any]:
    source = files("ombud.worktime").joinpath("data/words.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(source, Loader=yaml.BaseLoader)
    return data
