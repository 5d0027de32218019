"""Periodic duties: each occurrence is a case of its own procedure, opened when its time comes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from ombud.cases import commands
from ombud.clock.models import Occurrence
from ombud.engine.model import SYSTEM, Actor
from ombud.organisation import editions, library, publishing
from ombud.organisation.models import PolicyVersion
from ombud.policy.model import Pack, Periodic
from ombud.worktime import Calendar, bake

log = logging.getLogger(__name__)

CLOCK = Actor(person=SYSTEM, role="clock")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
BACK = 3  # periods looked back on: what fell due while no clock ran


def open_due(*, now: datetime) -> int:
    """Open the occurrences whose time has come and return how many."""
    opened = 0
    row = editions.current()
    if row is None:
        return 0
    edition = editions.read(row.edition)
    for version in publishing.policies_in_force(now=now):
        pack = library.pack(version.hash)
        for periodic in pack.periodic.values():
            calendar = bake(pack.calendars[periodic.calendar], edition=edition, beyond="statutory")
            zone = ZoneInfo(pack.calendars[periodic.calendar].tz)
            for period, at in occurrences(periodic, calendar, zone, now):
                # What fell due before the policy was in force was nobody's duty.
                if at <= now and version.published_at is not None and at >= version.published_at:
                    opened += _open(version, pack, periodic, period, at, now)
    return opened


def _open(version: PolicyVersion, pack: Pack, periodic: Periodic, period: str, at: datetime, now: datetime) -> bool:
    key = {"policy": version.policy, "periodic": periodic.id, "period": period}
    if Occurrence.objects.filter(**key).exists():
        return False
    procedure = pack.procedures[periodic.procedure]
    start = next(phase.id for phase in procedure.phases.values() if phase.is_start)
    first = next((act.id for act in procedure.acts.values() if "clock" in act.by and start in act.from_phases), None)
    if first is None:
        log.error("%s: no act of the clock begins %s", version, periodic.procedure)
        return False
    try:
        with transaction.atomic():
            received = commands.receive(
                version,
                channel="",
                language="zh",
                data={},
                actor=CLOCK,
                at=at,
                now=now,
                act=first,
                procedure=periodic.procedure,
            )
            Occurrence.objects.create(**key, due_at=at, case=received.case)
    except IntegrityError:
        return False  # another clock opened it at the same moment
    return True


def occurrences(
    periodic: Periodic, calendar: Calendar, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[str, datetime]]:
    """Yield (period, its instant) for the period of `now` and the last few before, oldest first."""
    today = now.astimezone(zone).date()
    for period, first, last in reversed(list(_periods(periodic.every, today))):
        day, minutes = _day_of(periodic.on, first, last, calendar)
        if periodic.every == "workday" and not calendar.is_workday(day):
            continue
        yield period, _instant(day, minutes, calendar, zone)


def _periods(every: str, today: date) -> Iterator[tuple[str, date, date]]:
    """Yield (name, first day, last day) of the period of today and those before it, newest first."""
    if every in ("day", "workday"):
        for back in range(BACK):
            day = today - timedelta(days=back)
            yield day.isoformat(), day, day
    elif every == "week":
        for back in range(BACK):
            first = today - timedelta(days=today.weekday() + 7 * back)
            year, week, _ = first.isocalendar()
            yield f"{year}-W{week:02}", first, first + timedelta(days=6)
    else:
        length = _MONTHS[every]
        begun = (today.year * 12 + today.month - 1) // length * length
        for back in range(BACK):
            month = begun - back * length
            yield _name(every, month), _first_of(month), _first_of(month + length) - timedelta(days=1)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _name(every: str, month: int) -> str:
    year, number = month // 12, month % 12
    letter = {"quarter": f"-Q{number // 3 + 1}", "half-year": f"-H{number // 6 + 1}", "year": ""}
    return f"{year}{letter.get(every, f'-{number + 1:02}')}"


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
