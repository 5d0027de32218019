"""A report as XLSX, to calculate with: a sheet for each section, numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ombud.papers.report import Cell, ReportPaper
from ombud.papers.workbook import Sheet, workbook


def report_xlsx(report: ReportPaper) -> bytes:
    """Return the report as a workbook: an overview first, then its sections, then how each figure is counted."""
    lines = [("", report.title), ("", report.period), ("", report.policy), *report.about, ("", report.hash)]
    sheets = [Sheet(title=report.title, rows=_texts(line for line in lines if line[1]))]
    for part in report.parts:
        if part.table:
            table = part.table
            sheets.append(Sheet(title=part.title, headings=table.headings, rows=table.rows, named=1))
        else:
            words = part.words or report.unwritten
            sheets.append(Sheet(title=part.title, rows=_texts((line,) for line in words.split("\n"))))
    if report.counted:
        sheets.append(Sheet(title=report.counted_title, rows=_texts(report.counted)))
    return workbook(sheets, title=report.title, at=report.at)


def _texts(rows: Iterable[Sequence[str]]) -> list[list[Cell]]:
    return [[Cell(text=text) for text in row] for row in rows]
