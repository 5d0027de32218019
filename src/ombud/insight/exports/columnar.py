"""Writes a list by columns, as Parquet or as a file of DuckDB: each of one type, in memory that does not grow."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from ombud.insight.exports.cells import plain_text
from ombud.insight.exports.table import Row

PARQUET, DUCKDB = "parquet", "duckdb"
COLUMNAR = (PARQUET, DUCKDB)
_SETTINGS = {
    "memory_limit": "256MB",
    "threads": "1",
    "autoinstall_known_extensions": "false",  # nothing is fetched from the network
    "autoload_known_extensions": "false",
}
_DECIMAL = "DECIMAL(38,10)"  # the most digits that a column holds, and how many of them behind the point
_MOST_INT = 2**63


class NotInstalled(RuntimeError):
    """Parquet and DuckDB files need the extra: pip install 'ombud[duckdb]'."""


def is_installed() -> bool:
    """Return whether lists can be written by columns here."""
    return importlib.util.find_spec("duckdb") is not None


def write_columns(name: str, headings: Sequence[str], rows: Iterable[Row], format: str, out: IO[bytes]) -> None:
    """Write the list as one table. Raises NotInstalled.

    The rows lie in a file beside until all have passed: only then is it known of what type a column is.
    """
    if not is_installed():
        raise NotInstalled(NotInstalled.__doc__)
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        lines, made = Path(folder, "rows.jsonl"), Path(folder, f"made.{format}")
        types = _spool(lines, len(headings), rows)
        place = str(made) if format == DUCKDB else ":memory:"
        with duckdb.connect(place, config={**_SETTINGS, "temp_directory": folder}) as database:
            columns = ", ".join(f"c{place}: '{type}'" for place, type in enumerate(types))
            shown = ", ".join(f"c{place} AS {_quoted(each)}" for place, each in enumerate(_once_each(headings)))
            source = f"read_json('{lines}', format='newline_delimited', columns={{{columns}}})"
            select = f"SELECT {shown} FROM {source}"
            database.execute(
                f"CREATE TABLE {_quoted(name)} AS {select}"
                if format == DUCKDB
                else f"COPY ({select}) TO '{made}' (FORMAT parquet)"
            )
        with made.open("rb") as found:
            shutil.copyfileobj(found, out)


def _spool(lines: Path, width: int, rows: Iterable[Row]) -> list[str]:
    """Write the rows as lines of JSON and return the type of each column."""
    kinds: list[set[str]] = [set() for _column in range(width)]
    columns = [(f"c{place}", mine.add) for place, mine in enumerate(kinds)]
    with lines.open("w", encoding="utf-8") as out:
        for row in rows:
            told = {}
            for (name, note), cell in zip(columns, row.cells, strict=False):
                if cell is not None:
                    kind, told[name] = _SAID.get(cell.__class__, _text)(cell)
                    note(kind)
            out.write(_encode(told) + "\n")
    return [_type(each) for each in kinds]


def _text(cell: object) -> tuple[str, str]:
    """Return a text as it is: nothing here runs it as a formula."""
    return "VARCHAR", plain_text(str(cell))


#: By what a cell is: of what type its column, and how JSON says it.
_SAID: Mapping[type, Callable[[Any], tuple[str, str | int | float | bool]]] = {
    bool: lambda cell: ("BOOLEAN", cell),
    int: lambda cell: ("BIGINT" if -_MOST_INT <= cell < _MOST_INT else "VARCHAR", cell),
    float: lambda cell: ("DOUBLE", cell),
    Decimal: lambda cell: (_DECIMAL, str(cell)),
    datetime: lambda cell: ("TIMESTAMPTZ", cell.isoformat()),
    date: lambda cell: ("DATE", cell.isoformat()),
    str: lambda cell: ("VARCHAR", cell if cell.isprintable() else plain_text(cell)),
}


def _type(kinds: set[str]) -> str:
    """Return the type that holds all of them; of a column without a value that of texts."""
    if len(kinds) == 1:
        return next(iter(kinds))
    numbers = {"BIGINT", "DOUBLE", _DECIMAL}
    return "DOUBLE" if kinds and kinds <= numbers else "VARCHAR"


def _once_each(headings: Sequence[str]) -> list[str]:
    """Return names of columns, none of them twice: a table knows no difference of capitals."""
    found: list[str] = []
    for heading in map(plain_text, headings):
        name, number = heading, 1
        while name.casefold() in {each.casefold() for each in found} or not name:
            number += 1
            name = f"{heading} {number}".strip()
        found.append(name)
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_encode = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one for each row
