"""Plain date arithmetic on numbered local days (0 = 1 January 1970)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from ombud.worktime.errors import LimitError
from ombud.worktime.spec import Unit

EPOCH = date(1970, 1, 1).toordinal()

CLOCK_SECONDS: dict[Unit, int] = {Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.DAY: 86400, Unit.WEEK: 7 * 86400}


def day_number(day: date) -> int:
    return day.toordinal() - EPOCH


def day_of_number(number: int) -> date:
    return date.fromordinal(number + EPOCH)


def add_to_day(number: int, length: int, unit: Unit) -> int:
    """Return the day `length` units later (or earlier): the same day of the month, or its last day if it has none."""
    if unit is Unit.DAY:
        return number + length
    if unit is Unit.WEEK:
        return number + 7 * length
    day = day_of_number(number)
    months = day.year * 12 + day.month - 1 + (length if unit is Unit.MONTH else 12 * length)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise LimitError(f"a limit of {length} {unit} leaves the calendar of mankind")
    return day_number(date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])))


def whole_units(first: int, last: int, unit: Unit) -> int:
    """Return the greatest n for which `add_to_day(first, n, unit)` is not after `last` (first <= last)."""
    if unit is Unit.DAY:
        return last - first
    if unit is Unit.WEEK:
        return (last - first) // 7
    a, b = day_of_number(first), day_of_number(last)
    months = (b.year - a.year) * 12 + b.month - a.month
    count = months if unit is Unit.MONTH else months // 12
    return count if add_to_day(first, count, unit) <= last else count - 1
