"""A list on its way out: its headings, and its rows one after the other, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | Decimal | bool | datetime | date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line, and the case that it is about, if it is about one."""

    cells: Sequence[Cell]
    case: int | None = None  # Case.pk


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What is written: the rows are read when they are written, never all at once."""

    name: str  # of the file, without its ending
    headings: tuple[str, ...]
    rows: Iterator[Row]
