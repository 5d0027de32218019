"""Instants in the zone in which a case is handled, in words and as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ombud.worktime.ending import ending_text

if TYPE_CHECKING:
    from ombud.engine.limits import LimitPlan
    from ombud.engine.state import State


def zone_of(state: State, limit: LimitPlan | None = None) -> ZoneInfo:
    """Return the zone of the calendar on which a limit counts, of the case's office, else of the policy."""
    if limit is not None:
        return ZoneInfo(limit.calendar.spec.tz)
    pack = state.program.pack
    office = pack.offices.get(state.office or "")
    return ZoneInfo(pack.calendars[office.calendar].tz) if office and office.calendar else state.program.zone


def moment(state: State, at: int, limit: LimitPlan | None = None) -> str:
    """Return an instant in words: "2026-12-05 09:00"."""
    return datetime.fromtimestamp(at, zone_of(state, limit)).strftime("%Y-%m-%d %H:%M")


def end_moment(state: State, at: int, limit: LimitPlan | None = None) -> str:
    """Return an instant at which a limit ends in words: midnight is 24:00 of the day that ends."""
    return ending_text(datetime.fromtimestamp(at, zone_of(state, limit)))


def iso(at: int | None, zone: ZoneInfo) -> str | None:
    """Return an instant as RFC 3339 writes it, with the zone's offset."""
    return None if at is None else datetime.fromtimestamp(at, zone).isoformat()
