"""Tickets of Zendesk and Zammad as rows of a table: who asked, what was said, and the files that came along."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ombud.channels.importer.exports import Broken, items
from ombud.channels.importer.tables import NamedFile, Record, Table, TableError
from ombud.channels.mail.html_text import text_of
from ombud.channels.mail.markup import read_markup

#: Columns that every ticket has, whatever its system calls them.
FIRST, THREAD, NOTES, FILES = "first", "thread", "notes", "files"
PERSON = "requester"  # with .name, .email and .phone
_WHO = ("requester", "customer")
_SAID = ("comments", "articles")
_CONTENT = ("data", "content", "content_base64")
_PERSONAL = ("name", "email", "phone")


@dataclass(slots=True)
class _Known:
    """What the first reading found: people, columns, and what was said where it stands apart from its ticket."""

    people: dict[str, dict[str, str]] = field(default_factory=dict)
    said: dict[str, list[Any]] = field(default_factory=dict)
    heading: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The tickets of a file as rows, each read when it is asked for."""

    path: Path
    known: _Known

    def __iter__(self) -> Iterator[Record]:
        heading = tuple(self.known.heading)
        for number, entry in enumerate(_tickets(self.path), 1):
            row, files = _row(entry, self.known)
            cells = tuple(row.get(name, "") for name in heading)
            yield Record(line=number, last=number, cells=cells, files=files)


def is_export(path: Path) -> bool:
    """Return whether a file is JSON: begins with an object or a list. Raises OSError."""
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_export(path: Path) -> Table:
    """Return the table of an export; the file is read through once first, so that a broken one writes nothing.

    Raises TableError, OSError.
    """
    known = _Known(heading=dict.fromkeys((FIRST, THREAD, NOTES, FILES, *(f"{PERSON}.{part}" for part in _PERSONAL))))
    number = 0
    try:
        for part, value in items(path):
            if not isinstance(value, dict):
                raise Broken(f"among {part} stands something that is no object")
            if part == "users":
                known.people[str(value.get("id"))] = {name: _words(value.get(name)) for name in _PERSONAL}
            elif part in _SAID:
                known.said.setdefault(str(value.get("ticket_id")), []).append(value)
            elif part == "tickets":
                number += 1
                known.heading.update(dict.fromkeys(_flat(value)))
    except Broken as error:
        raise TableError(f"{path}: after {number} tickets: {error}. Nothing was taken in.") from error
    if not number:
        raise TableError(f"{path}: there is no ticket in it.")
    return Table(heading=tuple(known.heading), records=_Rows(path, known), has_quotes=False)


def _tickets(path: Path) -> Iterator[Mapping[str, Any]]:
    return (value for part, value in items(path) if part == "tickets")


def _row(entry: Mapping[str, Any], known: _Known) -> tuple[dict[str, str], tuple[NamedFile, ...]]:
    said = [each for name in _SAID for each in _dicts(entry.get(name))] + known.said.get(str(entry.get("id")), [])
    said.sort(key=lambda each: _words(each.get("created_at")))
    spoken = [(_is_internal(each), _who(each, known), each, _text(each)) for each in said]
    lines = {
        is_internal: "\n\n".join(
            f"{_words(each.get('created_at'))} {who}\n{text}"
            for inside, who, each, text in spoken
            if inside is is_internal
        )
        for is_internal in (False, True)
    }
    files = tuple(file for each in said for file in _files(each.get("attachments")))
    person = {f"{PERSON}.{part}": value for part, value in _person(entry, known).items()}
    row = {
        **_flat(entry),
        **person,
        FIRST: _words(entry.get("description")) or next((text for *_rest, text in spoken if text), ""),
        THREAD: lines[False],
        NOTES: lines[True],
        FILES: " · ".join(file.name for file in files),
    }
    return row, files


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return {name.of.member: words}; fields of the system's own by their number: custom_fields.360001."""
    found: dict[str, str] = {}
    for name, each in value.items():
        if not before and name in _SAID:
            continue
        if isinstance(each, dict):
            found |= _flat(each, f"{before}{name}.") if before.count(".") < 3 else {}
        elif isinstance(each, list) and any(isinstance(item, dict) for item in each):
            own = (item for item in _dicts(each) if "id" in item and "value" in item)
            found |= {f"{before}{name}.{item['id']}": _words(item["value"]) for item in own}
        else:
            found[f"{before}{name}"] = _words(each)
    return found


def _words(value: Any) -> str:
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    return str(value)


def _person(entry: Mapping[str, Any], known: _Known) -> dict[str, str]:
    for name in _WHO:
        inside = entry.get(name)
        if isinstance(inside, dict):
            return {part: _words(inside.get(part)) or _named(inside) * (part == "name") for part in _PERSONAL}
        if found := known.people.get(str(entry.get(f"{name}_id"))):
            return found
        if isinstance(inside, str) and "@" in inside:  # as Zammad writes a customer in full
            return {"name": "", "email": inside, "phone": ""}
    return {}


def _named(person: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_words(person.get("firstname")), _words(person.get("lastname")))))


def _who(each: Mapping[str, Any], known: _Known) -> str:
    person = known.people.get(str(each.get("author_id")), {})
    said = (_words(each.get(name)) for name in ("from", "created_by", "sender"))
    return person.get("name") or next(filter(None, said), "")


def _is_internal(each: Mapping[str, Any]) -> bool:
    return each.get("internal") is True or each.get("public") is False


def _text(each: Mapping[str, Any]) -> str:
    plain = _words(each.get("plain_body"))
    if plain:
        return plain.strip()
    body, html = _words(each.get("body")), _words(each.get("html_body"))
    is_html = "html" in _words(each.get("content_type")) or not body
    return text_of(read_markup(body or html)).strip() if is_html else body.strip()


def _files(given: Any) -> Iterator[NamedFile]:
    for each in _dicts(given):
        name = _words(each.get("file_name")) or _words(each.get("filename")) or "file"
        inside = next((each[key] for key in _CONTENT if isinstance(each.get(key), str)), None)
        if inside is None:
            yield NamedFile(name, None)
            continue
        try:
            yield NamedFile(name, b64decode(inside, validate=True))
        except ValueError:
            yield NamedFile(name, None)


def _dicts(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
