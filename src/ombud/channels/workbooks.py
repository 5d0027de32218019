"""Spreadsheets' workbooks, opened by a process apart: without Django, keys or database, under limits.

A workbook of five kilobytes can name a cell so far out that whoever opens it wants all memory that there is, and ends.
The child's arguments are the file and the sheet (empty: the first); stdout is a line of JSON for each row.
"""

from __future__ import annotations

import json
import posixpath
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ombud.channels import open_document
from ombud.lifeline import die_with_parent

SECONDS, BYTES = 120, 4 * 2**30  # of computing, of address space
PATIENCE = 300  # seconds by the clock
UNCOMPUTED = "#CALC!"  # a formula whose result no program has written down yet
EXACT = 10**15  # numbers from here on a spreadsheet has rounded
_NO_SHEET = 3  # the child's status: what it printed are the sheets that there are


class Unopened(Exception):
    """The workbook cannot be read; the words say why."""


class SheetRow(NamedTuple):
    """One row as it is seen."""

    cells: tuple[str, ...]
    is_rounded: bool  # a number in it
    merged: tuple[int, ...]  # numbers of the cells that show what merged cells say from a row above on


def rows_of(path: Path, sheet: str | None = None) -> Iterator[SheetRow]:
    """Yield the rows of a sheet, the first that is not hidden unless it is named. Raises Unopened."""
    command = [sys.executable, "-m", __name__, str(path.absolute()), sheet or ""]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, env={})
    except subprocess.TimeoutExpired as error:
        raise Unopened(f"opening it took longer than {PATIENCE} seconds") from error
    if done.returncode == _NO_SHEET:
        raise Unopened(f"there is no sheet {sheet!r}. It has: {', '.join(json.loads(done.stdout))}")
    if done.returncode < 0:  # ended from outside, or because it wanted more than it may have
        raise Unopened("it wants more memory or time than a table has; are there cells far out?")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Unopened(said[-1] if said else f"status {done.returncode}")
    for line in done.stdout.splitlines():
        cells, is_rounded, merged = json.loads(line)
        yield SheetRow(tuple(cells), is_rounded, tuple(merged))


def main(path: str, sheet: str) -> int:
    """Print the rows of a workbook; an exception is the answer that it cannot be opened."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    die_with_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no business with files
    with CalamineWorkbook.from_path(path) as book:
        if sheet and sheet not in book.sheet_names:
            print(json.dumps(book.sheet_names))
            return _NO_SHEET
        shown = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
        seen = [each.name for each in book.sheets_metadata if (each.typ, each.visible) == shown]
        sheet = sheet or next(iter(seen), book.sheet_names[0])
        found = book.get_sheet_by_name(sheet)
        rows = found.to_python(skip_empty_area=False)
        ranges = found.merged_cell_ranges or open_document.merged(path, sheet)  # calamine sees none in those
    merged = _spread_merged(ranges, rows)
    if zipfile.is_zipfile(path):
        _fill_unseen(path, sheet, rows)
    width = max((number for number, each in enumerate(rows[0], 1) if each != ""), default=0) if rows else 0
    for line, row in enumerate(rows):
        rest = [each for each in row[width:] if each != ""]
        is_rounded = any(isinstance(each, float | int) and abs(each) >= EXACT for each in row)
        print(json.dumps([[*map(_words, (*row[:width], *rest))], is_rounded, merged.get(line, [])]))
    return 0


def _spread_merged(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], rows: list[list[Any]]
) -> dict[int, list[int]]:
    """Put what cells merged downwards say into each row that they cover and that says anything of its own.

    Returns row -> the numbers of its cells so filled.
    """
    filled: dict[int, list[int]] = {}
    own = [any(cell != "" for cell in row) for row in rows]
    for (top, column), (bottom, _right) in sorted(ranges):
        if top >= len(rows) or column >= len(rows[top]) or rows[top][column] == "":  # merged beside the table, or empty
            continue
        for line in range(top + 1, min(bottom + 1, len(rows))):
            if own[line]:
                rows[line][column] = rows[top][column]
                filled.setdefault(line, []).append(column)
    return filled


def _fill_unseen(path: str, sheet: str, rows: list[list[Any]]) -> None:
    """Put into the rows of an XLSX what its formulas show instead of a result, which calamine leaves empty."""
    with zipfile.ZipFile(path) as parts:
        place = _place_of(parts, sheet)
        if place is None:
            return
        row = column = 0
        with parts.open(place) as part:
            for event, node in ElementTree.iterparse(part, events=("start", "end")):
                name = node.tag.rpartition("}")[2]
                if event == "start" and name == "row":
                    row, column = int(node.get("r") or row + 1), 0
                elif event == "end" and name == "c":
                    column = _column(node.get("r") or "") or column + 1
                    if seen := _unseen(node):
                        cells = rows[row - 1]
                        cells += [""] * (column - len(cells))
                        cells[column - 1] = seen
                elif event == "end" and name == "row":
                    node.clear()


def _unseen(cell: Element) -> str:
    """Return what a cell shows that has no value: an error, or UNCOMPUTED where a program left the computing to us."""
    found = {each.tag.rpartition("}")[2]: each.text or "" for each in cell}
    if cell.get("t") == "e":
        return found.get("v", "") or UNCOMPUTED
    return UNCOMPUTED if "f" in found and "v" not in found else ""


def _place_of(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """Return where in the archive a sheet lies, the first unless it is named; None in what is no XLSX."""
    if "xl/workbook.xml" not in parts.namelist():
        return None
    links = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in links}
    for node in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet") and (not sheet or node.get("name") == sheet):
            link = next((value for key, value in node.attrib.items() if key.endswith("}id")), None)
            target = targets.get(link, "")
            return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return None


def _column(place: str) -> int:
    """Return the number of the column of a cell such as AB12; 0 where it names none."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _words(cell: Any) -> str:
    """Return what a cell of a workbook holds as a CSV file would say it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S") if cell.time() != cell.min.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
