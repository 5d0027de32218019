"""Calendars and instants that the working-time tests share."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ombud.worktime import WHOLE_DAY, Calendar, CalendarSpec, Edition, bake

NINE_TO_SIX = ((9 * 60, 18 * 60),)
WEEKDAYS = (NINE_TO_SIX,) * 5 + ((), ())
EDITION = Edition.shipped(2026)

OFFICE = CalendarSpec(tz="Asia/Shanghai", week=WEEKDAYS, days="CN")
SPLIT = CalendarSpec(tz="Asia/Shanghai", week=(((540, 720), (780, 1080)),) * 5 + ((), ()), days="CN")
DAILY = CalendarSpec(tz="Asia/Shanghai", week=(((540, 1260),),) * 7)
ALWAYS = CalendarSpec(tz="Asia/Shanghai", week=(WHOLE_DAY,) * 7)
BERLIN = CalendarSpec(tz="Europe/Berlin", week=WEEKDAYS, days="DE")
NEW_YORK = CalendarSpec(tz="America/New_York", week=WEEKDAYS, days="US")
RIYADH = CalendarSpec(tz="Asia/Riyadh", week=(NINE_TO_SIX,) * 4 + ((), (), NINE_TO_SIX), days="SA")


def baked(spec: CalendarSpec, *, edition: Edition = EDITION) -> Calendar:
    return bake(spec, edition=edition)


def endless(spec: CalendarSpec) -> Calendar:
    """Return a calendar that counts beyond the horizon too."""
    return bake(spec, edition=EDITION, beyond="statutory")


def at(text: str, tz: str = "Asia/Shanghai") -> int:
    """Return the instant of "2025-03-06 16:30" on the wall clock of a zone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).timestamp())


def shown(instant: int, tz: str = "Asia/Shanghai") -> str:
    """Return what the wall clock of a zone shows, with the weekday."""
    return datetime.fromtimestamp(instant, ZoneInfo(tz)).strftime("%a %Y-%m-%d %H:%M")
