"""Working hours and time limits of a pack in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.interface.days import day_of_year, whole_day
from ombud.interface.lists import listed, set_apart, told_of
from ombud.interface.locales import locale
from ombud.policy.model.limits import EARLIEST, Limit
from ombud.worktime import WHOLE_DAY, CalendarSpec, Mode, Season, Unit, Windows
from ombud.worktime.elsewhere import week_by


def hours(spec: CalendarSpec) -> str:
    """Return weekly opening hours such as "Mon-Fri 09:00-18:00", and those of the seasons."""
    seasons = [told_of(season_text(each), _week(each.week, spec.days)) for each in spec.seasons]
    return set_apart([_week(spec.week, spec.days), *seasons])


def hours_by(spec: CalendarSpec, zone: ZoneInfo, at: datetime) -> str:
    """Return weekly opening hours by a zone's clock, as the clocks stand at an instant."""
    told = _week(week_by(spec, zone, at), spec.days)
    return set_apart([told, _("without prayer times")]) if spec.prayers else told


def season_text(season: Season) -> str:
    """Return from when to when a season lasts: "15 Jun-15 Sep", with the years where it is one of a single year."""
    if season.is_dated:
        return "\u2013".join(whole_day(date(*day)) for day in (season.first, season.last))
    days = (date(2000, *day) for day in (season.first, season.last))  # a year that has every day
    return "\u2013".join(day_of_year(day) for day in days)


def _week(week: tuple[Windows, ...], days: str | None) -> str:
    if all(windows == WHOLE_DAY for windows in week):
        return _("24 hours, every day")
    if len(set(week)) == 1:
        return _("Daily {times}").format(times=_times(week[0])) if week[0] else _("Closed all week")
    workdays = week[:5]
    if days and len(set(workdays)) == 1 and workdays[0] and not any(week[5:]):
        return _("Working days {times}").format(times=_times(workdays[0]))
    return set_apart(f"{names} {_times(windows)}" for names, windows in _runs(week) if windows)


def _runs(week: tuple[Windows, ...]) -> Iterator[tuple[str, Windows]]:
    names = locale().days["stand-alone"]["abbreviated"]
    for windows, days in groupby(range(7), key=week.__getitem__):
        run = list(days)
        yield (names[run[0]] if len(run) == 1 else f"{names[run[0]]}\u2013{names[run[-1]]}"), windows


def _times(windows: Windows) -> str:
    return listed(f"{_clock(start)}\u2013{_clock(end)}" for start, end in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def limit(value: Limit) -> str:
    """Return a limit such as "within 3 working days"; of one that depends on a grade, the shortest and the longest."""
    if value.order is not None:
        parts = _(" or ").join(words for each in value.cases.values() if (words := limit(each)))
        first = value.order == EARLIEST
        return (_("{limits}, whichever comes first") if first else _("{limits}, whichever comes last")).format(
            limits=parts
        )
    lengths = sorted({(_seconds(each), _length(each)) for each in _lengths(value)})
    found = list(dict.fromkeys(words for _size, words in lengths if words))
    if not found:
        return ""
    if len(found) == 1:
        return _("within {length}").format(length=found[0])
    return _("within {shortest} to {longest}").format(shortest=found[0], longest=found[-1])


_SECONDS = {
    Unit.MINUTE: 60,
    Unit.HOUR: 3600,
    Unit.WORKDAY: 86400,
    Unit.DAY: 86400,
    Unit.WEEK: 7 * 86400,
    Unit.MONTH: 30 * 86400,
    Unit.YEAR: 365 * 86400,
}


def _seconds(value: Limit) -> int:
    """Return about how long it is: enough to put limits in order."""
    return (value.length or 0) * (_SECONDS[value.unit] if value.unit else 0)


def _lengths(value: Limit) -> Iterator[Limit]:
    if value.length is not None:
        yield value
    for each in (*value.cases.values(), value.otherwise):
        if each is not None:
            yield from _lengths(each)


def _length(value: Limit) -> str:
    n = value.length or 0
    match value.unit, value.mode:
        case Unit.MINUTE, Mode.BUSINESS:
            return ngettext("{n} minute of working time", "{n} minutes of working time", n).format(n=n)
        case Unit.MINUTE, _:
            return ngettext("{n} minute", "{n} minutes", n).format(n=n)
        case Unit.HOUR, Mode.BUSINESS:
            return ngettext("{n} hour of working time", "{n} hours of working time", n).format(n=n)
        case Unit.HOUR, _:
            return ngettext("{n} hour", "{n} hours", n).format(n=n)
        case Unit.WORKDAY, _:
            return ngettext("{n} working day", "{n} working days", n).format(n=n)
        case Unit.DAY, _:
            return ngettext("{n} day", "{n} days", n).format(n=n)
        case Unit.WEEK, _:
            return ngettext("{n} week", "{n} weeks", n).format(n=n)
        case Unit.MONTH, _:
            return ngettext("{n} month", "{n} months", n).format(n=n)
        case Unit.YEAR, _:
            return ngettext("{n} year", "{n} years", n).format(n=n)
    return ""
