"""Blind indexes: find a complainant by a telephone number, address or order number without storing any of them.

While a new master key takes another's place, each is known by a hash under either; what has room for one hash only
keeps the old one until all who are known have both, and then the new.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from ombud.privacy import keys
from ombud.privacy.contacts import Key
from ombud.privacy.master_keys import MasterKey
from ombud.privacy.models import BlindIndex, Complainant, KeyRotation

ASKED_AGAIN = 5.0  # seconds after which a process asks again how far the index has come


class Blinded(NamedTuple):
    """What is known of somebody: its kind, its hash, and the number of the master key that it is under."""

    kind: str
    digest: str
    generation: int


def blinded(known: Iterable[Key]) -> list[Blinded]:
    """Return the keys such that equal ones stay equal and none can be read, under each master key at hand."""
    ring = keys.ring()
    return [Blinded(kind, _hashed(kind, plain, each), each.generation) for kind, plain in known for each in ring]


def single(kind: str, plain: str) -> str:
    """Return the hash that is written where there is room for one."""
    return _hashed(kind, plain, _written_under())


def every(kind: str, plain: str) -> list[str]:
    """Return the hashes, one of which is written where there is room for one."""
    return [_hashed(kind, plain, each) for each in keys.ring()]


def rows(complainant: Complainant, known: Iterable[Blinded]) -> list[BlindIndex]:
    """Return the index rows, not saved, by which a complainant is known."""
    return [
        BlindIndex(complainant=complainant, kind=each.kind, digest=each.digest, generation=each.generation)
        for each in known
    ]


def _hashed(kind: str, plain: str, under: MasterKey) -> str:
    return keys.hashed(keys.of_generation(f"blind:{kind}", under.generation), plain)


def _written_under() -> MasterKey:
    ring = keys.ring()
    if len(ring) == 1 or _is_indexed(ring[0].generation):
        return ring[0]
    return min(ring, key=lambda each: each.generation)


_asked: dict[int, tuple[float, bool]] = {}  # by the number of the master key that seals


def _is_indexed(generation: int) -> bool:
    """Return whether all who are known are known under a master key too; asked only while another is beside it."""
    asked_at, found = _asked.get(generation, (float("-inf"), False))
    if not found and time.monotonic() - asked_at > ASKED_AGAIN:
        found = KeyRotation.objects.filter(generation=generation, indexed_at__isnull=False).exists()
        _asked[generation] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Ask anew, in another database."""
    _asked.clear()
