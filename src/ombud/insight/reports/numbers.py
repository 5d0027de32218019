"""How a number stands in what a report keeps."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = 6  # of shares and days: what a database gives as 0.30000000000000004 is the same figure elsewhere


def number(value: Decimal | float | None) -> float | None:
    """Return a number as JSON has it: whole ones without a point."""
    if value is None:
        return None
    rounded = round(float(value), _DIGITS)
    return int(rounded) if rounded.is_integer() else rounded
