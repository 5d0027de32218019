"""A workbook of one sheet that is written as its rows come, in memory that does not grow: values as what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import IO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ombud.papers.workbook import fitted, is_like_a_formula

Value = None | bool | int | float | Decimal | datetime | date | str
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_WIDTH = 18  # of a column, in characters


def write_long(out: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Value]], zone: tzinfo) -> None:
    """Write rows under headings: numbers to calculate with, times on the reader's clock, texts as texts."""
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        forms = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            str: book.add_format({"quote_prefix": True}),  # of words that look like a formula
        }
        sheet.set_column(0, max(0, len(headings) - 1), _WIDTH)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, fitted(heading), bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, forms, zone)


def _write(sheet: Worksheet, row: int, column: int, value: Value, forms: dict[type, Format], zone: tzinfo) -> None:
    match value:
        case None:
            return
        case bool() | int() | float() | Decimal():
            sheet.write_number(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(zone).replace(tzinfo=None), forms[datetime])
        case date():
            sheet.write_datetime(row, column, value, forms[date])
        case _:
            text = fitted(value)
            sheet.write_string(row, column, text, forms[str] if is_like_a_formula(text) else None)
