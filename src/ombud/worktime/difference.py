"""What two editions say differently about days: which are worked under one and not under the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ombud.worktime.daysoff import weekend_of
from ombud.worktime.edition import DaysOff, Edition
from ombud.worktime.spec import country_of


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChange:
    """A day that is worked under one edition and not under the other, in an office that keeps the country's weekend."""

    country: str
    day: date
    is_worked: bool  # under the later edition


def differences(before: Edition, after: Edition) -> tuple[DayChange, ...]:
    """Return the days of known countries that change from one edition to another, by country, oldest first."""
    keys = {key for edition in (before, after) for key, _ in edition.frozen_days}
    keys |= {entry.country for edition in (before, after) for entry in edition.announcements}
    found = {change for key in keys for change in _of(key, before.days(key), after.days(key))}
    return tuple(sorted(found, key=lambda change: (change.country, change.day, change.is_worked)))


def _of(key: str, before: DaysOff, after: DaysOff) -> Iterator[DayChange]:
    country = country_of(key)
    weekend = weekend_of(country)
    for day in {*before.off, *before.work, *after.off, *after.work}:
        was, will_be = (
            day in days.work or (day not in days.off and day.weekday() not in weekend) for days in (before, after)
        )
        if was != will_be:
            yield DayChange(country=country, day=day, is_worked=will_be)
