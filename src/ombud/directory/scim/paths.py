"""Paths and filters as directories write them (RFC 7644, 3.4.2.2 and 3.5.2), read into plain values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ombud.directory.scim.errors import ScimError, bad_filter, bad_path

LONGEST = 1000  # letters of a filter or path
EQUAL, CONTAINS, BEGINS, PRESENT = "eq", "co", "sw", "pr"
_NAME = r"[A-Za-z$][A-Za-z0-9_$-]*"
_SCHEMA = re.compile(r"urn:[A-Za-z0-9:._-]*:(?P<rest>[^:]*)\Z")
_VALUE = r'"(?:[^"\\]|\\.)*"|true|false|null|-?[0-9]+(?:\.[0-9]+)?'
_TERM = re.compile(
    rf"\s*(?P<path>[^\s\[\]\"]+(?:\[[^\[\]]*\](?:\.{_NAME})?)?)\s+(?:(?P<there>pr)|(?P<op>[A-Za-z]+)\s+(?P<value>{_VALUE}))"
    r"\s*(?P<more>and\b|\Z)",
    re.IGNORECASE,
)
_PATH = re.compile(rf"(?P<name>{_NAME})(?:\[(?P<which>[^\[\]]*)\])?(?:\.(?P<part>{_NAME}))?\Z")
_WHICH = re.compile(rf"\s*(?P<name>{_NAME})\s+eq\s+(?P<value>{_VALUE})\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """An attribute, or what is within it: all in small letters, without the schema that it stood under."""

    name: str
    which: tuple[str, str | bool] | None = None  # of several values those whose part is this
    part: str = ""

    @property
    def whole(self) -> str:
        """Return it with its part, without which of several are meant."""
        return f"{self.name}.{self.part}" if self.part else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One condition of a filter."""

    path: Path
    op: str
    value: str | bool


def path_of(text: object) -> Path:
    """Return a path. Raises ScimError."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise bad_path("A path is a text.")
    found = _PATH.fullmatch(_without_schema(text.strip()))
    if found is None:
        raise bad_path(f"This is no path that is understood here: {text[:100]}")
    which = None
    if found["which"] is not None:
        inner = _WHICH.fullmatch(found["which"])
        if inner is None:
            raise bad_path("Within [ ] one part is compared by eq with a value.")
        which = (inner["name"].lower(), _value(inner["value"]))
    return Path(name=found["name"].lower(), which=which, part=(found["part"] or "").lower())


def terms_of(text: str) -> list[Term]:
    """Return the conditions of a filter, which hold all together. Raises ScimError."""
    if len(text) > LONGEST:
        raise bad_filter("The filter is too long.")
    found, at = [], 0
    while True:
        match = _TERM.match(text, at)
        if match is None:
            raise bad_filter("Conditions are written as: attribute eq, co or sw a value, with “and” between them.")
        op = PRESENT if match["there"] else match["op"].lower()
        if op not in (EQUAL, CONTAINS, BEGINS, PRESENT):
            raise bad_filter(f"This cannot be asked for: {op[:20]}")
        try:
            path = path_of(match["path"])
        except ScimError as error:
            raise bad_filter(f"This is no attribute: {match['path'][:100]}") from error
        found.append(Term(path=path, op=op, value=_value(match["value"] or "true")))
        at = match.end()
        if not match["more"]:
            return found


def _without_schema(text: str) -> str:
    """Return a path without the URN before it; the version within one has a dot of its own."""
    before, bracket, after = text.partition("[")
    match = _SCHEMA.fullmatch(before)
    return (match["rest"] if match else before) + bracket + after


def _value(text: str) -> str | bool:
    try:
        found = json.loads(text if text.startswith('"') else text.lower())
    except ValueError as error:
        raise bad_filter("This is no value.") from error
    if isinstance(found, str) and any(0xD800 <= ord(each) <= 0xDFFF or each == "\0" for each in found):
        raise bad_filter("The value holds a character that is not text.")
    return found if isinstance(found, bool) else "" if found is None else str(found)
