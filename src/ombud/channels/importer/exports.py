"""Reads what Zendesk and Zammad export: values one after the other, however large the file, and never all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LARGEST = 64 * 1024 * 1024  # characters of one ticket with its files
_PIECE = 1024 * 1024  # characters that are read at once
#: What the parts of an export in one document are called; an object that begins otherwise is a ticket itself.
PARTS = (
    "tickets", "users", "organizations", "comments", "articles", "count", "next_page", "previous_page", "end_time",
    "end_of_stream", "after_cursor", "after_url", "before_cursor", "before_url", "meta", "links",
)  # fmt: skip
_BLANK = " \t\r\n,\ufeff"


class Broken(ValueError):
    """The file is no JSON from some place on."""


class _Text:
    """The text of a file, of which only what is being read is held."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="utf-8-sig", errors="strict")
        self._held, self._decoder = "", json.JSONDecoder()
        self._read = 0

    def close(self) -> None:
        self._file.close()

    def peek(self) -> str:
        """Return the next character that is no blank or comma; empty at the end."""
        while True:
            self._held = self._held.lstrip(_BLANK)
            if self._held or not self._more():
                return self._held[:1]

    def skip(self) -> None:
        """Pass over one character."""
        self._held = self._held[1:]

    def ahead(self, number: int) -> str:
        """Return so many of the next characters, as far as there are any."""
        while len(self._held) < number and self._more():
            pass
        return self._held[:number]

    def value(self) -> Any:
        """Return the value that comes next. Raises Broken."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held)
            except (json.JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError) or len(self._held) > LARGEST or not self._more():
                    place = f"near character {self._read - len(self._held)}"
                    raise Broken(f"{place}: no JSON that can be read, or more than {LARGEST} characters") from error
                continue
            # A number at the end of what is held may go on in the next piece.
            if end == len(self._held) and isinstance(found, int | float) and self._more():
                continue
            self._held = self._held[end:]
            return found

    def _more(self) -> bool:
        try:
            piece = self._file.read(max(_PIECE, len(self._held)))  # twice as much each time: else it takes squares
        except UnicodeDecodeError as error:
            raise Broken(f"it is not UTF-8 ({error.reason})") from error
        self._held += piece
        self._read += len(piece)
        return bool(piece)


def items(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield (part, value) of an export: lines of JSON, a list, or one document with parts. Raises Broken, OSError.

    Tickets that stand in no named part are of `tickets`.
    """
    text = _Text(path)
    try:
        while (next_one := text.peek()) != "":
            if next_one == "[":
                yield from (("tickets", each) for each in _listed(text))
            elif next_one == "{":
                yield from _document(text)
            else:
                raise Broken("neither an object nor a list")
    finally:
        text.close()


def _listed(text: _Text) -> Iterator[Any]:
    text.skip()
    while (next_one := text.peek()) != "]":
        if next_one == "":
            raise Broken("a list is never closed")
        yield text.value()
    text.skip()


def _document(text: _Text) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a document one by one, or the object itself where it has none."""
    if not _has_parts(text):
        yield "tickets", text.value()
        return
    text.skip()
    while (next_one := text.peek()) != "}":
        if next_one != '"':
            raise Broken("a name of a part is missing")
        name = text.value()
        if text.peek() != ":":
            raise Broken("a colon is missing")
        text.skip()
        if text.peek() == "[":
            yield from ((name, each) for each in _listed(text))
        else:
            text.value()
    text.skip()


def _has_parts(text: _Text) -> bool:
    head = text.ahead(200).lstrip("{" + _BLANK)
    return any(head.startswith(f'"{name}"') for name in PARTS)
