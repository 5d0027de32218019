"""Reads what is summed up of the days of a span, and says which days are left to be counted row by row."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from ombud.cases.reading.paging import by_id
from ombud.insight.daily import (
    CIRCLED,
    CLAUSES,
    LAY,
    OF_CASES,
    OF_DUTIES,
    STAYS,
    Days,
    has_lengths,
    has_months,
    less,
    parted,
    sides_of,
)
from ombud.insight.eyes import ALL, Eyes
from ombud.insight.models import DayLengths, DaySum, MonthLengths, MonthSum
from ombud.insight.one_by_one import of_cases
from ombud.insight.registry import OF_A_DAY, Rows
from ombud.insight.scopes import DIMENSIONS, KEYED, TIMES, Scope, seen_by
from ombud.insight.spans import Span
from ombud.insight.summed_up import SummedUp, pack_in, summed_up
from ombud.insight.topics import TOPICS, WITHIN, side_within, topics_of

#: What is summed by day; what is open or overdue belongs to none.
SUMMED = frozenset({CLAUSES, STAYS, LAY, TOPICS, Rows.DUTIES.value, *(each.value for each in OF_A_DAY)})
_AT_ONCE = 100  # days that are asked for one by one; of more everything between the first and the last is read
_OF_LENGTHS = ("day", "runs", "lengths")
_Rows = DaySum | DayLengths | MonthSum | MonthLengths


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is known of a span: the sums of some of its days, and the stretches that nothing is known of."""

    rest: tuple[Span, ...]
    sums: Sequence[tuple[date, Any, Any]] = ()  # (day, value of the dimension, sums)
    lengths: Mapping[str, Sequence[tuple[date, Any, Sequence[int]]]] = field(default_factory=dict)  # each in order


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
    side, eyes = _side(scope, what, by, sides), seen_by(scope)
    if side is None or eyes is None or what not in SUMMED:
        return Parts(rest=(span,))
    told = _Told(scope, what, *side, eyes)
    if columns is not None and not has_lengths(told.name):
        return Parts(rest=(span,))
    read, by_day = (_keyed if by in KEYED else str), by in ("day", "week")
    mine, wide = (summed_up(scope, each, now, by_day=by_day) for each in (span, around or span))
    if not mine.months and not mine.days:
        return Parts(rest=mine.rest)
    names = ("day", "procedure", "sums")
    sums = list(told.sums(_kept(told, MonthSum, mine.months, wide.months, names)))
    sums += told.sums(_kept(told, DaySum, mine.days, wide.days, names))
    lengths: list[tuple[date, str, str, Sequence[int]]] = []
    by_run = mine if has_months(told.name) else summed_up(scope, span, now, by_day=True)
    if columns is not None:
        around_them = wide if has_months(told.name) else summed_up(scope, around or span, now, by_day=True)
        kept = _kept(told, MonthLengths, by_run.months, around_them.months, _OF_LENGTHS)
        kept += _kept(told, DayLengths, by_run.days, around_them.days, _OF_LENGTHS)
        lengths = [each for each in runs(kept) if (not columns or each[1] in columns) and told.is_wanted(each[2])]
    if eyes.without:
        less_of = _of_cases(scope, eyes.without, what, now)
        sums += told.sums(told.made(less_of.sums, mine), is_less=True)
        _shorten(lengths, [
            (by_run.begin(day), column, key, run)
            for day, _procedure, gone in told.made(less_of.lengths, mine)
            for column, key, run in gone
            if told.is_wanted(key)
        ])  # fmt: skip
    found = [(day, read(told.value(key)), each) for day, key, each in sums]
    runs_of: dict[str, list[tuple[date, Any, Sequence[int]]]] = {}
    for day, column, key, run in lengths:
        runs_of.setdefault(column, []).append((day, read(told.value(key)), run))
    if eyes.also:
        more_of, plain = _of_cases(scope, eyes.also, what, now), _Told(scope, what, *side, ALL)
        found += [(day, read(key), each) for day, key, each in plain.sums(plain.made(more_of.sums, mine))]
        for day, _procedure, more in plain.made(more_of.lengths, mine) if columns is not None else ():
            for column, key, run in more:
                if (not columns or column in columns) and plain.is_wanted(key):
                    runs_of.setdefault(column, []).append((day, read(key), sorted(run)))
    return Parts(rest=mine.rest, sums=found, lengths=runs_of)


