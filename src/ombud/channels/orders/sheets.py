"""Reads an authority's table, whichever spreadsheet wrote it, and guesses which column says what."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from ombud.channels.importer.tables import Record, TableError, read_records
from ombud.policy.plain_text import plain

NUMBER, RECEIVED, BY, ANSWER, ANSWERED = "number", "received", "by", "answer", "answered"
MOST, LARGEST = 2000, 20 * 1024 * 1024  # rows; bytes
_ENCODINGS = ("utf-8-sig", "gb18030")  # a spreadsheet in Chinese saves the second
_END = time(23, 59, 59)
_MIDNIGHT = re.compile(r"[ T]?24:00(?::00)?\Z")  # the end of a day, which no clock shows


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One work order as it stands in the file; `problem` says in English why it cannot be read."""

    line: int
    cells: Mapping[str, str]  # by heading
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The heading of a table, without empty columns, and its lines."""

    heading: tuple[str, ...]
    lines: tuple[Line, ...]


class NoTable(ValueError):
    """The file is no table; the code says why: unreadable, empty, twice, many."""


def read(content: bytes) -> Sheet:
    """Return the table that a workbook (XLSX, XLS, ODS) or CSV file holds; a title above the heading is passed over.

    Raises NoTable.
    """
    records = [each for each in _records(content) if any(map(plain, each.cells)) or each.problem]
    while records and sum(1 for cell in records[0].cells if plain(cell)) < 2:  # a title, or an empty table
        records.pop(0)
    if len(records) < 2:
        raise NoTable("empty")
    if len(records) - 1 > MOST:
        raise NoTable("many")
    first, *rest = records
    names = [" ".join(plain(cell).split()) for cell in first.cells]
    heading = tuple(filter(None, names))
    if len(set(heading)) != len(heading):
        raise NoTable("twice")
    lines = [
        Line(
            line=each.line,
            cells={
                name: plain(cell, lines=True).strip() for name, cell in zip(names, each.cells, strict=False) if name
            },
            problem=each.problem,
        )
        for each in rest
    ]
    return Sheet(heading=heading, lines=tuple(lines))


def _records(content: bytes) -> list[Record]:
    if len(content) > LARGEST:
        raise NoTable("many")
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for encoding in _ENCODINGS:
            try:
                return list(read_records(Path(file.name), encoding=encoding))
            except TableError:
                continue
    raise NoTable("unreadable")


@cache
def table_words() -> Mapping[str, Any]:
    """Return what authorities' tables say: headings of columns, forms of days and hours."""
    said: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    return said


def guessed(heading: Collection[str]) -> dict[str, str]:
    """Return part -> the column that probably says it: by its whole heading first, then by a part of it."""
    found: dict[str, str] = {}
    for fits in (str.__eq__, str.__contains__):
        for part, names in table_words()["columns"].items():
            free = [each for each in heading if each not in found.values()]
            hits = [each for name in names for each in free if fits(each.casefold(), name)]
            if part not in found and hits:
                found[part] = hits[0]
    return found


def moment(said: str, zone: ZoneInfo, *, is_end: bool = False) -> tuple[datetime, bool] | None:
    """Return the instant that a cell says and whether it says an hour; None where it says nothing.

    A day without an hour begins at midnight, or with `is_end` ends there. Raises ValueError where it is no time.
    """
    said = " ".join(said.split())
    if not said:
        return None
    if (whole := _MIDNIGHT.sub("", said)) != said:
        begun = moment(whole, zone)
        return begun and (begun[0] + timedelta(days=1), True)
    for day in table_words()["days"]:
        for hour in table_words()["hours"]:
            try:
                read_at = datetime.strptime(said, day + hour)  # noqa: DTZ007 - the zone is put in below
            except ValueError:
                continue
            if not hour and is_end:
                read_at = datetime.combine(read_at.date(), _END)
            return read_at.replace(tzinfo=zone), bool(hour)
    raise ValueError(said)


PARTS: Final = (NUMBER, RECEIVED, BY, "subject", "narrative", "demand", "name", "phone", ANSWER, ANSWERED)
NEEDED: Final = (NUMBER, "narrative")
