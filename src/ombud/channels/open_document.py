"""Which cells of an OpenDocument spreadsheet are merged: calamine, which reads the rest of it, does not say."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

Range = tuple[tuple[int, int], tuple[int, int]]  # (row, column) of the first cell and of the last, from 0
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def merged(path: str, sheet: str) -> list[Range]:
    """Return the ranges of merged cells of a sheet; none of a file of another kind.

    Rows and cells that stand many times are counted, not gone through: a few bytes may say a billion of them.
    """
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as parts:
        return list(_merged(parts, sheet)) if "content.xml" in parts.namelist() else []


def _merged(parts: zipfile.ZipFile, sheet: str) -> Iterator[Range]:
    row = column = depth = 0
    with parts.open("content.xml") as part:
        for event, node in ElementTree.iterparse(part, events=("start", "end")):
            is_start = event == "start"
            if node.tag == f"{_TABLE}table":  # a cell may hold one of its own
                if depth or (is_start and node.get(f"{_TABLE}name") == sheet):
                    depth += 1 if is_start else -1
            elif node.tag in _CELLS and is_start and depth == 1:
                down, across = _times(node, "number-rows-spanned"), _times(node, "number-columns-spanned")
                if down > 1 or across > 1:
                    yield (row, column), (row + down - 1, column + across - 1)
                column += _times(node, "number-columns-repeated")
            elif node.tag == f"{_TABLE}table-row" and not is_start:
                if depth == 1:
                    row, column = row + _times(node, "number-rows-repeated"), 0
                node.clear()


def _times(node: ElementTree.Element, name: str) -> int:
    return int(node.get(_TABLE + name) or 1)
