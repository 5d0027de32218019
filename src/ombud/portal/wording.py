"""Working hours and time limits of a pack in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from babel import Locale
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ombud.policy.model import Duty, Limit, Pack
from ombud.worktime import WHOLE_DAY, CalendarSpec, Mode, Unit, Windows


@dataclass(frozen=True, slots=True)
class Promise:
    """A duty towards the complainant, as the policy states it."""

    title: Any  # Text
    limit: str
    clauses: tuple[str, ...]


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
    names = Locale.parse(_locale()).days["stand-alone"]["abbreviated"]
    for windows, days in groupby(range(7), key=week.__getitem__):
        run = list(days)
        yield (names[run[0]] if len(run) == 1 else f"{names[run[0]]}\u2013{names[run[-1]]}"), windows


def _times(windows: Windows) -> str:
    return ", ".join(f"{_clock(start)}\u2013{_clock(end)}" for start, end in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def limit(value: Limit) -> str:
    """Return a limit such as "within 3 working days"; of one that depends on a grade, the longest and shortest."""
    found = list(dict.fromkeys(words for each in _lengths(value) if (words := _length(each))))
    if not found:
        return ""
    if len(found) == 1:
        return _("within {length}").format(length=found[0])
    return _("within {length}, depending on the case").format(length=" / ".join(found))


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


def promises(pack: Pack) -> tuple[Promise, ...]:
    """Return the duties that the complainant will notice: those that a public act discharges."""
    public = {id for id, act in pack.main.acts.items() if act.is_public}
    found = []
    for duty in pack.main.duties.values():
        if _is_ours(duty, pack) and any(act.partition(".")[0] in public for act in duty.do) and not duty.is_recurring:
            words = limit(duty.limit)
            if words:
                found.append(Promise(duty.title, words, duty.cite))
    return tuple(found)


def _is_ours(duty: Duty, pack: Pack) -> bool:
    role = pack.roles.get(duty.bearer.name) if duty.bearer.kind == "role" else None
    return role is None or not role.is_external


def _locale() -> str:
    return (get_language() or "zh-hans").replace("-hans", "_Hans").replace("-", "_")
