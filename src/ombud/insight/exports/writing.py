"""Writes a list into a file as its rows come: CSV, a workbook, JSON or columns, in memory that does not grow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import IO

from ombud.insight.exports.cells import csv_cell, json_line
from ombud.insight.exports.columnar import DUCKDB, PARQUET, write_columns
from ombud.insight.exports.table import Row, Table
from ombud.papers.long_workbook import write_long

CSV, XLSX, JSONL = "csv", "xlsx", "jsonl"
MEDIA = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    JSONL: "application/jsonl; charset=utf-8",
    PARQUET: "application/vnd.apache.parquet",
    DUCKDB: "application/octet-stream",
}
MOST = 1_000_000  # rows of one list; a sheet holds no more than 1,048,576
_AS_IT_IS = frozenset({int, float, Decimal, type(None)})
_PIECE = 1 << 16  # characters that are handed on at once


class TooLong(ValueError):
    """The list has more rows than one file may hold."""


def write(table: Table, format: str, out: IO[bytes], zone: tzinfo, *, most: int = MOST) -> int:
    """Write the list and return how many rows it has. Raises TooLong behind the `most`th row."""
    counted = _Counted(table.rows, most)
    _WRITERS[format](table, counted, out, zone)
    return counted.number


class _Counted:
    """The rows, counted as they pass."""

    def __init__(self, rows: Iterable[Row], most: int) -> None:
        self._rows, self._most, self.number = rows, most, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if self.number >= self._most:
                raise TooLong
            self.number += 1
            yield row


def _csv(table: Table, rows: Iterable[Row], out: IO[bytes], zone: tzinfo) -> None:
    out.write("\ufeff".encode())  # without it a spreadsheet in Chinese reads another encoding
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([csv_cell(each, zone) for each in table.headings])
    for row in rows:
        # Most cells of figures are numbers, gaps and ids, and the same in any case: each call less is time.
        writer.writerow(
            [
                each
                if (kind := each.__class__) in _AS_IT_IS or (kind is str and each.isidentifier())  # type: ignore[union-attr]
                else csv_cell(each, zone)
                for each in row.cells
            ]
        )
        if text.tell() >= _PIECE:
            _hand_on(text, out)
    _hand_on(text, out)


def _jsonl(table: Table, rows: Iterable[Row], out: IO[bytes], zone: tzinfo) -> None:
    text = io.StringIO(newline="")
    for row in rows:
        text.write(json_line(table.headings, list(row.cells)))
        if text.tell() >= _PIECE:
            _hand_on(text, out)
    _hand_on(text, out)


def _hand_on(text: io.StringIO, out: IO[bytes]) -> None:
    out.write(text.getvalue().encode("utf-8", "replace"))
    text.seek(0)
    text.truncate()


def _xlsx(table: Table, rows: Iterable[Row], out: IO[bytes], zone: tzinfo) -> None:
    write_long(out, table.headings, (row.cells for row in rows), zone)


def _columns(format: str) -> Callable[[Table, Iterable[Row], IO[bytes], tzinfo], None]:
    return lambda table, rows, out, zone: write_columns(table.name, table.headings, rows, format, out)


_WRITERS: Mapping[str, Callable[[Table, Iterable[Row], IO[bytes], tzinfo], None]] = {
    CSV: _csv,
    XLSX: _xlsx,
    JSONL: _jsonl,
    PARQUET: _columns(PARQUET),
    DUCKDB: _columns(DUCKDB),
}
