"""Who answers to whom, and whose calendar counts, said otherwise; and the working time of the calendars themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from ombud.checks.messages import phrase
from ombud.checks.mutation.limits import other_calendar
from ombud.checks.mutation.mutant import Change, Changes, next_of
from ombud.checks.mutation.words import role_word
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Department, Office, Role
from ombud.policy.model.source import Place
from ombud.texts import Text, same
from ombud.worktime import Window, Windows

HALF_HOUR = 30


def role_changes(pack: Pack, role: Role) -> Changes:
    """Yield the role with another boss, or of another department."""
    internal = [id for id, each in pack.roles.items() if not each.is_external]
    if role.boss is not None:
        other = next_of(internal, role.boss, without=[role.id])
        if other is not None:
            words = role_word(pack, role.boss), role_word(pack, other)
            yield Change(part="boss", old=words[0], new=words[1], at=role.at, entry=replace(role, boss=other))
    if role.department is not None:
        other = next_of(list(pack.departments), role.department)
        if other is not None:
            old, new = pack.departments[role.department].title, pack.departments[other].title
            yield Change(part="department", old=old, new=new, at=role.at, entry=replace(role, department=other))


def holder_changes(pack: Pack, holder: Department | Office) -> Changes:
    """Yield the department or office with another calendar."""
    other = other_calendar(pack, holder.calendar) if holder.calendar else None
    if other is not None and holder.calendar is not None:
        entry = replace(holder, calendar=other)
        yield Change(part="calendar", old=same(holder.calendar), new=same(other), at=holder.at, entry=entry)


def calendar_changes(pack: Pack, id: str, at: Place) -> Changes:
    """Yield the calendar in another zone, with other hours, without holidays or exceptions."""
    spec = pack.calendars[id]
    zone = "Asia/Tokyo" if spec.tz != "Asia/Tokyo" else "Asia/Shanghai"
    yield Change(part="zone", old=same(spec.tz), new=same(zone), at=at, entry=replace(spec, tz=zone))
    if spec.days is not None:
        yield Change(part="days", old=same(spec.days), new=phrase("none"), at=at, entry=replace(spec, days=None))
    for windows in dict.fromkeys(spec.week):
        for changed in _hours(windows):
            week = tuple(changed if each == windows else each for each in spec.week)
            yield Change(part="hours", old=_spell(windows), new=_spell(changed), at=at, entry=replace(spec, week=week))
    for index, (on, windows) in enumerate(spec.exceptions):
        left = (*spec.exceptions[:index], *spec.exceptions[index + 1 :])
        old = same(f"{on} {_spell(windows)['en']}".strip())
        yield Change(part="exception", old=old, new=phrase("none"), at=at, entry=replace(spec, exceptions=left))
    for index, (first, last) in enumerate(spec.closed):
        entry = replace(spec, closed=(*spec.closed[:index], *spec.closed[index + 1 :]))
        yield Change(part="exception", old=same(f"{first}..{last}"), new=phrase("none"), at=at, entry=entry)
    for index, season in enumerate(spec.seasons):
        entry = replace(spec, seasons=(*spec.seasons[:index], *spec.seasons[index + 1 :]))
        yield Change(part="season", old=same(str(season)), new=phrase("none"), at=at, entry=entry)
    if spec.less:
        old = phrase("taken", count=len(spec.less))
        yield Change(part="less", old=old, new=phrase("none"), at=at, entry=replace(spec, less=()))
    if spec.prayers is not None:
        old = same(str(spec.prayers))
        yield Change(part="less", old=old, new=phrase("none"), at=at, entry=replace(spec, prayers=None))


def _hours(windows: Windows) -> Iterator[Windows]:
    """Yield the windows of a day with one beginning or end half an hour into its window."""
    for index, (start, end) in enumerate(windows):
        if end - start <= HALF_HOUR:
            continue
        for window in ((start + HALF_HOUR, end), (start, end - HALF_HOUR)):
            changed: list[Window] = [*windows[:index], window, *windows[index + 1 :]]
            if all(before[1] <= after[0] for before, after in pairwise(changed)):
                yield tuple(changed)


def _spell(windows: Windows) -> Text:
    spans = (f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}" for start, end in windows)
    return same(", ".join(spans))
