"""What people complain about more than in the span before, as far as chance does not explain it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from django.db.models import Count, Q, TextField, Value

from ombud.insight import keys
from ombud.insight.registry import Rows
from ombud.insight.scopes import Key, Scope, Words, column, measured
from ombud.insight.spans import Span, around
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import OWN_FACTS, RECEIVE

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
    for dimension, counts in _counts(tuple(_dimensions(pack)), scope, earlier, now).items():
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
    """Return how often each value of each dimension came in now and before; one query for all of them."""
    rows = measured(scope.within(around([scope.span, earlier])), Rows.RECEIVED, now).order_by()
    told = [
        rows.annotate(side=Value(each, output_field=TextField()), key=column(each, Rows.RECEIVED, scope.span))
        .values_list("side", "key")
        .annotate(many=Count("pk", filter=_within(scope.span)), before=Count("pk", filter=_within(earlier)))
        for each in dimensions
    ]
    found: dict[str, dict[str, tuple[int, int]]] = {each: {} for each in dimensions}
    for side, value, many, before in told[0].union(*told[1:], all=True) if told else ():
        found[side][value] = (many, before)
    return found


def _within(span: Span) -> Q:
    return Q(received_at__gte=span.begin, received_at__lt=span.end)


def _dimensions(pack: Pack) -> Iterable[str]:
    """Return by what a complaint tells what it is about: its category, and what is chosen up to its registration."""
    if pack.figures.category:
        yield "category"
    acts = [pack.main.acts[each] for each in (RECEIVE, *pack.figures.registered) if each in pack.main.acts]
    said = {name for act in acts for name in (*act.needs, *act.may)} - OWN_FACTS - {pack.figures.category}
    for name, field in pack.fields.items():
        if name in said and field.type == FieldType.CHOICE and field.of:
            yield name
