"""The master keys, what is derived from them, and one key per complainant wrapped by them."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from ombud.privacy import freed_pages
from ombud.privacy.master_keys import FIRST, Keys, Ring
from ombud.privacy.models import Complainant, InheritedKey

NONCE = 12
_SEALED = (
    NONCE + 32 + 16
)  # bytes of a wrapped key; what another than the first master key wrapped begins with its number
_NUMBER = 2  # bytes

#: Keys that stay what they are whichever master key comes: what they made is on paper, in mails, with other systems and
#: auditors, or is stored as a hash of something that nobody here knows. A new master key takes them over, sealed.
INHERITED = (
    "api-token", "bell", "client", "dossier", "hooks", "leave-way", "letter mark", "mail thread", "partner link",
    "parts", "passkey handle", "recovery code", "scim-token", "secret", "session handle", "survey", "survey sample",
    "way", "way back",
)  # fmt: skip


class PrivacyError(Exception):
    """Personal data cannot be read."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class WrongMasterKey(PrivacyError):
    """The master key does not open this complainant's key: it is not the one that this database was written with."""


class MissingMasterKey(WrongMasterKey):
    """It was sealed under a master key that this process was not given."""

    def __init__(self, generation: int) -> None:
        super().__init__(f"It was sealed under master key {generation}, which this process was not given.")
        self.generation = generation


@lru_cache(maxsize=128)
def _derived(master: bytes, purpose: str) -> bytes:
    return hmac.digest(master, b"ombud:" + purpose.encode(), hashlib.sha256)


def ring() -> Ring:
    """Return the master keys, the one that seals first; the others open what they sealed."""
    held: Keys = settings.OMBUD_MASTER_KEY
    return held.ring()


def current(purpose: str) -> bytes:
    """Return the key that seals for one purpose now; no key serves two."""
    return _derived(ring()[0].key, purpose)


def of_generation(purpose: str, generation: int) -> bytes:
    """Return the key for one purpose under the master key of a number. Raises MissingMasterKey."""
    for each in ring():
        if each.generation == generation:
            return _derived(each.key, purpose)
    raise MissingMasterKey(generation)


def every(purpose: str) -> list[bytes]:
    """Return the keys for one purpose under all master keys, the one that seals first."""
    return [_derived(each.key, purpose) for each in ring()]


def derived(purpose: str) -> bytes:
    """Return the key for one purpose that stays what it is (INHERITED)."""
    assert purpose in INHERITED, purpose
    held = ring()
    for each in held:
        if each.generation == FIRST:
            return _derived(each.key, purpose)
    oldest = min(held, key=lambda each: each.generation)
    return _inherited(held).get(purpose) or _derived(oldest.key, purpose)


@lru_cache(maxsize=4)
def _inherited(held: Ring) -> dict[str, bytes]:
    """Return the keys that the master keys before these left; none where the installation began with these."""
    found = {}
    for row in InheritedKey.objects.all():
        if any(each.generation == row.under for each in held):
            found[row.purpose] = _unwrapped("inherit", row.purpose.encode(), bytes(row.wrapped))
    return found


def inherit(*, under: int) -> None:
    """Seal what must stay what it is under the master key of that number; those before are needed for it no more."""
    kept = {purpose: derived(purpose) for purpose in INHERITED}
    for purpose, key in kept.items():
        wrapped = wrap("inherit", purpose.encode(), key)
        InheritedKey.objects.update_or_create(purpose=purpose, defaults={"wrapped": wrapped, "under": under})
    _inherited.cache_clear()


def forget() -> None:
    """Ask anew, in another database."""
    _inherited.cache_clear()


def digest(purpose: str, text: str) -> str:
    """Return the HMAC of a text under the installation's key for a purpose that stays, in hexadecimal digits."""
    return hashed(derived(purpose), text)


def hashed(key: bytes, text: str) -> str:
    """Return the HMAC of a text in hexadecimal digits."""
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def wrap(purpose: str, bound_to: bytes, key: bytes) -> bytes:
    """Return a key as it may lie in the database, sealed under the master key that seals now."""
    first, nonce = ring()[0], os.urandom(NONCE)
    sealed = nonce + AESGCM(_derived(first.key, purpose)).encrypt(nonce, key, bound_to)
    return sealed if first.generation == FIRST else first.generation.to_bytes(_NUMBER, "big") + sealed


def unwrap(purpose: str, bound_to: bytes, wrapped: bytes | memoryview) -> bytes:
    """Return the key that `wrap` sealed. Raises WrongMasterKey."""
    return _unwrapped(purpose, bound_to, bytes(wrapped))  # PostgreSQL gives a memoryview


def _unwrapped(purpose: str, bound_to: bytes, wrapped: bytes) -> bytes:
    sealed = wrapped[-_SEALED:]
    try:
        cipher = AESGCM(of_generation(purpose, generation_of(wrapped)))
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
    except InvalidTag as error:
        raise WrongMasterKey from error


def generation_of(wrapped: bytes | memoryview) -> int:
    """Return the number of the master key that wrapped a key."""
    found = bytes(wrapped)
    return FIRST if len(found) <= _SEALED else int.from_bytes(found[:_NUMBER], "big")


def make_complainant(*, now: datetime) -> tuple[Complainant, bytes]:
    """Return a new row, not saved yet, and its key."""
    complainant = Complainant(created_at=now)
    key = os.urandom(32)
    complainant.wrapped_key = wrap("wrap", complainant.id.bytes, key)
    return complainant, key


def key_of(complainant: Complainant | None) -> bytes | None:
    """Return the complainant's key, or None once it is destroyed. Raises WrongMasterKey."""
    if complainant is None or complainant.wrapped_key is None:
        return None
    return unwrap("wrap", complainant.id.bytes, complainant.wrapped_key)


def destroy(complainant: Complainant, *, now: datetime) -> None:
    """Destroy the key and the blind indexes: whatever the key sealed is erased from now on."""
    freed_pages.overwrite()  # or its bytes stay in the page where it stood
    Complainant.objects.filter(pk=complainant.pk, erased_at=None).update(wrapped_key=None, erased_at=now)
    complainant.blind_indexes.all().delete()
    complainant.refresh_from_db()


def seal_anew(rows: Iterator[Complainant] | list[Complainant]) -> int:
    """Wrap the keys of locked rows under the master key that seals now, where another wrapped them; return how many."""
    seals, moved = ring()[0].generation, 0
    for row in rows:
        if row.wrapped_key is not None and generation_of(row.wrapped_key) != seals:
            key = unwrap("wrap", row.id.bytes, row.wrapped_key)
            moved += Complainant.objects.filter(pk=row.pk, erased_at=None).update(
                wrapped_key=wrap("wrap", row.id.bytes, key)
            )
    return moved
