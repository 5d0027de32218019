"""What people complain about more than in the span before, as far as chance does not explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from django.db.models import Count, TextField, Value

from ombud.insight import keys, sums
from ombud.insight.registry import Rows
from ombud.insight.scopes import Key, Scope, Words, column, measured
from ombud.insight.spans import Span, around
from ombud.insight.topics import TOPICS, topics_of
from ombud.policy.model.pack import Pack

_UNUSUAL = 1.96  # of two counts with the same rate, one in twenty pairs differs so much
SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One value of a fact, and how often it came in now and before."""

    dimension: str
    title: Words
    key: Key
    now: int
    before: int

    @property
    def strength(self) -> float:
        """How many standard deviations the rise is, if both were counts with one rate."""
        return (self.now - self.before) / sqrt(self.now + self.before) if self.now + self.before else 0.0

    @property
    def is_unusual(self) -> bool:
        return self.strength >= _UNUSUAL


def topics(pack: Pack, scope: Scope, earlier: Span, now: datetime) -> tuple[Topic, ...]:
    """Return what rose most, the strongest first; the spans are equally long."""
    found = []
    for dimension, counts in _counts(tuple(topics_of(pack)), scope, earlier, now).items():
        if not any(before for _now, before in counts.values()):
            return ()  # nothing to compare with: everything would be new
        named = keys.named(dimension, (value for value in counts if value), pack)
        for value, key in named.items():
            many, before = counts[value]
            if many > before:
                title = keys.title(dimension, pack)
                found.append(Topic(dimension=dimension, title=title, key=key, now=many, before=before))
    return tuple(sorted(found, key=lambda each: -each.strength)[:SHOWN])


def _counts(
    dimensions: Sequence[str], scope: Scope, earlier: Span, now: datetime
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return how often each value of each dimension came in now and before; one query for all that is not summed up."""
    found: dict[str, dict[str, tuple[int, int]]] = {each: {} for each in dimensions}
    both = around([scope.span, earlier])
    is_of_all = scope.department is None and scope.office is None
    what = Rows.RECEIVED.value if is_of_all else TOPICS
    asked = [
        (each, place, sums.of(scope, what, span, now, by=each, around=both))
        for each in dimensions
        for place, span in enumerate((scope.span, earlier))
    ]
    for dimension, place, part in asked:
        for _day, key, mine in part.sums:
            _add(found[dimension], key, place, mine["received"][0])
    told = [
        measured(scope, Rows.RECEIVED, now, part.rest)
        .order_by()
        .annotate(side=Value(f"{place}{dimension}", output_field=TextField()))
        .annotate(key=column(dimension, Rows.RECEIVED, scope.span))
        .values_list("side", "key")
        .annotate(n=Count("pk"))
        for dimension, place, part in asked
        if part.rest
    ]
    for side, value, number in told[0].union(*told[1:], all=True) if told else ():
        _add(found[side[1:]], value, int(side[0]), number)
    return found


def _add(counts: dict[str, tuple[int, int]], key: str, place: int, number: int) -> None:
    now, before = counts.get(key, (0, 0))
    counts[key] = (now, before + number) if place else (now + number, before)
