"""What every address book is read into, and how one is asked: the interface that providers fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

# Why an address book could not be read; shown in words on its page.
ADDRESS, SILENT, LOCKED_OUT, FORBIDDEN, PLACE, BUSY, ANSWER, TOO_LARGE = (
    "address", "silent", "locked-out", "forbidden", "place", "busy", "answer", "too-large",
)  # fmt: skip
CODES = (ADDRESS, SILENT, LOCKED_OUT, FORBIDDEN, PLACE, BUSY, ANSWER, TOO_LARGE)


class BookError(Exception):
    """An address book cannot be read: why, and what its provider said."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about[:300]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A department there."""

    id: str
    name: str
    parent: str  # empty: the company itself, or what we may not see is above it


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A person there."""

    id: str
    name: str
    english: str  # their name in Latin letters, where the book has one of its own
    email: str  # that the company gave them
    own_email: str  # that they may have entered themselves
    units: frozenset[str]
    is_active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """All that a provider lets us see."""

    units: Mapping[str, Unit]
    people: Mapping[str, Listed]

    def above(self, unit: str) -> frozenset[str]:
        """Return a department with all those above it; a circle in the provider's answer ends."""
        found: set[str] = set()
        while unit in self.units and unit not in found:
            found.add(unit)
            unit = self.units[unit].parent
        return frozenset(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Who we are at a provider, and where it is."""

    url: str
    client_id: str
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A kind of address book."""

    url: str  # its own, where no other is entered
    id_label: str | Promise
    secret_label: str | Promise
    read: Callable[[Credentials], Book]  # Raises BookError
