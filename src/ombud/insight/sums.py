"""Reads what is summed up of the days of a span, and says which days are left to be counted row by row."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from ombud.cases.reading.paging import by_id
from ombud.insight import keys
from ombud.insight.daily import CLAUSES, LAY, OF_CASES, OF_DUTIES, STAYS, Days, less, of_cases, sides_of
from ombud.insight.measuring import zone
from ombud.insight.models import ChangedDay, DayLengths, DaySum, SummedDay
from ombud.insight.registry import MEASURES, OF_A_DAY, Rows
from ombud.insight.scopes import DIMENSIONS, KEYED, TIMES, Scope, withheld
from ombud.insight.spans import Span
from ombud.policy.model.pack import Pack

#: What is summed by day; what is open or overdue belongs to none.
SUMMED = frozenset({CLAUSES, STAYS, LAY, Rows.DUTIES.value, *(each.value for each in OF_A_DAY)})
_MOST = 12  # stretches that are counted row by row beside what is summed
_MADE_BY = 2  # raised where the same rows would be summed to something else
_DAY, _YEAR = timedelta(days=1), timedelta(days=366)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is known of a span: the sums of some of its days, and the stretches that nothing is known of."""

    rest: tuple[Span, ...]
    sums: Sequence[tuple[date, Any, Any]] = ()  # (day, value of the dimension, sums)
    lengths: Mapping[str, Sequence[tuple[date, Any, Sequence[int]]]] = field(default_factory=dict)  # each in order


def stamp(pack: Pack) -> str:
    """Return what is another text whenever a day would be summed otherwise."""
    said = (_MADE_BY, str(zone()), *sorted(MEASURES), "", *sorted(sides_of(pack)))
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def of(
    scope: Scope,
    what: str,
    span: Span,
    now: datetime,
    *,
    by: str = "",
    columns: Collection[str] | None = None,
    sides: Collection[str] = OF_CASES,
    around: Span | None = None,
) -> Parts:
    """Return what is summed of the span: by the values of a dimension, or of all in scope.

    `columns` are the lengths that are asked for beside: empty is all of them, None is none. Who asks for several
    spans says `around` which they lie, so that one look serves them all.
    """
    side, without = _side(scope, by, sides), withheld(scope)
    if side is None or without is None or what not in SUMMED:
        return Parts(rest=(span,))
    days, rest = _days(scope, span, now)
    if not days:
        return Parts(rest=(span,))
    (name, only), read = side, _keyed if by in KEYED else str
    wide = _ends(around or span)
    sums = [
        (day, read(key), [[procedure, *each] for each in mine] if what == CLAUSES else mine)
        for day, procedure, found in _kept(scope, DaySum, what, name, wide, ("day", "procedure", "sums"))
        if day in days
        for key, mine in found.items()
        if only is None or key == only
    ]
    lengths: dict[str, list[tuple[date, Any, Sequence[int]]]] = {}
    if columns is not None:
        kept = _kept(scope, DayLengths, what, name, wide, ("day", "runs", "lengths"))
        for day, column, key, run in _runs(each for each in kept if each[0] in days):
            if (not columns or column in columns) and (only is None or key == only):
                lengths.setdefault(column, []).append((day, read(key), run))
    if without:
        mine = _without(scope, without, what, now)
        sums += [
            (day, read(key), [[procedure, *each] for each in told] if what == CLAUSES else told)
            for (what_of, day, procedure, side_of), found in mine.sums.items()
            if day in days and (what_of, side_of) == (what, name) and _is_of(scope, what, procedure)
            for key, told in ((key, less(what, told)) for key, told in found.items() if only is None or key == only)
        ]
        _shorten(lengths, [
            (day, column, read(key), run)
            for (what_of, day, procedure, side_of), runs in mine.lengths.items()
            if day in days and (what_of, side_of) == (what, name) and _is_of(scope, what, procedure)
            for column, key, run in runs
        ])  # fmt: skip
    return Parts(rest=rest, sums=sums, lengths=lengths)


def _is_of(scope: Scope, what: str, procedure: str) -> bool:
    return what == CLAUSES or procedure == scope.procedure


def _without(scope: Scope, cases: Collection[int], what: str, now: datetime) -> Days:
    """Return what the cases that are kept from the reader come to."""
    if (told := scope.known.get((of_cases, what))) is None:
        told = scope.known[of_cases, what] = of_cases(cases, what, _pack(scope), now)
    found: Days = told
    return found


