"""Working hours and time limits of a pack in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.interface.fact_text import locale
from ombud.policy.model import Limit
from ombud.worktime import WHOLE_DAY, CalendarSpec, Mode, Unit, Windows


def hours(spec: CalendarSpec) -> str:
    """Return weekly opening hours such as "Mon-Fri 09:00-18:00"."""
    if all(windows == WHOLE_DAY for windows in spec.week):
        return _("24 hours, every day")
    if len(set(spec.week)) == 1:
        return _("Daily {times}").format(times=_times(spec.week[0]))
    workdays = spec.week[:5]
    if spec.days and len(set(workdays)) == 1 and workdays[0] and not any(spec.week[5:]):
        return _("Working days {times}").format(times=_times(workdays[0]))
    return "; ".join(f"{days} {_times(windows)}" for days, windows in _runs(spec.week) if windows)


def _runs(week: tuple[Windows, ...]) -> Iterator[tuple[str, Windows]]:
    names = locale().days["stand-alone"]["abbreviated"]
    for windows, days in groupby(range(7), key=week.__getitem__):
        run = list(days)
        yield (names[run[0]] if len(run) == 1 else f"{names[run[0]]}\u2013{names[run[-1]]}"), windows


def _times(windows: Windows) -> str:
    return ", ".join(f"{_clock(start)}\u2013{_clock(end)}" for start, end in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def limit(value: Limit) -> str:
    """Return a limit such as "within 3 working days"; of one that depends on a grade, the shortest and the longest."""
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
