"""By whose clock a time is told: the place that a zone is called by, and how far the clock is from UTC."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from ombud.interface.locales import locale


def place_of(zone: ZoneInfo) -> str:
    """Return the place that a zone is called by, in the reader's language."""
    return str(get_timezone_location(zone, locale=locale(), return_city=True))


def distance(at: datetime) -> str:
    """Return how far from UTC a clock is: the reader may be in another zone still."""
    offset = f"{at:%z}"
    return f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:5]}" if offset[3:5] != "00" else "")
