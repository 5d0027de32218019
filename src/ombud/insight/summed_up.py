"""Which days and months of a policy are summed up as things stand, and what of a span is left to be counted."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from ombud.insight import keys
from ombud.insight.beginnings import first_day
from ombud.insight.daily import sides_of
from ombud.insight.measuring import zone
from ombud.insight.models import ChangedDay, SummedDay, SummedMonth
from ombud.insight.registry import MEASURES
from ombud.insight.scopes import Scope
from ombud.insight.spans import Span
from ombud.insight.topics import topics_of
from ombud.policy.model.pack import Pack

_MOST = 12  # stretches that are counted row by row beside what is summed
_MADE_BY = 6  # raised where the same rows would be summed to something else
_DAY, _YEAR = timedelta(days=1), timedelta(days=366)


def stamp(pack: Pack) -> str:
    """Return what is another text whenever a day would be summed otherwise."""
    said = (_MADE_BY, str(zone()), *sorted(MEASURES), "", *sorted(sides_of(pack)), "", *topics_of(pack))
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class SummedUp:
    """What is summed up of a span: whole months, single days, and between them the stretches that are not."""

    months: frozenset[date] = frozenset()  # by their first day
    days: frozenset[date] = frozenset()
    rest: tuple[Span, ...] = ()

    def holds(self, day: date) -> bool:
        return day in self.days or day.replace(day=1) in self.months

    def begin(self, day: date) -> date:
        """Return the day by which the sums are kept that this one is in."""
        return day if day in self.days else day.replace(day=1)


def summed_up(scope: Scope, span: Span, now: datetime, *, by_day: bool) -> SummedUp:
    """Return what of a span is summed up as things stand; `by_day` no months."""
    if not _is_of_days(span):
        return SummedUp(rest=(span,))
    if (told := scope.known.get((span, now, by_day))) is None:
        days, rest = _asked(scope, span, now)
        months = frozenset() if by_day else _months(scope, days)
        single = frozenset(each for each in days if each.replace(day=1) not in months) if months else days
        told = scope.known[span, now, by_day] = SummedUp(months=months, days=single, rest=rest)
    found: SummedUp = told
    return found


def _months(scope: Scope, days: frozenset[date]) -> frozenset[date]:
    """Return the months that are summed up and lie in the days as a whole, by their first days."""
    numbers = Counter(each.replace(day=1) for each in days)
    whole = [each for each, number in numbers.items() if number == monthrange(each.year, each.month)[1]]
    if not whole:
        return frozenset()
    if (known := scope.known.get(SummedMonth)) is None:
        rows = SummedMonth.objects.filter(policy=scope.policy)
        known = scope.known[SummedMonth] = frozenset(rows.values_list("month", flat=True))
    return known.intersection(whole)


def _asked(scope: Scope, span: Span, now: datetime) -> tuple[frozenset[date], tuple[Span, ...]]:
    first, last = _ends(span)
    days = frozenset(each for each in _summed(scope, first, last, now) if first <= each <= last)
    begun = first if first in days else _begun(scope)
    rest: list[Span] = []
    for number in range((last - first).days + 1):
        if (day := first + timedelta(days=number)) in days or day < begun:
            continue
        begin, end = (datetime.combine(each, time.min, span.begin.tzinfo) for each in (day, day + _DAY))
        if rest and rest[-1].end == begin:
            rest[-1] = Span(begin=rest[-1].begin, end=end)
        else:
            rest.append(Span(begin=begin, end=end))
    rest = _fewer(rest)
    return frozenset(each for each in days if not any(_holds(one, each) for one in rest)), tuple(rest)


def _begun(scope: Scope) -> date:
    """Return the day before which there is nothing to count; asked once a page, and of a young policy alone."""
    if (found := scope.known.get(first_day)) is None:
        found = scope.known[first_day] = first_day(scope.policy)
    begun: date = found
    return begun


def _fewer(rest: list[Span]) -> list[Span]:
    """Return no more than so many stretches that hold all of these: those that lie nearest become one."""
    while len(rest) > _MOST:
        place = min(range(len(rest) - 1), key=lambda each: rest[each + 1].begin - rest[each].end)
        rest[place : place + 2] = [Span(begin=rest[place].begin, end=rest[place + 1].end)]
    return rest


def _holds(span: Span, day: date) -> bool:
    return span.begin.date() <= day < span.end.date()


def _summed(scope: Scope, first: date, last: date, now: datetime) -> Collection[date]:
    """Return the days that are summed up as things stand: one look for the year before, too, which comes next."""
    known = scope.known.get(SummedDay)
    if known is None or not known[0] <= first <= last <= known[1]:
        first -= _YEAR
        changed = ChangedDay.objects.filter(policy=OuterRef("policy"), day=OuterRef("day"))
        rows = SummedDay.objects.filter(
            ~Exists(changed), Q(until=None) | Q(until__gte=now), policy=scope.policy, day__gte=first, day__lte=last,
            made=stamp(pack_in(scope)), at__lte=now,
        )  # fmt: skip
        known = scope.known[SummedDay] = (first, last, set(rows.values_list("day", flat=True)))
    return known[2]


def _ends(span: Span) -> tuple[date, date]:
    """Return the first and the last day of a span."""
    return span.begin.astimezone(zone()).date(), (span.end - _DAY / 2).astimezone(zone()).date()


def _is_of_days(span: Span) -> bool:
    """Return whether the days of a span are those that are summed."""
    here, there = span.begin.tzinfo, zone()
    if span.begin.time() != time.min or span.end.time() != time.min:
        return False
    if str(here) == str(there):
        return True
    days = (span.begin.date() + timedelta(days=each) for each in range((span.end.date() - span.begin.date()).days + 1))
    midnights = (datetime.combine(each, time.min, here) for each in days)
    return all(each.astimezone(there).time() == time.min for each in midnights)


def pack_in(scope: Scope) -> Pack:
    if (found := scope.known.get(Pack)) is None:
        found = scope.known[Pack] = keys.pack_of(scope.policy)
    return found
