"""Words for the instant at which something ends: midnight as 24:00 of the day that ends, not 00:00 of the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def ending(at: datetime) -> tuple[date, str]:
    """Return the day and time of day at which a limit ends, in the zone of `at`, which must be aware.

    The last instant before it decides: where clocks go forward at midnight the day ends at an instant that they
    show as 01:00 of the next one, and where a date was skipped, two dates later.
    """
    before = (at.astimezone(UTC) - timedelta(seconds=1)).astimezone(at.tzinfo).date()
    return (before, "24:00") if before != at.date() else (before, f"{at:%H:%M}")


def ending_text(at: datetime) -> str:
    """Return "2026-12-05 24:00"."""
    day, time = ending(at)
    return f"{day} {time}"
