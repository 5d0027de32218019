"""Where a pack writes something, and the clauses of the written policy behind it."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.texts import Text

BASE_REF = "base:"  # before the number of a clause of the base


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the pack something is written."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One clause of the written policy."""

    ref: str
    text: Text
    kind: str  # duty, act, record, channel, grade, role, calendar, approval, periodic, privacy, statement
    is_statement: bool
    is_completed: bool  # the document breaks off here and we filled it in
    quote: str | None = None
    source: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    id: str
    title: Text
    value: str
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How an ambiguous clause is read; the reader sees it as an assumption."""

    clauses: tuple[str, ...]
    text: Text
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """The pack's answer to a check's warning."""

    code: str
    clauses: tuple[str, ...]
    because: Text
    at: Place
