"""Sentences about time in every language of the catalogue: dates, lengths, reasons."""

from __future__ import annotations

from datetime import date

from ombud.texts import Catalogue, Text, joined

WORDS = Catalogue("ombud.worktime", "data/words.yaml")


def text(key: str, **values: object) -> Text:
    """Return a sentence of the catalogue with its values filled in."""
    return WORDS.say(key, **values)


def count_text(key: str, n: int) -> Text:
    """Return "1 month" or "3 months"."""
    return text(key if n == 1 else f"{key}_many", n=n)


def date_text(day: date) -> Text:
    months, weekdays = WORDS.entry("months"), WORDS.entry("weekdays")
    return text(
        "date",
        year=day.year,
        month={language: names[day.month - 1] for language, names in months.items()},
        day=day.day,
        weekday={language: names[day.weekday()] for language, names in weekdays.items()},
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
    return joined(parts, WORDS.entry("comma"))
