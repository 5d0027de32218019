"""The figures at the head of an overview: each with its name, how the span before compares, and where its cases are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ombud.insight import measures, spans
from ombud.insight.figure_words import change, words
from ombud.insight.measures import MEASURES, Figure, Measure, Scope
from ombud.workbench.figure_scope import can_count, href
from ombud.workbench.figures import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One figure."""

    measure: Measure
    figure: Figure
    words: str
    change: str
    href: str  # empty: nothing is behind it, or it is not for the reader


def tiles(ids: Iterable[str], wanted: Asked, scope: Scope, now: datetime, **only: str) -> list[Tile]:
    """Return the figures that the policy can count, beside the span before where that can be told.

    `only` narrows both what is counted and what a number opens.
    """
    for dimension, id in only.items():
        scope = scope.narrowed(dimension, id)
    asked = [MEASURES[id] for id in ids if can_count(MEASURES[id], wanted.pack)]
    found, earlier = measures.compared((each.id for each in asked), scope, spans.before(scope.span), now)
    return [
        Tile(
            measure=each,
            figure=found[each.id],
            words=words(found[each.id], each, wanted.pack),
            change=change(found[each.id], earlier[each.id], each) if each.id in earlier else "",
            # What the system counts for somebody who sees no case opens none.
            href=href(wanted, each.id, **only) if found[each.id].of and scope.reader is not None else "",
        )
        for each in asked
    ]
