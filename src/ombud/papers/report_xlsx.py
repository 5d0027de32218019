"""A report as XLSX, to calculate with: a sheet for each section, numbers as numbers, texts never as formulas."""

from __future__ import annotations

import io
import re

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ombud.papers.report import Cell, ReportPaper, Table
from ombud.papers.signing import clean

LONGEST_NAME = 31  # characters of a sheet's name
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDEST = 60  # characters of a column


def report_xlsx(report: ReportPaper) -> bytes:
    """Return the report as a workbook: an overview first, then its sections, then how each figure is counted."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": clean(report.title), "created": report.at.replace(tzinfo=None)})
        head, share = book.add_format({"bold": True}), book.add_format({"num_format": "0 %"})
        names: set[str] = set()
        overview = book.add_worksheet(_name(report.title, names))
        lines = [("", report.title), ("", report.period), ("", report.policy), *report.about, ("", report.hash)]
        _write(overview, _texts([line for line in lines if line[1]]), head, share)
        for part in report.parts:
            sheet = book.add_worksheet(_name(part.title, names))
            if part.table:
                _write(sheet, part.table, head, share)
            else:
                _write(sheet, _texts([(line,) for line in part.words.split("\n")]), head, share)
        if report.counted:
            _write(book.add_worksheet(_name(report.counted_title, names)), _texts(report.counted), head, share)
    return out.getvalue()


def _texts(rows: object) -> Table:
    assert isinstance(rows, list | tuple), "rows of texts"
    return Table(headings=(), rows=[[Cell(text=text) for text in row] for row in rows])


def _write(sheet: Worksheet, table: Table, head: Format, share: Format) -> None:
    if table.headings:
        sheet.write_row(0, 0, [clean(each) for each in table.headings], head)
        sheet.freeze_panes(1, 1)
    first = 1 if table.headings else 0
    for number, row in enumerate(table.rows, first):
        for column, cell in enumerate(row):
            if cell.number is None:
                sheet.write_string(number, column, clean(cell.text))
            else:
                sheet.write_number(number, column, cell.number, share if cell.is_share else None)
            if cell.note:
                sheet.write_comment(number, column, clean(cell.note))
    sheet.autofit(_WIDEST * 7)


def _name(title: str, taken: set[str]) -> str:
    """Return a sheet's name that is allowed and not taken yet, whatever its case."""
    wanted = _FORBIDDEN.sub(" ", clean(title)).strip()[:LONGEST_NAME] or "-"
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted[: LONGEST_NAME - 4]} {number}", number + 1
    taken.add(name.casefold())
    return name
