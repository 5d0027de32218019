"""Spans of time that figures are asked for: whole months, quarters and years in one time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

YEAR, MONTHS_OF_A_YEAR, MONTHS_OF_A_QUARTER = "last-12-months", 12, 3
#: What may be asked for: (months long, how many such lengths ago it began); the present one is under way.
SPANS: dict[str, tuple[int, int]] = {
    "this-month": (1, 0),
    "last-month": (1, 1),
    "this-quarter": (MONTHS_OF_A_QUARTER, 0),
    "last-quarter": (MONTHS_OF_A_QUARTER, 1),
    "this-year": (MONTHS_OF_A_YEAR, 0),
    "last-year": (MONTHS_OF_A_YEAR, 1),
}
_WEEKS_OF_A_YEAR = 52
_LONGEST = timedelta(days=1100)  # of a span that an address names so: three years, as no page asks for more
_FAR = 1000  # days; a step that begins further from a span's begin has nothing of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From an instant until before another."""

    begin: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.end.date().toordinal() - 1)


def span_of(name: str, *, now: datetime, zone: tzinfo) -> Span:
    """Return the span of that name in which `now` lies, or one before; KeyError for a name that there is not.

    The last twelve months are whole months with the present one as the last. `name_of` names any other span.
    """
    if ".." in name:
        return _named(name, zone)
    today = now.astimezone(zone).date()
    month = today.year * MONTHS_OF_A_YEAR + today.month - 1
    if name == YEAR:
        return _months(month - MONTHS_OF_A_YEAR + 1, MONTHS_OF_A_YEAR, zone)
    length, ago = SPANS[name]
    return _months((month // length - ago) * length, length, zone)


def name_of(span: Span, zone: tzinfo) -> str:
    """Return a name for a span that stays what it is: 2026-01-01..2026-03-31.

    Of days that begin elsewhere than in the zone the instants: 2026-01-01T00:00:00+08:00..2026-04-01T00:00:00+08:00.
    """
    if all(datetime.combine(each.date(), time.min, zone) == each for each in (span.begin, span.end)):
        return f"{span.begin.date()}..{span.last_day}"
    return f"{span.begin.isoformat(timespec='seconds')}..{span.end.isoformat(timespec='seconds')}"


def _named(name: str, zone: tzinfo) -> Span:
    """Return the span that `name_of` named so; KeyError for none, and for one too long or too far away."""
    first, _, last = name.partition("..")
    try:
        if len(first) == len(last) == len("2026-01-01"):
            days = (date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))
            begin, end = (datetime.combine(each, time.min, zone) for each in days)
        else:
            begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except (ValueError, OverflowError) as error:
        raise KeyError(name) from error
    if begin.tzinfo is None or end.tzinfo is None or not 1900 < begin.year < 2200 or not 1900 < end.year < 2200:
        raise KeyError(name)
    if not timedelta(0) < end - begin <= _LONGEST:
        raise KeyError(name)
    return Span(begin=begin, end=end)


def before(span: Span) -> Span:
    """Return the span of as many months that ends where this one begins; of days or weeks, of as many days."""
    if not _is_of_months(span):
        return _days_before(span, (span.end.date() - span.begin.date()).days)
    length = _number(span.end) - _number(span.begin)
    return _months(_number(span.begin) - length, length, span.begin.tzinfo)


def year_before(span: Span) -> Span:
    """Return the same months of the year before; of days or weeks, the same weekdays 52 weeks before."""
    if not _is_of_months(span):
        return _days_before(span, _WEEKS_OF_A_YEAR * 7)
    length = _number(span.end) - _number(span.begin)
    return _months(_number(span.begin) - MONTHS_OF_A_YEAR, length, span.begin.tzinfo)


def _is_of_months(span: Span) -> bool:
    return span.begin.day == span.end.day == 1


def _days_before(span: Span, days: int) -> Span:
    begin, end = (
        datetime.combine(each.date() - timedelta(days=days), time.min, each.tzinfo) for each in (span.begin, span.end)
    )
    return Span(begin=begin, end=end)


def around(spans: Sequence[Span]) -> Span:
    """Return the span from the first begin to the last end."""
    return Span(begin=min(each.begin for each in spans), end=max(each.end for each in spans))


def shared(one: Span, other: Span) -> Span | None:
    """Return what two spans share; None for nothing."""
    begin, end = max(one.begin, other.begin), min(one.end, other.end)
    return Span(begin=begin, end=end) if begin < end else None


def months(span: Span) -> tuple[Span, ...]:
    """Return the months of a span, earliest first; of days also those of which it holds a part."""
    last = span.end - timedelta.resolution
    return tuple(_months(each, 1, span.begin.tzinfo) for each in range(_number(span.begin), _number(last) + 1))


def _months(first: int, length: int, zone: tzinfo | None) -> Span:
    return Span(begin=_midnight(first, zone), end=_midnight(first + length, zone))


def _midnight(month: int, zone: tzinfo | None) -> datetime:
    year, number = divmod(month, MONTHS_OF_A_YEAR)
    return datetime.combine(date(year, number + 1, 1), time.min, zone)


def _number(at: datetime) -> int:
    return at.year * MONTHS_OF_A_YEAR + at.month - 1


def step(unit: str, id: str, span: Span) -> Span | None:
    """Return the day, week or month that is called so (`2026-03`, the first day of others); None for none near a span.

    It is a whole one, of which the span may hold a part.
    """
    try:
        day = date.fromisoformat(f"{id}-01" if unit == "month" else id)
    except ValueError:
        return None
    is_near = day.isoformat().startswith(id) and abs((day - span.begin.date()).days) < _FAR
    if not is_near or (unit == "week" and day.weekday()):
        return None
    zone = span.begin.tzinfo
    if unit == "month":
        return _months(day.year * MONTHS_OF_A_YEAR + day.month - 1, 1, zone)
    end = day + timedelta(days=7 if unit == "week" else 1)
    return Span(begin=datetime.combine(day, time.min, zone), end=datetime.combine(end, time.min, zone))


def steps(span: Span, unit: str, now: datetime) -> tuple[Span, ...]:
    """Return the days, weeks (from Monday) or months that have begun of a span; the last may be under way."""
    if unit == "month":
        return tuple(each for each in months(span) if each.begin <= now)
    length = timedelta(days=7 if unit == "week" else 1)
    first = span.begin.date()
    if unit == "week":
        first -= timedelta(days=first.weekday())
    found = []
    while (begin := datetime.combine(first, time.min, span.begin.tzinfo)) < span.end and begin <= now:
        end = datetime.combine(first + length, time.min, span.begin.tzinfo)
        found.append(Span(begin=begin, end=min(end, span.end)))
        first += length
    return tuple(found)
