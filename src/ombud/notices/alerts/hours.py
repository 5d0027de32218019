"""When something is told by a way: at once or together with other things, and not in its quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ombud.notices.alerts.models import Way

MORNING = time(8)


def when(way: Way, now: datetime, *, is_urgent: bool = False) -> datetime:
    """Return the first instant, from now on, at which the way tells; what is urgent waits for nothing."""
    if is_urgent:
        return now
    return _after_quiet(way, _next_round(way, now))


def _next_round(way: Way, now: datetime) -> datetime:
    if way.rhythm == Way.Rhythm.AT_ONCE:
        return now
    zone = ZoneInfo(way.tz)
    at, day = way.at or MORNING, now.astimezone(zone).date()
    for ahead in range(9):
        moment = _instant(day + timedelta(days=ahead), at, zone)
        is_day = way.rhythm == Way.Rhythm.DAILY or moment.astimezone(zone).weekday() == way.weekday
        if is_day and moment >= now:
            return moment
    raise AssertionError("a week has every weekday")


def _after_quiet(way: Way, moment: datetime) -> datetime:
    begin, end = way.quiet_from, way.quiet_until
    if begin is None or end is None or begin == end:
        return moment
    zone = ZoneInfo(way.tz)
    local = moment.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if begin < end:
        return _instant(local.date(), end, zone) if begin <= clock < end else moment
    if clock >= begin:  # it runs over midnight
        return _instant(local.date() + timedelta(days=1), end, zone)
    return _instant(local.date(), end, zone) if clock < end else moment


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
