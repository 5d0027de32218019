"""What answers for a measure: its figure, the same taken apart by a dimension, and the cases behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value

from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_instant, instant_cursor
from ombud.insight import keys, sums
from ombud.insight.compliance import TOLD, standing
from ombud.insight.daily import OF_CASES, OF_DUTIES, hit_of
from ombud.insight.models import Measured
from ombud.insight.rates import FEW, Rate, rank_of
from ombud.insight.registry import MEASURES, ORDERED, PARTS, How, Measure, Rows, condition_of
from ombud.insight.scopes import (
    AGES,
    TIMES,
    Key,
    Scope,
    column,
    duties,
    is_aged,
    is_within,
    measured,
)  # fmt: skip
from ombud.insight.spans import Span, around, shared, steps
from ombud.insight.sums import Parts

Numbers = dict[str, int | Decimal]  # what is summed of a measure: how many rows, and so on
_ALWAYS = Q()
_LATER = timedelta(days=1)
_AT_ONCE = 100  # looks that one query holds
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
        if rows is Rows.OPEN and scope.span.end <= now:
            number = _open_at(scope, now)
            found[0].update({each.id: _of(each, {"n": number}) for each in mine})
            continue
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
    told, runs = defaultdict[Any, Numbers](dict), defaultdict[Any, list[Any]](list)
    for day, key, run in part.lengths.get(asked.column, ()):
        runs[begins(day) if begins else key].append(run)
    for day, key, mine in part.sums if asked.how not in ORDERED else ():
        _add(told[begins(day) if begins else key], asked, mine.get(asked.id, ()))
    if part.rest and asked.how in ORDERED:
        here = defaultdict[Any, list[int]](list)
        for key, value in _keyed(asked, dimension, scope, now, part.rest).values_list("key", asked.column):
            here[begins(key.astimezone(scope.span.begin.tzinfo).date()) if begins else key].append(value)
        for key, values in here.items():
            runs[key].append(sorted(values))
    elif part.rest:
        for key, row in _rest_by_key(asked, dimension, scope, now, part.rest):
            _add(told[key], asked, [row[name] or 0 for name in PARTS[asked.how]])
    if asked.how in ORDERED:
        return {key: _ordered(asked, some) for key, some in runs.items() if any(map(len, some))}
    return {key: _of(asked, numbers) for key, numbers in told.items() if numbers.get("n")}


def _keyed(asked: Measure, dimension: str, scope: Scope, now: datetime, rest: Sequence[Span]) -> QuerySet[Any]:
    """Return the rows of some stretches with the value of a dimension as their key; of times the instant itself."""
    rows: Any = _rows(asked.rows, scope, now, rest).filter(condition_of(asked)).order_by()
    key = F(asked.rows.value) if dimension in TIMES else column(dimension, asked.rows)
    found: QuerySet[Any] = rows.annotate(key=key)
    return found


def _rest_by_key(
    asked: Measure, dimension: str, scope: Scope, now: datetime, rest: Sequence[Span]
) -> Iterable[tuple[Any, Mapping[str, Any]]]:
    """Yield what the rows of some stretches come to by each value of a dimension; one query.

    Of times each is looked at along the index: nothing is turned into a month row by row.
    """
    if dimension not in TIMES:
        for row in _keyed(asked, dimension, scope, now, rest).values("key").annotate(**_sums(asked, now)):
            yield row["key"], row
        return
    all_steps = steps(scope.span, dimension, max(each.end for each in rest))
    pieces = {step.begin: [one for each in rest if (one := shared(step, each))] for step in all_steps}
    begins = [begin for begin, each in pieces.items() if each]
    for first in range(0, len(begins), _AT_ONCE):
        told: list[Any] = []
        for place in range(first, min(first + _AT_ONCE, len(begins))):
            rows: Any = _rows(asked.rows, scope, now, pieces[begins[place]]).filter(condition_of(asked)).order_by()
            told.append(rows.annotate(place=Value(place)).values("place").annotate(**_sums(asked, now)))
        for row in told[0].union(*told[1:], all=True):
            yield begins[row["place"]], row


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
    looked = looked.annotate(row=column(rows, asked.rows), key=column(columns, asked.rows))
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
    if not told:
        return ()
    after = _open_at(scope.within(Span(begin=told[0].begin, end=told[-1].end)), now)
    within = scope.within(Span(begin=told[0].begin, end=told[-1].end))
    came, went = (_by_key(MEASURES[each], dimension, within, now) for each in ("received", "closed"))
    found: list[tuple[Key, Figure]] = []
    for step in reversed(told):
        found.append((keys.time(dimension, step.begin), _of(asked, {"n": after})))
        after += (went[step.begin].of if step.begin in went else 0) - (came[step.begin].of if step.begin in came else 0)
    return tuple(reversed(found))


def _open_at(scope: Scope, now: datetime) -> int:
    """Return how many complaints were open at the end of the span: those open now, less what came since, and so on."""
    at = scope.span.end
    number = measured(scope.within(Span(begin=now, end=now + _LATER)), Rows.OPEN, now).count()
    if at > now:
        return number
    tomorrow = datetime.combine(now.astimezone(at.tzinfo).date() + _LATER, time.min, at.tzinfo)
    since = scope.within(Span(begin=at, end=tomorrow))
    told = _within(("received", "closed"), since, [since.span], now)[0]
    return number - told["received"].of + told["closed"].of


def _by_age(asked: Measure, scope: Scope, now: datetime) -> tuple[tuple[Key, Figure], ...]:
    if asked.rows is not Rows.OPEN:
        raise NotOurs("age")
    rows = _rows(asked.rows, scope, now)
    counts = rows.aggregate(
        **{f"age{place}": Count(Value(1), filter=is_aged(id, now)) for place, id in enumerate(AGES)}
    )
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
        return duties(scope, now, spans).filter(standing(TOLD, now))
    return measured(scope, rows, now, spans)


def _sums(asked: Measure, now: datetime, within: Q = _ALWAYS) -> dict[str, Any]:
    counted = condition_of(asked) & within
    found: dict[str, Any] = {"n": Count(Value(1), filter=counted)}
    if asked.how is How.SHARE:
        found["hits"] = Count(Value(1), filter=counted & hit_of(asked, now))
    elif asked.how in (How.SUM, How.MEAN, How.PART):
        found["total"] = Sum(asked.column, filter=counted)
        if asked.of:
            found["whole"] = Sum(asked.of, filter=counted)
    return found


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
