"""Workbooks: whatever stands in a cell is words or a number there, and none is lost."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from ombud.papers.report import Cell
from ombud.papers.workbook import CUT, LONGEST, Sheet, workbook

SOURCE = Path(__file__).parents[2] / "src" / "ombud"


def read(content: bytes) -> list[list[object]]:
    """Return the cells of the first sheet as another program reads them."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def written(*texts: str) -> list[object]:
    (row,) = read(workbook([Sheet(rows=[[Cell(text=text) for text in texts]])]))
    return row


def quoted(content: bytes) -> list[bool]:
    """Return of each cell of the first sheet whether a spreadsheet keeps it words when somebody edits it."""
    with ZipFile(io.BytesIO(content)) as parts:
        styles, page = (parts.read(f"xl/{name}.xml").decode() for name in ("styles", "worksheets/sheet1"))
    forms = ["quotePrefix" in each for each in re.findall(r"<xf [^>]*>", styles.partition("<cellXfs")[2])]
    assert "<f>" not in page
    return [forms[int((re.findall(r' s="(\d+)"', cell) or ["0"])[0])] for cell in re.findall(r"<c [^>]*>", page)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_what_looks_like_a_formula_is_words_and_stays_so_when_its_cell_is_edited(text: str) -> None:
    content = workbook([Sheet(headings=[text], rows=[[Cell(text=text)]])])
    assert read(content) == [[text], [text]]
    assert quoted(content) == [True, True]


def test_words_and_numbers_are_no_formulas() -> None:
    content = workbook([Sheet(rows=[[Cell(text="x"), Cell(text="-3", number=-3)]])])
    assert read(content) == [["x", -3]]
    assert quoted(content) == [False, False]


@pytest.mark.parametrize("letter", ["a", "水", "😀"])
def test_a_text_that_no_cell_can_hold_is_cut_and_never_lost(letter: str) -> None:
    (kept,) = written(letter * 40_000)
    assert isinstance(kept, str)
    assert len(kept.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)
    assert (kept[:100], kept[-1]) == (letter * 100, CUT)
    (whole,) = written(letter * (LONGEST // 2))
    assert whole == letter * (LONGEST // 2)


def test_what_xml_cannot_hold_costs_no_other_letter() -> None:
    assert written("a\x00b\x0bc\ud800d\ufffe", "line\nline") == ["abcd", "line\nline"]


def test_every_workbook_of_the_program_is_written_in_two_places() -> None:
    users = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if "xlsxwriter" in path.read_text()}
    assert users == {"papers/workbook.py", "papers/long_workbook.py"}  # whole, and as its rows come


def test_sheets_have_names_that_are_allowed_and_their_own() -> None:
    content = workbook([Sheet(title="a/b", rows=[]), Sheet(title="A:B", rows=[]), Sheet(title="", rows=[])])
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["a b", "A B 2", "-"]
