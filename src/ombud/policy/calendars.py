"""The working time that a pack declares: windows of the week, holidays, exceptions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from zoneinfo import available_timezones

from ombud.policy.calendar_dates import read_exceptions, read_seasons
from ombud.policy.limits import read_length
from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.source import Entries, Entry, Items, Node, Scalar
from ombud.policy.symbol_table import SymbolTable
from ombud.worktime import (
    CalendarSpec,
    Mode,
    Prayers,
    SpecError,
    Taken,
    Unit,
    UnknownCategoryError,
    UnknownDaysError,
    daysoff,
)
from ombud.worktime.plan import DayPlan, dates
from ombud.worktime.prayer import ELSEWHERE, METHODS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED, ALWAYS = "closed", "24x7"
KEYS = ("tz", "week", "seasons", "days", "categories", "exceptions", "less", "make_up", "day", "cite", "title")
_PLAIN_YEAR = 2099  # of no season that is one year's alone
FULL_DAY = ((0, 24 * 60),)
_PRAYERS = re.compile(r"prayers\(([^,()]*),([^,()]*),([^,()]*)\)")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
HINT = 'a window is written as "09:00-18:00", until 24:00 at most'

Windows = tuple[tuple[int, int], ...]


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def read_calendars(node: Node | None, scope: SymbolTable) -> dict[str, tuple[CalendarSpec, MappingReader]]:
    """Return each calendar with the form that it was read from (for its place and clauses)."""
    return {id: _calendar(id, value, scope) for id, value in (ids(node, scope.problems, '"calendars"') if node else ())}


def _calendar(id: str, node: Node, scope: SymbolTable) -> tuple[CalendarSpec, MappingReader]:
    form = MappingReader(node, scope.problems, f'calendar "{id}"', KEYS)
    tz = form.word("tz")
    if form.require("tz", ": the time zone, such as Asia/Shanghai") and tz not in _zones():
        scope.problems.unknown(form.at("tz"), f"time zone in {form.what}", tz, _zones())
        tz = "UTC"
    so_far = len(scope.problems.found)
    week_node = form.require("week", ": when it is open, such as {mon-fri: 09:00-18:00}")
    week = _week(week_node, form) if week_node else ((),) * 7
    seasons = read_seasons(form, _week)
    exceptions, closed = read_exceptions(form, _windows)
    less, prayers = _less(form, scope)
    days, categories = _days_off(form)
    spec = CalendarSpec(
        tz=tz or "UTC",
        week=week,
        days=days,
        categories=categories,
        exceptions=exceptions,
        closed=closed,
        seasons=seasons,
        less=tuple(Taken(start, end) for start, end in less),
        prayers=prayers,
        make_up=_windows(make_up, form) if (make_up := form.get("make_up")) else None,
        day=_standard_day(form),
    )
    if "week" in form and len(scope.problems.found) == so_far and not _is_ever_open(spec):
        scope.problems.add(
            form.at("week"), f"{capital(form.what)} is never open, so no limit on it can end. Add windows."
        )
    return spec, form


def _days_off(form: MappingReader) -> tuple[str | None, tuple[str, ...]]:
    """Return whose public holidays count and which kinds of them; no kinds are the country's usual ones."""
    days = form.word("days")
    written = {scalar.text: scalar.place for scalar in form.scalars("categories")}
    if not days:
        if "categories" in form:
            form.problems.add(
                form.at("categories"),
                f'{capital(form.what)} has "categories" but no "days". Say whose holidays they are of.',
            )
        return None, ()
    try:
        daysoff.check(days, tuple(written))
    except UnknownCategoryError as error:
        problem = f'"{error.category}" in "categories" of {form.what} is no kind of days off of "{days}".'
        known = f"Known: {', '.join(error.offered)}." if error.offered else "They come from its yearly announcements."
        form.problems.add(written[error.category], f"{problem} {known}")
        return days, ()
    except UnknownDaysError:
        form.problems.add(
            form.at("days"),
            f'The public holidays of "{days}" in {form.what} are not known. Write a country or a subdivision '
            "such as CN, DE or DE-BY, or leave it out where holidays are working days.",
        )
        return None, ()
    return days, tuple(sorted(written))


def _week(node: Node, form: MappingReader) -> tuple[Windows, ...]:
    if isinstance(node, Scalar):
        if node.text != ALWAYS:
            form.problems.add(node.place, f"The hours of {form.what} must be a mapping from days to windows, or 24x7.")
        return (FULL_DAY,) * 7
    days: list[Windows] = [()] * 7
    written: dict[int, str] = {}
    for key, entry in node.entries.items() if isinstance(node, Entries) else ():
        for day in _days(key, entry, form):
            if day in written:
                form.problems.add(
                    entry.key.place,
                    f'{capital(form.what)} has {DAYS[day]} both in "{written[day]}" and in "{key}". Write it once.',
                )
            written[day] = key
            days[day] = _windows(entry.value, form)
    return tuple(days)


