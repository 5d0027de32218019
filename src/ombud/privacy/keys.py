"""The master key, what is derived from it, and one key per complainant wrapped by it."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from ombud.privacy import freed_pages
from ombud.privacy.models import Complainant

NONCE = 12


class PrivacyError(Exception):
    """Personal data cannot be read."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class WrongMasterKey(PrivacyError):
    """The master key does not open this complainant's key: it is not the one that this database was written with."""


@lru_cache(maxsize=16)
def _derived(master: bytes, purpose: str) -> bytes:
    return hmac.digest(master, b"ombud:" + purpose.encode(), hashlib.sha256)


def derived(purpose: str) -> bytes:
    """Return the installation's key for one purpose; no key serves two."""
    return _derived(settings.OMBUD_MASTER_KEY, purpose)


def digest(purpose: str, text: str) -> str:
    """Return the HMAC of a text under the installation's key for that purpose, in hexadecimal digits."""
    return hmac.digest(derived(purpose), text.encode(), hashlib.sha256).hex()


def make_complainant(*, now: datetime) -> tuple[Complainant, bytes]:
    """Return a new row, not saved yet, and its key."""
    complainant = Complainant(created_at=now)
    key = os.urandom(32)
    nonce = os.urandom(NONCE)
    sealed = AESGCM(derived("wrap")).encrypt(nonce, key, complainant.id.bytes)
    complainant.wrapped_key = nonce + sealed
    return complainant, key


def key_of(complainant: Complainant | None) -> bytes | None:
    """Return the complainant's key, or None once it is destroyed. Raises WrongMasterKey."""
    if complainant is None or complainant.wrapped_key is None:
        return None
    wrapped = bytes(complainant.wrapped_key)  # PostgreSQL gives a memoryview
    try:
        return AESGCM(derived("wrap")).decrypt(wrapped[:NONCE], wrapped[NONCE:], complainant.id.bytes)
    except Exception as error:  # InvalidTag says nothing more
        raise WrongMasterKey from error


def destroy(complainant: Complainant, *, now: datetime) -> None:
    """Destroy the key and the blind indexes: whatever the key sealed is erased from now on."""
    freed_pages.overwrite()  # or its bytes stay in the page where it stood
    Complainant.objects.filter(pk=complainant.pk, erased_at=None).update(wrapped_key=None, erased_at=now)
    complainant.blind_indexes.all().delete()
    complainant.refresh_from_db()
