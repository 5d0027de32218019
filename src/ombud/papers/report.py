"""A report as PDF: what it counts in tables and bars, what people wrote, how each figure is counted, and its hash."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ombud.organisation.sender import Sender
from ombud.papers.letter import blocks
from ombud.papers.letterhead import images, letterhead, template_of
from ombud.papers.printing import printed

SECONDS = 30.0
NARROW, WIDE, MARGIN = 8, 32, 3  # characters that a column of text is set for, at least and at most
SHORT = 18  # a column of texts up to here is not broken where another is longer
LINE = 88  # letters that a table has room for side by side, at the size that it is set in
NONE = "\N{EN DASH}"  # where there is no number


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One value of a table: as it is read, and the number behind it where it is one."""

    text: str
    number: float | None = None
    note: str = ""  # small beside it: from few, changed since
    is_share: bool = False
    opens: str = ""  # on a page, where its cases are


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under headings; the first column names the row."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of a chart, as long as its share of the longest."""

    label: str
    text: str
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One section of a report, in words."""

    title: str
    note: str = ""  # what has to be known beside it
    table: Table | None = None
    lists_cases: bool = False  # each row is a case, named by its reference
    bars: Sequence[Bar] = ()
    bars_title: str = ""
    field: str = ""  # the field that is written here
    ask: str = ""  # what it asks
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPaper:
    """What a report says, in the language of its reader."""

    language: str
    reference: str
    policy: str
    title: str
    period: str
    about: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    counted: Sequence[tuple[str, str]]  # what each measure is, in a sentence
    counted_title: str
    nothing: str  # where there is nothing to show
    unwritten: str  # where nothing was written: that is not to say that there is nothing
    hash: str  # of the figures, in words
    sender: Sender
    at: datetime


def report_pdf(paper: ReportPaper) -> bytes:
    """Return the report as PDF, the same bytes each time. Raises PaperError."""
    data = {
        **letterhead(paper.language, paper.sender),
        "reference": paper.reference,
        "policy": paper.policy,
        "title": paper.title,
        "period": paper.period,
        "about": paper.about,
        "parts": [_part(each) for each in paper.parts],
        "counted": paper.counted,
        "counted-title": paper.counted_title,
        "hash": paper.hash,
        "words": {"page": template_of("page", paper.language), "nothing": paper.nothing, "unwritten": paper.unwritten},
    }
    return printed("report.typ", data, images=images(paper.sender), at=paper.at, seconds=SECONDS, is_lenient=True)


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "note": part.note,
        "is-words": bool(part.field),
        "words": blocks(part.words),
        "bars-title": part.bars_title,
        "bars": [{"label": each.label, "text": each.text, "share": each.share} for each in part.bars],
        "headings": part.table.headings if part.table else (),
        "rows": [[{"text": each.text, "note": each.note} for each in row] for row in part.table.rows]
        if part.table
        else (),
        "is-number": _numbers(part.table) if part.table else (),
        "widths": widths(part.table) if part.table else (),
    }


def holds_numbers(table: Table, column: int) -> bool:
    """Return whether a column holds numbers, or a dash in each row for want of them: it is set at its end."""
    cells = [row[column] for row in table.rows]
    return any(cell.number is not None for cell in cells) or {cell.text for cell in cells} == {NONE}


def _numbers(table: Table) -> list[bool]:
    return [holds_numbers(table, column) for column in _columns(table)]


def widths(table: Table) -> list[int]:
    """Return how wide each column wants to be, by its longest text; 0 is just as wide as it is, where others are long.

    So no reference or name of a word or two is broken; where everything fits side by side, all share what is left over.
    """
    longest = [max(map(wide, each)) for each in _texts(table)]
    wanted = [min(max(each + MARGIN, NARROW), WIDE) for each in longest]
    if max(longest) <= WIDE and sum(wanted) <= LINE:
        return wanted
    is_filled = any(
        length > SHORT for length, of_numbers in zip(longest, _numbers(table), strict=True) if not of_numbers
    )
    return [0 if is_filled and each <= SHORT else width for each, width in zip(longest, wanted, strict=True)]


def shares(table: Table) -> list[float]:
    """Return which part of a table's width each column gets where columns cannot be just as wide as they are."""
    wanted = [min(max(*map(wide, each), NARROW) + MARGIN, WIDE) for each in _texts(table)]
    return [each / sum(wanted) for each in wanted]


def _texts(table: Table) -> list[list[str]]:
    """Return what stands in each column, its heading first, if it has one."""
    columns = range(len(table.rows[0] if table.rows else table.headings))
    return [[*table.headings[column : column + 1], *(row[column].text for row in table.rows)] for column in columns]


def wide(text: str) -> int:
    """Return how many letters wide a text is: a Chinese sign takes the place of two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _columns(table: Table) -> range:
    return range(len(table.headings))
