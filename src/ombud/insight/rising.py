"""What people complain about more than in the span before, as far as chance does not explain it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from ombud.insight import keys
from ombud.insight.counting import by, figure
from ombud.insight.scopes import Key, Scope, Words
from ombud.insight.spans import Span
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
    if not figure("received", scope.within(earlier), now).of:
        return ()  # nothing to compare with: everything would be new
    found = []
    for dimension in _dimensions(pack):
        before = {key.id: count.of for key, count in by("received", dimension, scope.within(earlier), now)}
        for key, count in by("received", dimension, scope, now):
            if key.id and count.of > before.get(key.id, 0):
                title = keys.title(dimension, pack)
                found.append(
                    Topic(dimension=dimension, title=title, key=key, now=count.of, before=before.get(key.id, 0))
                )
    return tuple(sorted(found, key=lambda each: -each.strength)[:SHOWN])


def _dimensions(pack: Pack) -> Iterable[str]:
    """Return by what a complaint tells what it is about: its category, and what is chosen up to its registration."""
    if pack.figures.category:
        yield "category"
    acts = [pack.main.acts[each] for each in (RECEIVE, *pack.figures.registered) if each in pack.main.acts]
    said = {name for act in acts for name in (*act.needs, *act.may)} - OWN_FACTS - {pack.figures.category}
    for name, field in pack.fields.items():
        if name in said and field.type == FieldType.CHOICE and field.of:
            yield name
