"""The address book from a table: every line is looked at before any is taken in, and each mistake named by its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from ombud.organisation import address_book
from ombud.organisation.models import Office, Outsider, Person
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import NAME
from ombud.texts import LANGUAGES

COLUMNS: Final = (
    "role", *(f"{NAME}_{tag}" for tag in LANGUAGES), "country", "office", "contact", "email", "phone", "address",
    "prefix",
)  # fmt: skip
MOST, LARGEST = 500, 1024 * 1024  # lines; bytes
_ENCODINGS = ("utf-8-sig", "gb18030")  # a spreadsheet in Chinese saves the second


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """What is wrong in a line: a code, with what stands there."""

    line: int
    code: str  # a column, or: empty, large, letters, quote, heading, columns, many, twice
    said: str = ""


class Wrong(ValueError):
    """Nothing was taken in."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistakes")
        self.mistakes = mistakes


def take_in(content: bytes, roles: Mapping[str, str], *, by: Person, now: datetime) -> tuple[int, int]:
    """Enter what a CSV file says, and return how many entries are new and how many were changed. Raises Wrong.

    The first line names the columns, in any order. A line that has the name of an entry of its role changes that one:
    the same file twice does no harm. `roles` are the roles by id and by what they are called, in small letters.
    """
    mistakes: list[Mistake] = []
    new = changed = 0
    offices = {row.key: row for row in Office.objects.all()}
    with transaction.atomic():
        for line, said in _lines(content):
            try:
                is_new = _keep(said, roles, offices, by=by, now=now)
            except address_book.BookError as error:
                code = str(error)
                mistakes.append(Mistake(line=line, code=code, said=said.get(code, "")))
            else:
                new, changed = new + is_new, changed + (not is_new)
        if mistakes:
            raise Wrong(mistakes)
    return new, changed


def _keep(
    said: Mapping[str, str], roles: Mapping[str, str], offices: Mapping[str, Office], *, by: Person, now: datetime
) -> bool:
    """Enter one line, and return whether it is new. Raises BookError."""
    role = roles.get(said.get("role", "").casefold(), "")
    if not role:
        raise address_book.BookError("role")
    if said.get("office") and said["office"] not in offices:
        raise address_book.BookError("office")
    names = {tag: said[column] for tag in LANGUAGES if (column := f"{NAME}_{tag}") in said}
    known = address_book.entries(role=role)
    found = (address_book.named(known, name) for name in names.values())
    row: Outsider | None = next((each for each in found if each is not None), None)
    before = _before(row) if row is not None else {}  # what the table has no column for stays
    given = {**before, **said, "role": role, "names": {**before.get("names", {}), **names}}
    if "office" in said:
        given["office"] = offices.get(said["office"])
    address_book.keep(row, given, by=by, now=now)
    return row is None


def _before(row: Outsider) -> dict[str, Any]:
    columns = ("names", "country", "office", "contact", "email", "phone", "address", "prefix")
    return {name: getattr(row, name) for name in columns}


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line with something in it, by column. Raises Wrong where the file cannot be read."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    heading: list[str] = []
    line, count = 1, 0
    try:
        for cells in reader:
            words = [plain(each, lines=True).strip() for each in cells]
            if not heading:
                heading = _heading(words, line)
            elif any(words):
                count += 1
                if count > MOST:
                    raise Wrong([Mistake(line=line, code="many")])
                if len(words) > len(heading):
                    raise Wrong([Mistake(line=line, code="columns", said=words[len(heading)])])
                yield line, dict(zip(heading, words, strict=False))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Wrong([Mistake(line=line, code="quote")]) from error
    if not count:
        raise Wrong([Mistake(line=line, code="empty")])


def _heading(words: list[str], line: int) -> list[str]:
    names = [each.casefold() for each in words]
    wrong = [each for each in names if each not in COLUMNS or names.count(each) > 1]
    if wrong or "role" not in names:
        raise Wrong([Mistake(line=line, code="heading", said=wrong[0] if wrong else "")])
    return names


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Wrong([Mistake(line=1, code="large")])
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
    raise Wrong([Mistake(line=line, code="letters")])
