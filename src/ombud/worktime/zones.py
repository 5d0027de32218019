"""Time zones as tables: the instants at which a zone's offset from UTC changes."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ombud.worktime.errors import UnknownZoneError

FIRST_YEAR, LAST_YEAR = 1970, 2099  # what a zone table covers
_STEP = 3 * 86400  # seconds

ZoneTable = tuple[tuple[int, int], ...]  # (instant, offset in seconds from then on), oldest first


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"Factory", "localtime", "posixrules"})  # which are no zone, or any


def known_zone(name: object) -> str:
    """Return the name of a zone as it came from outside, or nothing where it names none."""
    return name if isinstance(name, str) and name in _zones() else ""


@lru_cache(maxsize=1)
def zones_of_places() -> tuple[str, ...]:
    """Return the zones that are called by a place, such as Europe/Berlin, in the order of their names."""
    return tuple(sorted(name for name in _zones() if "/" in name and not name.startswith("Etc/")))


@lru_cache(maxsize=128)
def zone_table(name: str) -> ZoneTable:
    """Return the changes of a zone's offset from 1970 to 2099; raises UnknownZoneError."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(name) from error
    first = _epoch(FIRST_YEAR) - 2 * 86400
    last = _epoch(LAST_YEAR + 1) + 2 * 86400
    table = [(first, _offset(zone, first))]
    # No zone has changed twice within three days, the nearest two being a week apart: such steps miss nothing.
    for instant in range(first, last, _STEP):
        after = _offset(zone, instant + _STEP)
        if after != table[-1][1]:
            table.append((_change(zone, instant, instant + _STEP), after))
    return tuple(table)


class Zone:
    """Conversion between instants and local seconds (seconds since 1970-01-01 on the wall clock)."""

    __slots__ = ("_instants", "_offsets")

    def __init__(self, table: ZoneTable) -> None:
        self._instants = [instant for instant, _ in table]
        self._offsets = [offset for _, offset in table]

    def offset(self, instant: int) -> int:
        return self._offsets[max(bisect_right(self._instants, instant) - 1, 0)]

    def local(self, instant: int) -> int:
        """Return what the wall clock shows, as seconds since 1970-01-01 00:00 local."""
        return instant + self.offset(instant)

    def instant(self, local: int) -> int:
        """Return the first instant whose wall clock has reached `local`.

        An ambiguous time is its first occurrence; a time that the clock jumps over is the instant of the jump.
        """
        low = bisect_right(self._instants, local - 86400) - 1
        if low == bisect_right(self._instants, local + 86400) - 1:  # nearly always: no change anywhere near
            return local - self._offsets[max(low, 0)]
        guess = local - self.offset(local)
        for candidate in sorted({local - self.offset(guess - 86400), guess, local - self.offset(guess + 86400)}):
            if candidate + self.offset(candidate) == local:
                return candidate
        # Jumped over: the change lies between the readings of the old and the new offset.
        return self._instants[bisect_right(self._instants, guess + 86400) - 1]

    def spans(self, local_start: int, local_end: int) -> list[tuple[int, int]]:
        """Return every stretch of instants whose wall clock shows a time in [local_start, local_end)."""
        low = bisect_right(self._instants, local_start - 86400) - 1
        high = bisect_right(self._instants, local_end + 86400) - 1
        if low == high:
            offset = self._offsets[max(low, 0)]
            return [(local_start - offset, local_end - offset)]
        found = []
        for index in range(max(low, 0), high + 1):
            offset = self._offsets[index]
            begins = max(local_start - offset, self._instants[index])
            ends = local_end - offset
            if index + 1 < len(self._instants):
                ends = min(ends, self._instants[index + 1])
            if begins < ends:
                found.append((begins, ends))
        return found


def _epoch(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    assert offset is not None, "an aware datetime has an offset"
    return int(offset.total_seconds())


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first instant after `low` with the offset of `high`."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == after:
            high = middle
        else:
            low = middle
    return high
