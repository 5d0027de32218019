"""Why complaints arose: how many of each cause, the most frequent first, and how much of all the first few make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.reading.paging import NotOurs
from ombud.insight import measures, spans
from ombud.insight.measuring import TOP
from ombud.insight.scopes import Scope
from ombud.policy.model.causes import Causes
from ombud.policy.model.pack import Pack

RECEIVED = "received"


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseLine:
    """One cause with the complaints received in the span that were put down to it."""

    cause: str
    dimension: str  # what to narrow figures by, so that they are these complaints
    number: int
    share: float  # of those whose cause is stated
    together: float  # the same with all that stand above
    before: int  # in the span before
    is_parted: bool  # whether there are causes below it


@dataclass(frozen=True, kw_only=True, slots=True)
class Pareto:
    """The causes of one span in the order of how often they were stated."""

    lines: tuple[CauseLine, ...]
    stated: int
    unstated: int  # complaints whose cause is not known, or not known yet


def pareto(pack: Pack, scope: Scope, now: datetime, *, under: str = "") -> Pareto:
    """Return the topmost causes, or the causes `under` one of these. Raises NotOurs for a cause that there is not."""
    causes = pack.causes
    if causes.field is None or (under and under not in tops(causes)):
        raise NotOurs(under)
    dimension = causes.field if under else TOP
    scope = scope.narrowed(TOP, under) if under else scope
    found = {key.id: figure.of for key, figure in measures.by(RECEIVED, dimension, scope, now)}
    earlier = scope.within(spans.before(scope.span))
    before = {key.id: figure.of for key, figure in measures.by(RECEIVED, dimension, earlier, now)}
    unstated = found.pop("", 0)
    stated, so_far, lines = sum(found.values()), 0, []
    for cause, number in sorted(found.items(), key=lambda each: (-each[1], _place(each[0], causes))):
        so_far += number
        lines.append(
            CauseLine(
                cause=cause,
                dimension=dimension,
                number=number,
                share=number / stated,
                together=so_far / stated,
                before=before.get(cause, 0),
                is_parted=not under and len(below(cause, causes)) > 1,
            )
        )
    return Pareto(lines=tuple(lines), stated=stated, unstated=unstated)


def tops(causes: Causes) -> tuple[str, ...]:
    """Return the causes at the top of the tree."""
    return tuple(each.id for each in causes.tree.values() if len(each.path) == 1)


def below(cause: str, causes: Causes) -> Collection[str]:
    """Return a cause with all that stand below it."""
    return {each.id for each in causes.tree.values() if cause in each.path}


def _place(cause: str, causes: Causes) -> int:
    known = list(causes.tree)
    return known.index(cause) if cause in causes.tree else len(known)  # a cause of an earlier version
