"""When periodic duties fall due: every occurrence within a span of days, where each is held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ombud.policy.model.duties import Periodic
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.worktime import Calendar, Edition, bake

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One occurrence of a periodic duty."""

    periodic: Periodic
    period: str  # 2026-11, 2026-W47, 2026-11-21, 2026-Q4, 2026-H2, 2026; 2026/27-H1 where the year begins otherwise
    office: str | None  # whose it is, where each office or department has its own
    department: str | None
    at: datetime


def between(pack: Pack, periodic: Periodic, edition: Edition, first: date, last: date) -> Iterator[Planned]:
    """Yield the occurrences whose periods touch these days, for every office or department, oldest first."""
    for office, department in places(pack, periodic):
        spec = pack.calendars[calendar_of(pack, periodic, office, department)]
        calendar, zone = bake(spec, edition=edition, beyond="statutory"), ZoneInfo(spec.tz)
        for period, begins, ends in _periods(periodic.every, first, last, periodic.year_from):
            day, minutes = _day_of(periodic.on, begins, ends, calendar)
            if periodic.every == "workday" and not calendar.is_workday(day):
                continue
            at = _instant(day, minutes, calendar, zone)
            yield Planned(periodic=periodic, period=period, office=office, department=department, at=at)


def places(pack: Pack, periodic: Periodic) -> tuple[tuple[str | None, str | None], ...]:
    """Return (office, department) for everybody who has an occurrence of their own."""
    if periodic.per == OFFICE:
        return tuple((office, None) for office in pack.offices)
    if periodic.per == DEPARTMENT:
        return tuple((None, department) for department in pack.departments)
    return ((None, None),)


def calendar_of(pack: Pack, periodic: Periodic, office: str | None, department: str | None) -> str:
    """Return the calendar that an occurrence runs on: each one's own, unless the policy names one for all."""
    if periodic.on_own_calendar:
        own = pack.offices[office].calendar if office else pack.departments[department].calendar if department else None
        return own or pack.counting_calendar
    return periodic.calendar


def period_about(periodic: Periodic, day: date) -> tuple[str, date, date]:
    """Return (name, first day, last day) of the period of a periodic duty that a day lies in."""
    return next(each for each in _periods(periodic.every, day, day, periodic.year_from) if each[1] <= day <= each[2])


def _periods(every: str, first: date, last: date, year_from: tuple[int, int]) -> Iterator[tuple[str, date, date]]:
    """Yield (name, first day, last day) of the periods that touch the days from `first` to `last`.

    `year_from` is the month and day on which the year begins that months, quarters, half-years and years are parts of.
    """
    if every in ("day", "workday"):
        for day in _between(first, last):
            yield day.isoformat(), day, day
    elif every == "week":
        for monday in _between(first - timedelta(days=first.weekday()), last):
            if monday.weekday() == 0:
                year, week, _ = monday.isocalendar()
                yield f"{year}-W{week:02}", monday, monday + timedelta(days=6)
    else:
        length, (begins, since) = _MONTHS[every], year_from
        month = first.year * 12 + first.month - 1 - (first.day < since)
        month -= (month - begins + 1) % length
        while _day(month, since) <= last:
            yield _name(every, month, year_from), _day(month, since), _day(month + length, since) - timedelta(days=1)
            month += length


def _day(month: int, day: int) -> date:
    return date(month // 12, month % 12 + 1, day)


def _name(every: str, month: int, year_from: tuple[int, int]) -> str:
    """Return what a period that begins in a month, counted from the year 0 on, is called."""
    if every == "month":
        return f"{month // 12}-{month % 12 + 1:02}"
    year, number = divmod(month - year_from[0] + 1, 12)
    named = f"{year}" if year_from == (1, 1) else f"{year}/{(year + 1) % 100:02}"  # a year that ends in the next
    letter = {"quarter": f"-Q{number // 3 + 1}", "half-year": f"-H{number // 6 + 1}"}
    return f"{named}{letter.get(every, '')}"


def _day_of(on: str | None, first: date, last: date, calendar: Calendar) -> tuple[date, int | None]:
    """Return the day within a period that `on` names, and the minute of that day if it says one."""
    day, minutes = first, None
    for word in (on or "").replace("last workday", "last").replace("first workday", "first").split():
        if ":" in word:
            hour, _, minute = word.partition(":")
            minutes = int(hour) * 60 + int(minute)
        elif word.lower()[:3] in _DAYS:
            day = first + timedelta(days=_DAYS.index(word.lower()[:3]))
        elif word.isdecimal():
            day = min(first + timedelta(days=int(word) - 1), last)
        elif word == "last":
            day = next((each for each in _between(last, first) if calendar.is_workday(each)), last)
        elif word == "first":
            day = next((each for each in _between(first, last) if calendar.is_workday(each)), first)
    return day, minutes


def _between(first: date, last: date) -> Iterator[date]:
    step = 1 if first <= last else -1
    for offset in range(abs((last - first).days) + 1):
        yield first + timedelta(days=offset * step)


def _instant(day: date, minutes: int | None, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """Return the minute of the day, or the instant at which work begins on it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if minutes is not None:
        return (midnight + timedelta(minutes=minutes)).astimezone(UTC)
    return datetime.fromtimestamp(calendar.next_open(int(midnight.timestamp())), UTC)
