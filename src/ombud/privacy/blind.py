"""Blind indexes: find a complainant by a telephone number, address or order number without storing any of them."""

from __future__ import annotations

from collections.abc import Iterable

from ombud.privacy.contacts import Key
from ombud.privacy.keys import digest
from ombud.privacy.models import BlindIndex, Complainant

Blinded = tuple[str, str]  # (kind, digest)


def blinded(keys: Iterable[Key]) -> list[Blinded]:
    """Return the keys such that equal ones stay equal and none can be read."""
    return [(kind, digest(f"blind:{kind}", plain)) for kind, plain in keys]


def rows(complainant: Complainant, keys: Iterable[Blinded]) -> list[BlindIndex]:
    """Return the index rows, not saved, by which a complainant is known."""
    return [BlindIndex(complainant=complainant, kind=kind, digest=each) for kind, each in keys]
