"""A file becomes the rows of a table: read whole before anything of it is used, so that a bad one writes nothing."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ombud.channels import workbooks
from ombud.channels.importer.mapping import ImportMapping
from ombud.policy.plain_text import plain

LONGEST_CELL = 10_000_000  # characters: narratives are long, and most columns are not even read
LARGEST_BOOK = 1_000_000_000  # bytes of a workbook, unpacked
_ROUNDED = "a number has more than 15 digits, which the spreadsheet has rounded: keep it as text"
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .xls begin
_MARKS = (  # the longer ones first, which begin with shorter ones
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that came with a row; without content where the export has only its name."""

    name: str
    content: bytes | None


class TableError(Exception):
    """The file cannot be read; nothing of it was used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One row as it stands in the file; `problem` says why it cannot be used, whatever the mapping."""

    line: int  # its first, as an editor or a spreadsheet counts them
    last: int  # its last line: a cell may hold several
    cells: tuple[str, ...]
    problem: str = ""
    merged: tuple[int, ...] = ()  # numbers of the cells that show what merged cells say from a line above on
    files: tuple[NamedFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A heading and the rows under it; rows without any cell are left out."""

    heading: tuple[str, ...]
    records: Iterable[Record]
    has_quotes: bool = True  # which a stray one may tear apart

    def repeated(self) -> frozenset[str]:
        """Return the headings that stand twice."""
        return frozenset(name for name, times in Counter(self.heading).items() if times > 1)


def read_table(path: Path, mapping: ImportMapping) -> Table:
    """Return the table that a CSV file or the sheet of a workbook holds. Raises TableError, OSError."""
    records = tuple(read_records(path, sheet=mapping.sheet, encoding=mapping.encoding, delimiter=mapping.delimiter))
    if not records:
        raise TableError(f"{path}: the file is empty.")
    first, *rest = records
    if first.problem:
        raise TableError(f"{path}: line {first.line}: {first.problem}.")
    heading = tuple(map(plain, first.cells))
    return Table(heading=heading, records=tuple(each for each in rest if any(map(plain, each.cells)) or each.problem))


def read_records(path: Path, *, encoding: str, delimiter: str = ",", sheet: str | None = None) -> Iterator[Record]:
    """Yield the rows of a CSV file or of a workbook's sheet, headings too. Raises TableError, OSError."""
    with path.open("rb") as file:
        is_book = file.read(4) in _BOOKS
    yield from _sheet(path, sheet) if is_book else _csv(_decoded(path, encoding), delimiter)


def _decoded(path: Path, named: str) -> str:
    """Return the file's text. Raises TableError with the line where it is not what the mapping says."""
    data = path.read_bytes()
    encoding = codecs.lookup(named).name  # of its many names, the one that Python goes by
    if found := _another(data, encoding):
        name = found.removesuffix("-sig").upper()
        raise TableError(f"{path}: this is {name}. Write `encoding: {found}` into the mapping.")
    try:
        return data.decode(named)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        found = f"byte 0x{data[start]:02x}" if start < len(data) else "its end"
        raise TableError(
            f"{path}: line {line} is not {named} ({found}). Nothing was taken in. Save the whole file in "
            "one encoding and name it in the mapping, such as `encoding: gb18030`."
        ) from error


def _another(data: bytes, encoding: str) -> str | None:
    """Return the encoding that a file is plainly in where it is not the one named; None where nothing tells."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked in _WIDE:
        return None if encoding.startswith(marked) else marked
    if encoding.startswith(_WIDE):
        return None
    if data.count(b"\0") * 10 > len(data):  # no other table of words is full of NUL
        return "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"
    # Words in another encoding are hardly ever UTF-8 as well; read as GB18030, UTF-8 becomes other words unnoticed.
    if encoding.startswith("utf-8") or data.isascii():
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8-sig"


def _csv(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the rows of a CSV file; what a quote tears apart is told with its lines and left behind."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        cells: Sequence[str] = ()
        problem = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = _quote_words(str(error))
        yield Record(line=line, last=reader.line_num, cells=tuple(cells), problem=problem)
        line = reader.line_num + 1


def _quote_words(error: str) -> str:
    if "field larger than" in error:
        return f"a cell has more than {LONGEST_CELL} characters"
    if "unexpected end" in error:
        return "a quote is opened here and never closed"
    return f'a quote is opened or closed within a cell ({error}); inside quotes a quote is written ""'


def holding_rows(record: Record, width: int, delimiter: str, is_time: Any, when: int) -> int | None:
    """Return the number of the cell that holds whole rows, swallowed by a stray quote, or None.

    Such a cell has the rest of its own row in its first line, the beginning of the last row in its last, and whole
    rows between; `is_time` tells whether words are the time of receipt, which column `when` has.
    """
    for number, cell in enumerate(record.cells):
        first, *more = io.StringIO(cell, newline=None).read().split("\n")
        if not more:
            continue
        tail, *between, head = [each.split(delimiter) for each in (first, *more)]
        if any(len(parts) >= width and is_time(parts[when]) for parts in (*between, head)):
            return number
        if len(tail) == width - number and len(head) == number + 1:
            around = dict(enumerate(head)) | {number + place: part for place, part in enumerate(tail) if place}
            if is_time(around.get(when, "")) and plain(head[0]):
                return number
    return None


def _sheet(path: Path, name: str | None) -> Iterator[Record]:
    """Yield the rows of a workbook's sheet, the first that is not hidden unless it is named."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_BOOK:
                raise TableError(f"{path}: unpacked, the workbook is larger than {LARGEST_BOOK} bytes.")
    try:
        for line, row in enumerate(workbooks.rows_of(path, name), 1):
            problem = _ROUNDED if row.is_rounded else ""
            yield Record(line=line, last=line, cells=row.cells, problem=problem, merged=row.merged)
    except (workbooks.Unopened, zipfile.BadZipFile) as error:
        raise TableError(f"{path}: the workbook cannot be read: {error}.") from error
