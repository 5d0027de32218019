"""What answers for a measure: its figure, the same taken apart by a dimension, and the cases behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_instant, instant_cursor
from ombud.insight import keys, sums
from ombud.insight.compliance import conditions
from ombud.insight.models import Measured
from ombud.insight.rates import FEW, Rate, rank_of
from ombud.insight.registry import MEASURES, How, Measure, Rows
from ombud.insight.scopes import (
    AGES,
    TIMES,
    Key,
    Scope,
    column,
    duties,
    ever,
    is_aged,
    is_open_at,
    is_within,
    measured,
)  # fmt: skip
from ombud.insight.spans import Span, around, steps
from ombud.insight.sums import OF_CASES, OF_DUTIES, Parts

Numbers = dict[str, int | Decimal]  # what is summed of a measure: how many rows, and so on
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
        mine = [each for each in asked if each.rows is rows]
        if rows in (Rows.OPEN, Rows.OVERDUE):
            row = _rows(rows, scope, now).aggregate(**_named(mine, "", now))
            found[0].update({each.id: _of(each, _row(each, row, "")) for each in mine})
            continue
        parts = [
            sums.of(scope, rows.value, span, now, columns=_columns(mine), sides=_sides(rows), around=around(spans))
            for span in spans
        ]
        counted = _counted_rows(mine, rows, scope, parts, now)
        for (told, lengths), figures in zip(counted, found, strict=True):
            for each in mine:
                figures[each.id] = (
                    _ordered(each, lengths[each.column]) if each.how in ORDERED else _of(each, told[each.id])
                )
    return found


def _counted_rows(
    asked: Sequence[Measure], rows: Rows, scope: Scope, parts: Sequence[Parts], now: datetime
) -> Iterable[tuple[dict[str, Numbers], dict[str, list[Sequence[int]]]]]:
    """Yield for each of several spans the sums and lengths: what is summed up already, and what one look adds."""
    rest = [span for part in parts for span in part.rest]
    looked = _rows(rows, scope, now, rest) if rest else None
    summed = [each for each in asked if each.how not in ORDERED]
    ordered = {each.column: each for each in asked if each.how in ORDERED}
    row: dict[str, Any] = {}
    if looked is not None and summed:
        row = looked.aggregate(
            **{
                name: sum
                for place, part in enumerate(parts)
                if part.rest
                for name, sum in _named(summed, f"{place}__", now, is_within(rows.value, part.rest)).items()
            }
        )
    values = {
        name: list(looked.filter(condition_of(each)).values_list(name, rows.value)) if looked is not None else []
        for name, each in ordered.items()
    }
    for place, part in enumerate(parts):
        told = {each.id: _row(each, row, f"{place}__") if part.rest else {} for each in summed}
        for _day, _key, mine in part.sums:
            for each in summed:
                _add(told[each.id], each, mine.get(each.id, ()))
        lengths: dict[str, list[Sequence[int]]] = {}
        for name in ordered:
            here = sorted(value for value, at in values[name] if any(s.begin <= at < s.end for s in part.rest))
            lengths[name] = [here, *(run for _day, _key, run in part.lengths.get(name, ()))]
        yield told, lengths


def _named(asked: Iterable[Measure], before: str, now: datetime, within: Q = _ALWAYS) -> dict[str, Any]:
    return {f"{before}{each.id}__{n}": sum for each in asked for n, sum in _sums(each, now, within).items()}


def _row(asked: Measure, row: Mapping[str, Any], before: str) -> Numbers:
    return {name: row[f"{before}{asked.id}__{name}"] or 0 for name in PARTS[asked.how]}


def _add(told: Numbers, asked: Measure, sums: Iterable[int | str]) -> None:
    """Add what is summed up of a day."""
    for name, value in zip(PARTS[asked.how], sums, strict=False):
        told[name] = told.get(name, 0) + (Decimal(value) if isinstance(value, str) else value)


def _columns(asked: Iterable[Measure]) -> set[str] | None:
    return {each.column for each in asked if each.how in ORDERED} or None


def _sides(rows: Rows) -> tuple[str, ...]:
    return OF_DUTIES if rows is Rows.DUTIES else OF_CASES


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
    found = _by_key(asked, dimension, scope, now)
    if pack is None:
        return tuple(
            (keys.time(dimension, step.begin), found.get(step.begin, _nothing(asked)))
            for step in steps(scope.span, dimension, now)
        )
    named = keys.named(dimension, found, pack)
    return tuple(sorted(((named[key], each) for key, each in found.items()), key=keys.order(dimension, pack)))


def _by_key(asked: Measure, dimension: str, scope: Scope, now: datetime) -> dict[Any, Figure]:
    """Return the figure of each value of a dimension that any row has; of a time by when it begins."""
    part = sums.of(
        scope, asked.rows.value, scope.span, now, by=dimension, columns=_columns([asked]), sides=_sides(asked.rows)
    )
    begins = _begins(dimension, scope.span) if dimension in TIMES else None
    rows: Any = None
    if part.rest:
        rows = _rows(asked.rows, scope, now, part.rest).filter(condition_of(asked)).order_by()
        rows = rows.annotate(key=column(dimension, asked.rows, scope.span))
    if asked.how in ORDERED:
        runs = defaultdict[Any, list[Any]](list)
        for day, key, run in part.lengths.get(asked.column, ()):
            runs[begins(day) if begins else key].append(run)
        here = defaultdict[Any, list[int]](list)
        for key, value in rows.values_list("key", asked.column) if rows is not None else ():
            here[key].append(value)
        for key, values in here.items():
            runs[key].append(sorted(values))
        return {key: _ordered(asked, some) for key, some in runs.items()}
    told = defaultdict[Any, Numbers](dict)
    for day, key, mine in part.sums:
        _add(told[begins(day) if begins else key], asked, mine.get(asked.id, ()))
    for row in rows.values("key").annotate(**_sums(asked, now)) if rows is not None else ():
        _add(told[row["key"]], asked, [row[name] or 0 for name in PARTS[asked.how]])
    return {key: _of(asked, numbers) for key, numbers in told.items() if numbers.get("n")}


def _begins(dimension: str, span: Span) -> Callable[[date], datetime]:
    """Return what gives the begin of the day, week or month in which a day lies."""

    def begin(day: date) -> datetime:
        first = day.replace(day=1) if dimension == "month" else day
        first = first - timedelta(days=first.weekday()) if dimension == "week" else first
        return datetime.combine(first, time.min, span.begin.tzinfo)

    return begin


def crossed(
    measure: str, rows: str, columns: str, scope: Scope, now: datetime, ids: Collection[str]
) -> list[dict[Key, Figure]]:
    """Return for each of some values of one dimension, told by their ids, the figures by another: one look at all.

    Neither dimension is a time, nor the age.
    """
    asked, pack = _known(measure), keys.pack_of(scope.policy)
    for each in (rows, columns):
        keys.check(each, pack)
    looked: Any = _rows(asked.rows, scope, now).filter(condition_of(asked)).order_by()
    looked = looked.annotate(row=column(rows, asked.rows, scope.span), key=column(columns, asked.rows, scope.span))
    found = defaultdict[Any, dict[Any, Figure]](dict)
    if asked.how in ORDERED:
        values = defaultdict[tuple[Any, Any], list[int]](list)
        for row, key, value in looked.values_list("row", "key", asked.column):
            values[row, key].append(value)
        for (row, key), some in values.items():
            found[row][key] = _ordered(asked, [sorted(some)])
    else:
        for each in looked.values("row", "key").annotate(**_sums(asked, now)):
            told = {name: each[name] or 0 for name in PARTS[asked.how]}
            found[each["row"]][each["key"]] = _of(asked, told)
    named = keys.named(columns, {key for some in found.values() for key in some}, pack)
    in_order, by_id = keys.order(columns, pack), {str(row or ""): some for row, some in found.items()}
    return [
        dict(sorted(((named[key], figure) for key, figure in by_id.get(id, {}).items()), key=in_order)) for id in ids
    ]


def _over_time(asked: Measure, dimension: str, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    if asked.rows is Rows.OVERDUE:
        raise NotOurs(dimension)  # known of this moment only
    told = steps(scope.span, dimension, now)
    asked_for = {
        f"step{place}": Count("pk", filter=condition_of(asked) & is_open_at(step.end, now))
        for place, step in enumerate(told)
    }
    since = Q(closed_at=None) | Q(closed_at__gte=told[0].end) if told else Q()  # what ended before was open at no step
    counts = ever(scope, now).filter(since).aggregate(**asked_for)
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
    rows: Any = _rows(asked.rows, scope, now).filter(condition_of(asked))
    if side and asked.how is How.SHARE:
        hit = hit_of(asked, now)
        rows = rows.filter(hit if side == HIT else ~hit)
    if asked.rows is Rows.DUTIES:
        rows = Measured.objects.filter(
            Exists(rows.filter(case=OuterRef("pk"))), policy=scope.policy, procedure=scope.procedure
        )
    if (last := by_instant(cursor)) is not None:
        at, key = last
        rows = rows.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=key))
    # The newest are found along the index, whatever the span: nothing is sorted, and no list of all is made.
    keys_of_page = list(rows.order_by("-received_at", "-pk").values_list("pk", flat=True)[: PAGE + 1])
    page = sorted(Case.objects.filter(pk__in=keys_of_page), key=lambda each: keys_of_page.index(each.pk))
    more = len(page) > PAGE
    last_row = page[PAGE - 1] if more else None
    return Page(rows=tuple(page[:PAGE]), after=instant_cursor(last_row.received_at, last_row.pk) if last_row else None)


def _known(measure: str) -> Measure:
    if measure not in MEASURES:
        raise NotOurs(measure)
    return MEASURES[measure]


def _rows(rows: Rows, scope: Scope, now: datetime, spans: Sequence[Span] = ()) -> QuerySet[Any]:
    if rows is Rows.DUTIES:
        ends = conditions(now)
        return duties(scope, now, spans).filter(ends["met"] | ends["late"] | ends["overdue"])
    return measured(scope, rows, now, spans)


def condition_of(asked: Measure) -> Q:
    """Return which of its rows a measure counts; where a column is ordered or summed, only those that have it."""
    return asked.where & Q(**{f"{asked.column}__isnull": False}) if asked.column else asked.where


def hit_of(asked: Measure, now: datetime) -> Q:
    return conditions(now)["met"] if asked.rows is Rows.DUTIES else asked.hit


def _sums(asked: Measure, now: datetime, within: Q = _ALWAYS) -> dict[str, Any]:
    counted = condition_of(asked) & within
    found: dict[str, Any] = {"n": Count("pk", filter=counted)}
    if asked.how is How.SHARE:
        found["hits"] = Count("pk", filter=counted & hit_of(asked, now))
    elif asked.how in (How.SUM, How.MEAN, How.PART):
        found["total"] = Sum(asked.column, filter=counted)
        if asked.of:
            found["whole"] = Sum(asked.of, filter=counted)
    return found


ORDERED = {How.MEDIAN: 5, How.TENTH: 9}  # tenths
#: What is summed of the rows of a measure, in the order in which `summing` keeps it.
PARTS: Mapping[How, tuple[str, ...]] = {
    How.COUNT: ("n",),
    How.SHARE: ("n", "hits"),
    How.SUM: ("n", "total"),
    How.MEAN: ("n", "total"),
    How.PART: ("n", "total", "whole"),
}


def _of(asked: Measure, told: Numbers) -> Figure:
    n = told.get("n", 0)
    if asked.how is How.COUNT:
        return Figure(value=Decimal(n), of=int(n))
    if asked.how is How.SHARE:
        rate = Rate(number=int(told.get("hits", 0)), of=int(n))
        low, high = rate.interval or (None, None)
        return Figure(value=rate.share, of=int(n), low=low, high=high, is_from_few=rate.is_from_few)
    total = told.get("total", 0)
    if asked.how is How.SUM:
        return Figure(value=Decimal(total), of=int(n))
    if asked.how is How.MEAN:
        return Figure(value=float(total) / int(n) if n else None, of=int(n), is_from_few=n < FEW)
    share = float(total) / float(told["whole"]) if told.get("whole") else None
    return Figure(value=share, of=int(n), is_from_few=n < FEW)


def _ordered(asked: Measure, runs: Iterable[Sequence[int]]) -> Figure:
    filled = [each for each in runs if len(each)]
    if not filled:
        return Figure(value=None, of=0, is_from_few=True)
    number = sum(map(len, filled))
    return Figure(value=rank_of(filled, ORDERED[asked.how]) / asked.divisor, of=number, is_from_few=number < FEW)


def _nothing(asked: Measure) -> Figure:
    return _ordered(asked, ()) if asked.how in ORDERED else _of(asked, {})
