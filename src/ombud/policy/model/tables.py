"""Decision tables, compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ombud.policy.model.source import Place
from ombud.policy.model.values import Value
from ombud.texts import Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a decision table, already typed."""

    kind: str  # "any" (-), "absent" (?), "is" (one value), "in" (several), "interval"
    values: tuple[Value, ...] = ()
    low: Decimal | None = None  # None = no end on this side
    high: Decimal | None = None
    low_closed: bool = False
    high_closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    output: Value
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A decision table; `decide(facts)` returns its output or None."""

    id: str
    title: Text
    inputs: tuple[str, ...]
    hit: str  # unique, first, max
    rows: tuple[Row, ...]
    of: Mapping[str, Text]  # titles of the outputs, in order of gravity for `max`
    cite: tuple[str, ...]
    decide: Callable[[Mapping[str, Value]], Value | None]
    at: Place
