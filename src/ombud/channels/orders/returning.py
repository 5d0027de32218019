"""Returns answered work orders to their authority: its own columns, with the answer and its date filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ombud.channels.orders.sheets import ANSWER, ANSWERED, table_words
from ombud.channels.orders.taking_in import CELLS, SEQ
from ombud.correspondence.models import OrderSheet, WorkOrder
from ombud.papers import workbook
from ombud.papers.report import Cell
from ombud.papers.workbook import Sheet
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

WIDTH = 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A work order with what it is answered, and when."""

    order: WorkOrder
    words: str
    at: datetime


def cells_of(order: WorkOrder) -> dict[str, str]:
    """Return the cells as they stood in the file; empty once its complainant was erased."""
    opened: Any = Vault(key_of(order.case.complainant), order.case.reference).open(SEQ, CELLS, order.cells)
    return {str(name): str(cell) for name, cell in opened.items()} if _is_whole(opened) else {}


def returned(sheet: OrderSheet, answered: Iterable[Answered]) -> bytes:
    """Return the workbook (XLSX) of these orders: every column of the authority's, times in its zone.

    Where the table has no column for answer or date, one is added after the others.
    """
    heading = [*sheet.heading]
    added = table_words()["added"]  # in the words of the authorities whose tables these are
    answer, at = (sheet.columns.get(part) or _added(heading, added[part]) for part in (ANSWER, ANSWERED))
    rows = [_row(each, heading, answer=answer, at=at, zone=ZoneInfo(sheet.zone)) for each in answered]
    cells = [[Cell(text=text) for text in row] for row in rows]
    return workbook.workbook([Sheet(headings=heading, rows=cells, width=WIDTH)])


def _added(heading: list[str], name: str) -> str:
    if name not in heading:
        heading.append(name)
    return name


def _row(each: Answered, heading: Sequence[str], *, answer: str, at: str, zone: ZoneInfo) -> list[str]:
    said = {**cells_of(each.order), answer: each.words, at: f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"}
    return [said.get(name, "") for name in heading]


def _is_whole(opened: Any) -> bool:
    return isinstance(opened, dict) and "$same" not in opened
