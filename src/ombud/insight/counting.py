"""What answers for a measure: its figure, the same taken apart by a dimension, and the cases behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet, Sum

from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_instant, instant_cursor
from ombud.insight import keys
from ombud.insight.compliance import conditions
from ombud.insight.rates import FEW, Rate, rank
from ombud.insight.registry import MEASURES, How, Measure, Rows
from ombud.insight.scopes import AGES, TIMES, Key, Scope, column, duties, ever, is_aged, is_open_at, measured
from ombud.insight.spans import Span, around, steps

_ALWAYS = Q()
HIT, MISS = "hit", "miss"  # sides of a share: its numerator, and the rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What a measure comes to. `value` is a share of 1, or in the measure's unit; None where nothing tells."""

    value: Decimal | float | None
    of: int  # how many it is counted from
    low: float | None = None  # of a share: the interval that holds it with 95 % certainty
    high: float | None = None
    is_from_few: bool = False


def figure(measure: str, scope: Scope, now: datetime) -> Figure:
    """Return what a measure comes to. Raises NotOurs for a measure that there is not."""
    return figures((measure,), scope, now)[measure]


def figures(ids: Iterable[str], scope: Scope, now: datetime) -> dict[str, Figure]:
    """Return what several measures come to, with one look at the rows that they share."""
    return _within(ids, scope, [scope.span], now)[0]


def compared(ids: Iterable[str], scope: Scope, earlier: Span, now: datetime) -> tuple[dict[str, Figure], ...]:
    """Return what several measures come to in the scope's span and in an earlier one, with one look at both.

    What is open or overdue is not told of the earlier one.
    """
    return _within(ids, scope, [scope.span, earlier], now)


def _within(ids: Iterable[str], scope: Scope, spans: Sequence[Span], now: datetime) -> tuple[dict[str, Figure], ...]:
    asked = [_known(id) for id in ids]
    found: tuple[dict[str, Figure], ...] = tuple({} for _span in spans)
    for rows in dict.fromkeys(each.rows for each in asked):
        told = spans[:1] if rows in (Rows.OPEN, Rows.OVERDUE) else spans
        looked = _rows(rows, scope.within(around(told)), now)
        if summed := [each for each in asked if each.rows is rows and each.how not in _ORDERED]:
            row = looked.aggregate(
                **{
                    f"{each.id}__{place}__{name}": sum
                    for place, span in enumerate(told)
                    for each in summed
                    for name, sum in _sums(each, now, _in(rows, span)).items()
                }
            )
            for place, mine in enumerate(found[: len(told)]):
                for each in summed:
                    mine[each.id] = _of(each, {name: row[f"{each.id}__{place}__{name}"] for name in _sums(each, now)})
        for each in asked:
            if each.rows is rows and each.how in _ORDERED:
                values = list(looked.filter(_counted(each)).values_list(each.column, rows.value))
                for span, mine in zip(told, found, strict=False):
                    mine[each.id] = _ordered(each, [value for value, at in values if span.begin <= at < span.end])
    return found


def _in(rows: Rows, span: Span) -> Q:
    """Return the condition that a row belongs to a span; what is open or overdue was asked for by it already."""
    if rows in (Rows.OPEN, Rows.OVERDUE):
        return Q()
    return Q(**{f"{rows.value}__gte": span.begin, f"{rows.value}__lt": span.end})


