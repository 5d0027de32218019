"""Reads what is summed up of the days of a span, and says which days are left to be counted row by row."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ombud.cases.reading.paging import by_id
from ombud.insight import keys
from ombud.insight.measuring import TOP, is_counted
from ombud.insight.models import ChangedDay, DayLengths, DaySum, SummedDay
from ombud.insight.registry import MEASURES
from ombud.insight.scopes import DIMENSIONS, KEYED, TIMES, Scope, sees_all
from ombud.insight.spans import Span
from ombud.policy.model.pack import Pack

CLAUSES, STAYS, LAY = "clauses", "stays", "lay"
#: By what cases are summed, beside the facts with a list of values; by what duties are, and stays.
OF_CASES = tuple(each for each in DIMENSIONS if each not in TIMES and each != "age")
OF_DUTIES = ("department", "office", "grade", "version", "category", "channel")
_STAY = "stay."  # before a phase: how long cases were in it
_MOST = 12  # stretches that are counted row by row beside what is summed; with more, all is
_MADE_BY = 1  # raised where the same rows would be summed to something else
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is known of a span: the sums of some of its days, and the stretches that nothing is known of."""

    rest: tuple[Span, ...]
    sums: Sequence[tuple[date, Any, Any]] = ()  # (day, value of the dimension, sums)
    lengths: Mapping[str, Sequence[tuple[date, Any, Sequence[int]]]] = field(default_factory=dict)  # each in order


def zone() -> tzinfo:
    """Return the zone in whose days figures are summed."""
    return timezone.get_default_timezone()


def sides_of(pack: Pack) -> tuple[str, ...]:
    """Return by what the cases of a policy are summed."""
    facts = (each for each in pack.kinds if each not in DIMENSIONS and is_counted(pack, each))
    return (*OF_CASES, *facts, *((TOP,) if pack.causes.field is not None else ()))


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
    columns: Collection[str] = (),
    lengths_like: str = "",
    sides: Collection[str] = OF_CASES,
) -> Parts:
    """Return what is summed of the span: by the values of a dimension, or of all in scope.

    `columns` are the lengths that are asked for beside, or those whose name begins with `lengths_like`.
    """
    side = _side(scope, by, sides)
    if side is None or not _sees_all(scope):
        return Parts(rest=(span,))
    days, rest = _days(scope, span, now)
    if not days:
        return Parts(rest=(span,))
    name, only = side
    wanted: dict[str, Any] = {
        "policy": scope.policy, "side": name, "day__gte": min(days), "day__lte": max(days),
        **({} if only is None else {"key": only}),
    }  # fmt: skip
    read = _keyed if by in KEYED else str
    of_procedure = Q() if what == CLAUSES else Q(procedure=scope.procedure)
    rows = DaySum.objects.filter(of_procedure, of=what, **wanted).values_list("day", "key", "sums", "procedure")
    sums = [
        (day, read(key), [[procedure, *each] for each in found] if what == CLAUSES else found)
        for day, key, found, procedure in rows
        if day in days
    ]
    lengths: dict[str, list[tuple[date, Any, Sequence[int]]]] = {each: [] for each in columns}
    if columns or lengths_like:
        # A range in place of LIKE: an index serves it on both databases.
        like = Q(column__gte=lengths_like, column__lt=f"{lengths_like}\U0010ffff") if lengths_like else Q()
        asked = DayLengths.objects.filter(of_procedure, like or Q(column__in=columns), **wanted)
        for column, day, key, packed in asked.values_list("column", "day", "key", "lengths"):
            if day in days:
                lengths.setdefault(column, []).append((day, read(key), unpacked(packed)))
    return Parts(rest=rest, sums=sums, lengths=lengths)


def packed(lengths: Iterable[int]) -> bytes:
    """Return lengths in order as they are kept."""
    return array("q", sorted(lengths)).tobytes()


def unpacked(kept: bytes | memoryview) -> Sequence[int]:
    found = array("q")
    found.frombytes(bytes(kept))
    return found


def stay(phase: str) -> str:
    """Return the column of the lengths of stays in a phase."""
    return _STAY + phase


def _keyed(key: str) -> int | None:
    return int(key) if key else None


def _sees_all(scope: Scope) -> bool:
    return sees_all(scope.reader, scope.policy) if scope.sees_all is None else scope.sees_all


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
    if name not in DIMENSIONS and (sides is OF_DUTIES or name not in sides_of(keys.pack_of(scope.policy))):
        return None
    return name, only.get(name)


def _days(scope: Scope, span: Span, now: datetime) -> tuple[frozenset[date], tuple[Span, ...]]:
    """Return the days of the span that are summed up as things stand, and the stretches between them."""
    if (told := scope.known.get((span, now))) is None:
        told = scope.known[span, now] = _asked(scope, span, now) if _is_of_days(span) else (frozenset(), (span,))
    return told


def _asked(scope: Scope, span: Span, now: datetime) -> tuple[frozenset[date], tuple[Span, ...]]:
    first, last = span.begin.astimezone(zone()).date(), (span.end - _DAY / 2).astimezone(zone()).date()
    changed = ChangedDay.objects.filter(policy=OuterRef("policy"), day=OuterRef("day"))
    rows = SummedDay.objects.filter(
        ~Exists(changed), Q(until=None) | Q(until__gte=now), policy=scope.policy, day__gte=first, day__lte=last,
        made=stamp(keys.pack_of(scope.policy)), at__lte=now,
    )  # fmt: skip
    days = frozenset(rows.values_list("day", flat=True))
    rest: list[Span] = []
    for number in range((last - first).days + 1):
        if (day := first + timedelta(days=number)) in days:
            continue
        begin, end = (datetime.combine(each, time.min, span.begin.tzinfo) for each in (day, day + _DAY))
        if rest and rest[-1].end == begin:
            rest[-1] = Span(begin=rest[-1].begin, end=end)
        else:
            rest.append(Span(begin=begin, end=end))
    return (days, tuple(rest)) if len(rest) <= _MOST else (frozenset(), (span,))


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
