"""What a calendar has at certain dates only: exceptions, stretches that are closed, seasons with other hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import combinations

from ombud.policy.mapping_reader import MappingReader, capital
from ombud.policy.source import Entries, Entry, Node, Scalar
from ombud.worktime import Season, Windows
from ombud.worktime.plan import dates

Week = tuple[Windows, ...]
Stretch = tuple[date, date]

CLOSED = "closed"
BETWEEN = ".."
LONGEST_CLOSED = 183  # days: what is closed for longer is rather a slip of the pen
_DAY_OF_YEAR = re.compile(r"(\d\d)-(\d\d)\Z")
_LEAP = 2000  # a year that has every day


def read_exceptions(
    form: MappingReader, read_windows: Callable[[Node, MappingReader], Windows]
) -> tuple[tuple[tuple[date, Windows], ...], tuple[Stretch, ...]]:
    """Return the windows of single dates, and the stretches of dates that are closed."""
    node = form.get("exceptions")
    if node is not None and not isinstance(node, Entries):
        form.problems.add(node.place, f'"exceptions" of {form.what} must be a mapping from dates to windows or closed.')
    found: list[tuple[date, Windows]] = []
    closed: list[Stretch] = []
    for key, entry in node.entries.items() if isinstance(node, Entries) else ():
        if BETWEEN in key:
            closed += _closed(key, entry, form, closed)
            continue
        try:
            found.append((date.fromisoformat(key), read_windows(entry.value, form)))
        except ValueError:
            form.problems.add(
                entry.key.place,
                f'"{key}" in "exceptions" of {form.what} is not a date such as 2026-10-10, nor a stretch of dates '
                "such as 2026-12-24..2027-01-02.",
            )
    return tuple(sorted(found)), tuple(sorted(closed))


def _closed(key: str, entry: Entry, form: MappingReader, earlier: list[Stretch]) -> list[Stretch]:
    what = f'"{key}" in "exceptions" of {form.what}'
    try:
        first, last = (date.fromisoformat(each.strip()) for each in key.split(BETWEEN))
    except ValueError:
        form.problems.add(entry.key.place, f"{what} is no stretch of dates such as 2026-12-24..2027-01-02.")
        return []
    if not isinstance(entry.value, Scalar) or entry.value.text != CLOSED:
        form.problems.add(
            entry.value.place,
            f"{what} gives hours, which would open its weekends and holidays too. A stretch of exceptions can only be "
            'closed: write other hours for a while under "seasons".',
        )
        return []
    if not 0 <= (last - first).days < LONGEST_CLOSED:
        form.problems.add(
            entry.key.place, f"{what} must end after it begins, and within {LONGEST_CLOSED} days. Correct a date."
        )
        return []
    if any(first <= end and begin <= last for begin, end in earlier):
        form.problems.add(entry.key.place, f"{what} overlaps another stretch. Write each date once.")
    return [(first, last)]


def read_seasons(form: MappingReader, read_week: Callable[[Node, MappingReader], Week]) -> tuple[Season, ...]:
    """Return the stretches of the year, or of one year, with hours of their own."""
    node = form.get("seasons")
    if node is not None and not isinstance(node, Entries):
        form.problems.add(
            node.place, f'"seasons" of {form.what} must be a mapping from stretches to the hours in them.'
        )
    found: list[tuple[Season, Entry]] = []
    for key, entry in node.entries.items() if isinstance(node, Entries) else ():
        days = [_day(each.strip()) for each in key.split(BETWEEN)]
        if len(days) != 2 or not all(days) or len(days[0]) != len(days[1]) or (len(days[0]) == 3 and days[1] < days[0]):
            form.problems.add(
                entry.key.place,
                f'"{key}" in "seasons" of {form.what} is no stretch of every year such as "06-15..09-15", nor of '
                "one year such as 2026-02-18..2026-03-19.",
            )
            continue
        found.append((Season(days[0], days[1], read_week(entry.value, form)), entry))
    for (one, _), (other, entry) in combinations(found, 2):
        if one.is_dated == other.is_dated and _overlap(one, other):
            form.problems.add(
                entry.key.place,
                f"{capital(form.what)} has two seasons for the same days. Let each day of the year have one.",
            )
    return tuple(season for season, _ in found)


def _day(text: str) -> tuple[int, ...]:
    """Return a day of the year (06-15) or a date as numbers; nothing for what is neither."""
    try:
        if match := _DAY_OF_YEAR.match(text):
            day = date(_LEAP, int(match[1]), int(match[2]))
            return day.month, day.day
        day = date.fromisoformat(text)
    except ValueError:
        return ()
    return day.year, day.month, day.day


def _overlap(one: Season, other: Season) -> bool:
    if one.is_dated:
        return one.first <= other.last and other.first <= one.last
    return any(one.covers(day) and other.covers(day) for day in dates(date(_LEAP, 1, 1), date(_LEAP, 12, 31)))