def _shorten(
    lengths: dict[str, list[tuple[date, Any, Sequence[int]]]], gone: Iterable[tuple[date, str, Any, Sequence[int]]]
) -> None:
    """Take lengths out of the runs of their days in which they are."""
    for day, column, key, some in gone:
        for place, (run_day, run_key, run) in enumerate(lengths.get(column, ())):
            if (run_day, run_key) == (day, key):
                left = list(run)
                for each in some:
                    if each in left:  # not where the case changed between two looks
                        left.remove(each)
                lengths[column][place] = (day, key, left)


def _kept(
    scope: Scope,
    model: type[DaySum | DayLengths],
    what: str,
    side: str,
    wide: tuple[date, date],
    asked: tuple[str, ...],
) -> Sequence[tuple[Any, ...]]:
    """Return the rows from a day to another: those that were read for this page already, where they are among them."""
    (first, last), known = wide, scope.known.get((model, what, side))
    if known is None or not known[0] <= first <= last <= known[1]:
        of_procedure = Q() if what == CLAUSES else Q(procedure=scope.procedure)
        rows = model._default_manager.filter(
            of_procedure, policy=scope.policy, of=what, side=side, day__gte=first, day__lte=last
        )
        known = scope.known[model, what, side] = (first, last, list(rows.values_list(*asked)))
    return [each for each in known[2] if first <= each[0] <= last]


def _runs(kept: Iterable[tuple[date, Any, bytes | memoryview]]) -> Iterator[tuple[date, str, str, Sequence[int]]]:
    for day, runs, packed in kept:
        lengths, place = array("q"), 0
        lengths.frombytes(bytes(packed))
        for column, key, number in runs:
            yield day, column, key, lengths[place : place + number]
            place += number


def packed(runs: Iterable[Sequence[int]]) -> bytes:
    """Return lengths as they are kept: those of each run in order, one run after the other."""
    return b"".join(array("q", sorted(each)).tobytes() for each in runs)


def _keyed(key: str) -> int | None:
    return int(key) if key else None


def _side(scope: Scope, by: str, sides: Collection[str]) -> tuple[str, str | None] | None:
    """Return which side is read, and which one of its values; None where no sums are by what is asked."""
    only = {name: str(by_id(id)) if id and name in KEYED else id for name, id in scope.only.items()}
    for name, key in (("department", scope.department), ("office", scope.office)):
        if key is not None:
            if only.get(name, str(key)) != str(key):
                return None
            only[name] = str(key)
    asked = {*only, *((by,) if by and by not in TIMES else ())}
    if not asked:
        return "", None
    name = next(iter(asked))
    if len(asked) > 1 or (name in DIMENSIONS and name not in sides):
        return None
    if name not in DIMENSIONS and (sides is OF_DUTIES or name not in sides_of(_pack(scope))):
        return None
    return name, only.get(name)


def _days(scope: Scope, span: Span, now: datetime) -> tuple[frozenset[date], tuple[Span, ...]]:
    """Return the days of the span that are summed up as things stand, and the stretches between them."""
    if (told := scope.known.get((span, now))) is None:
        told = scope.known[span, now] = _asked(scope, span, now) if _is_of_days(span) else (frozenset(), (span,))
    return told


def _asked(scope: Scope, span: Span, now: datetime) -> tuple[frozenset[date], tuple[Span, ...]]:
    first, last = _ends(span)
    days = frozenset(each for each in _summed(scope, first, last, now) if first <= each <= last)
    rest: list[Span] = []
    for number in range((last - first).days + 1):
        if (day := first + timedelta(days=number)) in days:
            continue
        begin, end = (datetime.combine(each, time.min, span.begin.tzinfo) for each in (day, day + _DAY))
        if rest and rest[-1].end == begin:
            rest[-1] = Span(begin=rest[-1].begin, end=end)
        else:
            rest.append(Span(begin=begin, end=end))
    rest = _fewer(rest)
    return frozenset(each for each in days if not any(_holds(one, each) for one in rest)), tuple(rest)


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
            made=stamp(_pack(scope)), at__lte=now,
        )  # fmt: skip
        known = scope.known[SummedDay] = (first, last, set(rows.values_list("day", flat=True)))
    return known[2]


def _pack(scope: Scope) -> Pack:
    if (found := scope.known.get(Pack)) is None:
        found = scope.known[Pack] = keys.pack_of(scope.policy)
    return found


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
