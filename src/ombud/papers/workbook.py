"""Workbooks (XLSX): all are written here, so that a cell holds words or a number, whatever it looks like."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from ombud.papers.report import Cell
from ombud.papers.signing import clean

LONGEST = 32_767  # units of UTF-16 in a cell: of a longer text spreadsheets show nothing, or call the file broken
LONGEST_NAME = 31  # characters of a sheet's name
CUT = "\u2026"
_FORMULA = ("=", "+", "-", "@", "\t")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDEST = 420  # pixels of a column
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: rows under headings, or rows alone."""

    title: str = "1"
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]]
    named: int = 0  # columns that name their row: they stay where they are
    width: int = 0  # characters of each column, in which long texts are wrapped; 0: as wide as its texts


def workbook(sheets: Sequence[Sheet], *, title: str = "", at: datetime | None = None) -> bytes:
    """Return a workbook of these sheets.

    Words never become formulas, neither when the file is opened nor when somebody edits the cell. A text that no cell
    can hold is cut, with an ellipsis at its end.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": clean(title), **({"created": at.replace(tzinfo=None)} if at else {})})
        forms = _Forms(book)
        names: set[str] = set()
        for sheet in sheets:
            _write(book.add_worksheet(_name(sheet.title, names)), sheet, forms)
    return out.getvalue()


def is_like_a_formula(text: str) -> bool:
    """Return whether a spreadsheet would take a text for a formula once somebody touches the cell."""
    return text.startswith(_FORMULA)


def fitted(text: str) -> str:
    """Return a text as a cell can hold it."""
    text = clean(text)
    # Two units of UTF-16 at most for each letter: what is half as long fits in any case.
    if len(text) <= LONGEST // 2 or len(units := text.encode("utf-16-le")) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + CUT


class _Forms:
    """The formats of cells, made once a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book, self._known = book, dict[str, Format]()

    def of(self, text: str, *, is_head: bool = False, is_wrapped: bool = False, is_share: bool = False) -> Format:
        is_quoted = is_like_a_formula(text)
        wanted: dict[str, Any] = {
            **({"bold": True} if is_head else {}),
            **({"text_wrap": True, "valign": "top"} if is_wrapped else {}),
            **({"num_format": "0 %"} if is_share else {}),
            **({"quote_prefix": True} if is_quoted else {}),
        }
        if (name := str(wanted)) not in self._known:
            self._known[name] = self._book.add_format(wanted)
        return self._known[name]


def _write(page: Any, sheet: Sheet, forms: _Forms) -> None:
    first = 1 if sheet.headings else 0
    for column, heading in enumerate(map(fitted, sheet.headings)):
        page.write_string(0, column, heading, forms.of(heading, is_head=True))
    for number, row in enumerate(sheet.rows, first):
        for column, cell in enumerate(row):
            if cell.number is not None:
                page.write_number(number, column, cell.number, forms.of("", is_share=cell.is_share))
            else:
                text = fitted(cell.text)
                page.write_string(number, column, text, forms.of(text, is_wrapped=bool(sheet.width)))
            if cell.note:
                page.write_comment(number, column, fitted(cell.note))
    page.freeze_panes(first, sheet.named)
    if sheet.width:
        page.set_column(0, max(len(sheet.headings), *map(len, sheet.rows), 1) - 1, sheet.width)
    else:
        page.autofit(_WIDEST)


def _name(title: str, taken: set[str]) -> str:
    """Return a sheet's name that is allowed and not taken yet, whatever its case."""
    wanted = _FORBIDDEN.sub(" ", clean(title)).strip()[:LONGEST_NAME] or "-"
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted[: LONGEST_NAME - 4]} {number}", number + 1
    taken.add(name.casefold())
    return name
