"""Spreadsheets' workbooks, opened by a process apart: without Django, keys or database, under limits.

A workbook of five kilobytes can name a cell so far out that whoever opens it wants all memory that there is, and ends.
The child's arguments are the file and the sheet (empty: the first); stdout is a line of JSON for each row.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ombud.lifeline import die_with_parent

SECONDS, BYTES = 120, 4 * 2**30  # of computing, of address space
PATIENCE = 300  # seconds by the clock
EXACT = 10**15  # numbers from here on a spreadsheet has rounded
_NO_SHEET = 3  # the child's status: what it printed are the sheets that there are


class Unopened(Exception):
    """The workbook cannot be read; the words say why."""


def rows_of(path: Path, sheet: str | None = None) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the cells of each row of a sheet, the first unless it is named, and whether a number in it was rounded.

    Raises Unopened.
    """
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
        is_rounded, *cells = json.loads(line)
        yield tuple(cells), is_rounded


def main(path: str, sheet: str) -> int:
    """Print the rows of a workbook; an exception is the answer that it cannot be opened."""
    from python_calamine import CalamineWorkbook

    die_with_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no business with files
    with CalamineWorkbook.from_path(path) as book:
        if sheet and sheet not in book.sheet_names:
            print(json.dumps(book.sheet_names))
            return _NO_SHEET
        rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    width = max((number for number, each in enumerate(rows[0], 1) if each != ""), default=0) if rows else 0
    for row in rows:
        rest = [each for each in row[width:] if each != ""]
        is_rounded = any(isinstance(each, float | int) and abs(each) >= EXACT for each in row)
        print(json.dumps([is_rounded, *map(_words, (*row[:width], *rest))]))
    return 0


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