@dataclass(frozen=True, slots=True)
class _Told:
    """What of the sums of days is told: of one side, or of one value of it, and of some circles or of all cases."""

    scope: Scope
    what: str
    side: str
    only: str | None
    eyes: Eyes

    @property
    def name(self) -> str:
        """The name by which the side is kept."""
        return self.side if self.eyes.circles is None else CIRCLED + self.side

    def is_wanted(self, key: str) -> bool:
        if self.eyes.circles is not None:
            circle, key = parted(key)
            if circle not in self.eyes.circles:
                return False
        return self.only is None or key == self.only

    def value(self, key: str) -> str:
        """Return the value of the side that a key stands for."""
        return key if self.eyes.circles is None else parted(key)[1]

    def sums(
        self, kept: Iterable[tuple[date, str, Mapping[str, Any]]], *, is_less: bool = False
    ) -> Iterator[tuple[date, str, Any]]:
        """Yield the sums of each day and key, or what takes them away; of clauses each with its procedure."""
        for day, procedure, found in kept:
            for key, sums in found.items():
                if self.is_wanted(key):
                    mine = less(self.what, sums) if is_less else sums
                    yield day, key, [[procedure, *each] for each in mine] if self.what == CLAUSES else mine

    def made(
        self, places: Mapping[tuple[str, date, str, str], Any], summed: SummedUp
    ) -> Iterator[tuple[date, str, Any]]:
        """Yield what some cases come to on the days that are summed up, as rows that are kept are read."""
        for (what, day, procedure, side), found in places.items():
            if (what, side) == (self.what, self.name) and summed.holds(day) and self._is_of(procedure):
                yield day, procedure, found

    def _is_of(self, procedure: str) -> bool:
        return self.what == CLAUSES or procedure == self.scope.procedure


def _of_cases(scope: Scope, cases: frozenset[int], what: str, now: datetime) -> Days:
    """Return what some cases come to that are told one by one."""
    if (told := scope.known.get((cases, what))) is None:
        told = scope.known[cases, what] = of_cases(cases, what, pack_in(scope), now)
    found: Days = told
    return found


def _shorten(
    lengths: list[tuple[date, str, str, Sequence[int]]], gone: Iterable[tuple[date, str, str, Sequence[int]]]
) -> None:
    """Take lengths out of the runs of their days in which they are."""
    places = {each[:3]: place for place, each in enumerate(lengths)}
    for day, column, key, some in gone:
        if (place := places.get((day, column, key))) is None:
            continue
        left = list(lengths[place][3])
        for each in some:
            if each in left:  # not where the case changed between two looks
                left.remove(each)
        lengths[place] = (*lengths[place][:3], left)


def _kept(
    told: _Told, model: type[_Rows], wanted: frozenset[date], around: frozenset[date], names: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    """Return the rows of some days, or months: those that were read for this page already, or with those around."""
    if not wanted:
        return []
    known, place = told.scope.known, (model, told.what, told.name)
    loaded, rows = known.get(place, (frozenset[date](), []))
    if missing := (wanted | around) - loaded if wanted - loaded else None:
        of_procedure = Q() if told.what == CLAUSES else Q(procedure=told.scope.procedure)
        days = Q(day__in=sorted(missing))
        if len(missing) > _AT_ONCE:
            days = Q(day__gte=min(missing), day__lte=max(missing))
        asked = model._default_manager.filter(
            of_procedure, days, policy=told.scope.policy, of=told.what, side=told.name
        ).values_list(*names)
        loaded, rows = loaded | missing, [*rows, *(each for each in asked if each[0] in missing)]
        known[place] = (loaded, rows)
    return [each for each in rows if each[0] in wanted]


def runs(
    kept: Iterable[tuple[date, Any, bytes | memoryview]],
) -> Iterator[tuple[date, str, str, Sequence[int]]]:
    """Yield (day, column, key, lengths in order) of rows of lengths."""
    for day, columns, packed in kept:
        lengths, place = array("q"), 0
        lengths.frombytes(bytes(packed))
        for column, key, number in columns:
            yield day, column, key, lengths[place : place + number]
            place += number


def packed(runs: Iterable[Sequence[int]]) -> bytes:
    """Return lengths as they are kept: those of each run in order, one run after the other."""
    return b"".join(array("q", sorted(each)).tobytes() for each in runs)


def _keyed(key: str) -> int | None:
    return int(key) if key else None


def _side(scope: Scope, what: str, by: str, sides: Collection[str]) -> tuple[str, str | None] | None:
    """Return which side is read, and which one of its values; None where no sums are by what is asked."""
    only = {name: str(by_id(id)) if id and name in KEYED else id for name, id in scope.only.items()}
    for name, part in (("department", scope.department), ("office", scope.office)):
        if part is not None:
            if only.get(name, str(part)) != str(part):
                return None
            only[name] = str(part)
    if what == TOPICS:  # of one department or office, and nothing else
        name, key = next(iter(only.items()), ("", ""))
        is_kept = len(only) == 1 and name in WITHIN and bool(key) and by in topics_of(pack_in(scope))
        return (side_within(name, key, by), None) if is_kept else None
    asked = {*only, *((by,) if by and by not in TIMES else ())}
    if not asked:
        return "", None
    name = next(iter(asked))
    if len(asked) > 1 or (name in DIMENSIONS and name not in sides):
        return None
    if name not in DIMENSIONS and (sides is OF_DUTIES or name not in sides_of(pack_in(scope))):
        return None
    return name, only.get(name)
