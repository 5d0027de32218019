"""Keyset pages: a cursor names the last row's sort key, so that no page gets slower than the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
PAGE = 50


class NotOurs(ValueError):
    """An address asks for what none of our links asks for: a page or filter that there is not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """One page of a list; hand `after` back as the cursor for the next."""

    rows: tuple[T, ...]
    after: str | None  # opaque cursor; None on the last page


def by_id(cursor: str | None) -> int | None:
    """Return the id that a cursor names. Raises NotOurs for one that is not ours."""
    if cursor is None:
        return None
    if not cursor.isdecimal() or len(cursor) > 18:
        raise NotOurs("cursor")
    return int(cursor)


def by_instant(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the (instant, id) that a cursor names. Raises NotOurs for one that is not ours."""
    if cursor is None:
        return None
    micros, _, pk = cursor.partition("-")
    if not (pk.isdecimal() and len(pk) <= 18):
        raise NotOurs("cursor")
    return _instant(micros), int(pk)


def by_instant_and_uuid(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the (instant, id) that a cursor names, of rows with ids of their own making. Raises NotOurs."""
    if cursor is None:
        return None
    micros, _, pk = cursor.partition("-")
    try:
        return _instant(micros), UUID(pk)
    except ValueError as error:
        raise NotOurs("cursor") from error


def _instant(micros: str) -> datetime:
    if not (micros.isdecimal() and len(micros) <= 18):
        raise NotOurs("cursor")
    try:
        return datetime.fromtimestamp(int(micros) / 1_000_000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise NotOurs("cursor") from error


def instant_cursor(at: datetime, pk: int | UUID) -> str:
    """Return the cursor for (instant, id)."""
    return f"{round(at.timestamp() * 1_000_000)}-{pk.hex if isinstance(pk, UUID) else pk}"