def by(measure: str, dimension: str, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    """Return the figure of each value of a dimension: times in order and without gaps, others by how many they count.

    Raises NotOurs for a measure or dimension that there is not, or that cannot be had together.
    """
    asked = _known(measure)
    if asked.rows in (Rows.OPEN, Rows.OVERDUE) and dimension in TIMES:
        return _over_time(asked, dimension, scope, now)
    if dimension == "age":
        return _by_age(asked, scope, now)
    pack = None if dimension in TIMES else keys.pack_of(scope.policy)
    if pack is not None:
        keys.check(dimension, pack)
    rows = _rows(asked.rows, scope, now).filter(_counted(asked)).order_by()
    rows = rows.annotate(key=column(dimension, asked.rows, scope.span))
    found: dict[Any, Figure]
    if asked.how in _ORDERED:
        values = defaultdict(list)
        for key, value in rows.values_list("key", asked.column):
            values[key].append(value)
        found = {key: _ordered(asked, some) for key, some in values.items()}
    else:
        found = {row["key"]: _of(asked, row) for row in rows.values("key").annotate(**_sums(asked, now))}
    if pack is None:
        return tuple(
            (keys.time(dimension, step.begin), found.get(step.begin, _nothing(asked)))
            for step in steps(scope.span, dimension, now)
        )
    named = keys.named(dimension, found, pack)
    return tuple(sorted(((named[key], each) for key, each in found.items()), key=keys.order(dimension, pack)))


def _over_time(asked: Measure, dimension: str, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    if asked.rows is Rows.OVERDUE:
        raise NotOurs(dimension)  # known of this moment only
    told = steps(scope.span, dimension, now)
    sums = {
        f"step{place}": Count("pk", filter=_counted(asked) & is_open_at(step.end, now))
        for place, step in enumerate(told)
    }
    counts = ever(scope, now).aggregate(**sums)
    return tuple(
        (keys.time(dimension, step.begin), _of(asked, {"n": counts[f"step{place}"]})) for place, step in enumerate(told)
    )


def _by_age(asked: Measure, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    if asked.rows is not Rows.OPEN:
        raise NotOurs("age")
    rows = _rows(asked.rows, scope, now)
    counts = rows.aggregate(**{f"age{place}": Count("pk", filter=is_aged(id, now)) for place, id in enumerate(AGES)})
    return tuple((keys.age(id), _of(asked, {"n": counts[f"age{place}"]})) for place, id in enumerate(AGES))


def cases(measure: str, scope: Scope, now: datetime, cursor: str | None, *, side: str = "") -> Page[Case]:
    """Return the cases that a figure is counted from, newest first; of a share `hit` or `miss` one side of it.

    Raises NotOurs for a measure, side or cursor that there is not.
    """
    asked = _known(measure)
    if side not in ("", HIT, MISS):
        raise NotOurs(side)
    rows: Any = _rows(asked.rows, scope, now).filter(_counted(asked))
    if side and asked.how is How.SHARE:
        hit = _hit(asked, now)
        rows = rows.filter(hit if side == HIT else ~hit)
    found = Case.objects.filter(pk__in=rows.values("case"))
    if (last := by_instant(cursor)) is not None:
        at, key = last
        found = found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=key))
    page = list(found.order_by("-received_at", "-pk")[: PAGE + 1])
    more = len(page) > PAGE
    last_row = page[PAGE - 1] if more else None
    return Page(rows=tuple(page[:PAGE]), after=instant_cursor(last_row.received_at, last_row.pk) if last_row else None)


def _known(measure: str) -> Measure:
    if measure not in MEASURES:
        raise NotOurs(measure)
    return MEASURES[measure]


def _rows(rows: Rows, scope: Scope, now: datetime) -> QuerySet[Any]:
    if rows is Rows.DUTIES:
        ends = conditions(now)
        return duties(scope, now).filter(ends["met"] | ends["late"] | ends["overdue"])
    return measured(scope, rows, now)


def _counted(asked: Measure) -> Q:
    """Return which of its rows a measure counts; where a column is ordered or summed, only those that have it."""
    return asked.where & Q(**{f"{asked.column}__isnull": False}) if asked.column else asked.where


def _hit(asked: Measure, now: datetime) -> Q:
    return conditions(now)["met"] if asked.rows is Rows.DUTIES else asked.hit


def _sums(asked: Measure, now: datetime, within: Q = _ALWAYS) -> dict[str, Any]:
    counted = _counted(asked) & within
    sums: dict[str, Any] = {"n": Count("pk", filter=counted)}
    if asked.how is How.SHARE:
        sums["hits"] = Count("pk", filter=counted & _hit(asked, now))
    elif asked.how is How.MEAN:
        sums["mean"] = Avg(asked.column, filter=counted)
    elif asked.how in (How.SUM, How.PART):
        sums["total"] = Sum(asked.column, filter=counted)
        if asked.of:
            sums["whole"] = Sum(asked.of, filter=counted)
    return sums


_ORDERED = {How.MEDIAN: 5, How.TENTH: 9}  # tenths


def _of(asked: Measure, row: Any) -> Figure:
    n = row["n"]
    if asked.how is How.COUNT:
        return Figure(value=Decimal(n), of=n)
    if asked.how is How.SHARE:
        rate = Rate(number=row["hits"], of=n)
        low, high = rate.interval or (None, None)
        return Figure(value=rate.share, of=n, low=low, high=high, is_from_few=rate.is_from_few)
    if asked.how is How.SUM:
        return Figure(value=row["total"] if n else Decimal(0), of=n)
    if asked.how is How.MEAN:
        return Figure(value=float(row["mean"]) if n else None, of=n, is_from_few=n < FEW)
    share = float(row["total"]) / float(row["whole"]) if row["whole"] else None
    return Figure(value=share, of=n, is_from_few=n < FEW)


def _ordered(asked: Measure, values: Sequence[int]) -> Figure:
    if not values:
        return Figure(value=None, of=0, is_from_few=True)
    return Figure(
        value=rank(values, _ORDERED[asked.how]) / asked.divisor, of=len(values), is_from_few=len(values) < FEW
    )


def _nothing(asked: Measure) -> Figure:
    return _ordered(asked, ()) if asked.how in _ORDERED else _of(asked, defaultdict(int))