def _less(form: MappingReader, scope: SymbolTable) -> tuple[Windows, Prayers | None]:
    """Return what is no working time: intervals of each day such as "12:00-12:30", and the prayers at a place."""
    node = form.get("less")
    if node is None:
        return (), None
    items = node.items if isinstance(node, Items) else (node,)
    prayers = [item for item in items if isinstance(item, Scalar) and item.text.startswith("prayers")]
    windows = tuple(item for item in items if item not in prayers)
    if len(prayers) > 1:
        form.problems.add(prayers[1].place, f'"less" of {form.what} has prayers twice. Write the place once.')
    read = _prayers(prayers[0], form, scope) if prayers else None
    return _windows(Items(windows, node.place), form) if windows else (), read


def _prayers(node: Scalar, form: MappingReader, scope: SymbolTable) -> Prayers | None:
    """Return the prayers written as prayers(24.71, 46.68, 30 min): latitude, longitude, how long each takes."""
    match = _PRAYERS.fullmatch(node.text)
    try:
        latitude, longitude, lasting = (each.strip() for each in match.groups()) if match else ("", "", "")
        if not _DEGREES.fullmatch(latitude) or not _DEGREES.fullmatch(longitude):
            raise ValueError("write latitude, longitude and length in one pair of quotes")
        length, unit, _ = read_length(scope.parameters.get(lasting, lasting))
        if unit is not Unit.MINUTE:
            raise ValueError(f'a prayer is as long as some minutes, not "{lasting}"')
        country = form.word("days").partition("-")[0]
        return Prayers(float(latitude), float(longitude), length, METHODS.get(country, ELSEWHERE))
    except (ValueError, SpecError) as error:
        form.problems.add(
            node.place,
            f'"{node.text}" in {form.what} is no time of prayer: {error}. Write it as "prayers(24.71, 46.68, 30 min)".',
        )
        return None


def _is_ever_open(spec: CalendarSpec) -> bool:
    """Return whether anything of some day is left, in a year like any other, once breaks are taken out."""
    plan = DayPlan(replace(spec, exceptions=(), closed=()), None)
    return any(plan.windows(day) for day in dates(date(_PLAIN_YEAR, 1, 1), date(_PLAIN_YEAR, 12, 31)))


def _days(key: str, entry: Entry, form: MappingReader) -> list[int]:
    """Return the days of "mon-fri", "sun-thu", "mon, wed" or "daily"."""
    if key == "daily":
        return list(range(7))
    found: list[int] = []
    for part in key.split(","):
        ends = [end.strip() for end in part.split("-")]
        if len(ends) > 2 or any(end not in DAYS for end in ends):
            form.problems.unknown(entry.key.place, f"day in {form.what}", key, (*DAYS, "daily", "mon-fri"))
            return []
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return found


def _windows(node: Node, form: MappingReader) -> Windows:
    if isinstance(node, Scalar) and node.text == CLOSED:
        return ()
    items = node.items if isinstance(node, Items) else (node,)
    windows = tuple(window for item in items if (window := _window(item, form)))
    if any(later[0] < earlier[1] for earlier, later in pairwise(windows)):
        form.problems.add(
            node.place, f"The windows of {form.what} overlap or are out of order. Write them in the order of the day."
        )
        return FULL_DAY  # so that the calendar itself can be made and no second problem follows
    return windows if len(windows) == len(items) else FULL_DAY


def _window(node: Node, form: MappingReader) -> tuple[int, int] | None:
    text = node.text if isinstance(node, Scalar) else ""
    if text == "24h":
        return FULL_DAY[0]
    match = re.fullmatch(r"([0-2]?\d):([0-5]\d)\s*-\s*([0-2]?\d):([0-5]\d)", text)
    if match:
        start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
        if start < end <= 24 * 60:
            return start, end
    form.problems.add(
        node.place, f'"{text}" in {form.what} is not a window of a day: {HINT}; one over midnight is written as two.'
    )
    return None


def _standard_day(form: MappingReader) -> int:
    written = form.word("day")
    if not written:
        return 8 * 3600
    try:
        length, unit, mode = read_length(written)
        if unit not in (Unit.HOUR, Unit.MINUTE) or mode is Mode.BUSINESS or length == 0:
            raise ValueError
    except ValueError:
        form.problems.add(
            form.at("day"), f'"day" of {form.what} is the length of a standard day, such as 8 h, not "{written}".'
        )
        return 8 * 3600
    return length * (3600 if unit is Unit.HOUR else 60)
