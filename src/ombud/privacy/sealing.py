"""Sealed values: what stands in the database for a personal value, and how it is opened."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ombud.privacy import keys
from ombud.privacy.keys import NONCE, PrivacyError
from ombud.privacy.master_keys import FIRST

SEALED, SAME = "$sealed", "$same"  # the two keys of a sealed value: ciphertext, and a mark that equal values share
UNDER = "$under"  # and where it belongs to the installation: the number of the master key, if it is not the first


# As proofs and marks have it for ever: whoever writes a value in another way finds none of the marks again.
_written = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode


class Tampered(PrivacyError):
    """A sealed value does not belong where it stands, or was changed."""


def is_sealed(value: Any) -> TypeGuard[dict[str, str]]:
    """Return whether the value is one that a vault sealed (or the stand-in for one)."""
    return isinstance(value, dict) and SAME in value


def stand_in(token: dict[str, str]) -> dict[str, str]:
    """Return what a fold reads in place of a value that it may not or can no longer open.

    The mark is an HMAC of the plain value under the complainant's key, so two stand-ins are equal
    exactly if the plain values were: a fold finds the same changes before and after erasure.
    """
    return {SAME: token[SAME]}


class Vault:
    """Seals and opens the personal values of one case; without a key it opens nothing."""

    def __init__(self, key: bytes | None, reference: str) -> None:
        self._key = key
        self._cipher = AESGCM(key) if key is not None else None
        self._reference = reference

    @property
    def is_erased(self) -> bool:
        return self._key is None

    def seal(self, seq: int, name: str, value: Any) -> dict[str, str]:
        """Return the sealed form of a JSON value that belongs to this event and field."""
        assert self._cipher is not None, "nothing personal is taken in after erasure"
        assert self._key is not None, "the cipher was made from it"
        plain = _written(value).encode()
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, plain, self._where(seq, name))
        same = hmac.digest(self._key, b"same:" + name.encode() + b":" + plain, hashlib.sha256)[:15]
        return {SEALED: b64encode(nonce + sealed).decode(), SAME: b64encode(same).decode()}

    def open(self, seq: int, name: str, token: dict[str, str]) -> Any:
        """Return the plain value, or its stand-in after erasure. Raises Tampered."""
        if self._cipher is None or SEALED not in token:
            return stand_in(token)
        raw = b64decode(token[SEALED])
        try:
            return json.loads(self._cipher.decrypt(raw[:NONCE], raw[NONCE:], self._where(seq, name)))
        except InvalidTag as error:
            raise Tampered from error

    def _where(self, seq: int, name: str) -> bytes:
        return f"{self._reference}|{seq}|{name}".encode()


class HouseVault(Vault):
    """Seals what belongs to no complainant under the installation's own key for one purpose.

    It seals under the master key that seals now, and opens what any of those at hand sealed.
    """

    def __init__(self, purpose: str, reference: str) -> None:
        self._generation = keys.ring()[0].generation
        super().__init__(keys.of_generation(purpose, self._generation), reference)
        self._purpose = purpose

    def seal(self, seq: int, name: str, value: Any) -> dict[str, str]:
        """Return the sealed form of a JSON value; it says under which master key."""
        token = super().seal(seq, name, value)
        return token if self._generation == FIRST else {**token, UNDER: str(self._generation)}

    def open(self, seq: int, name: str, token: dict[str, str]) -> Any:
        """Return the plain value. Raises Tampered, MissingMasterKey."""
        if is_current(token):
            return super().open(seq, name, token)
        key = keys.of_generation(self._purpose, generation_of(token))
        return Vault(key, self._reference).open(seq, name, token)


def generation_of(token: dict[str, str]) -> int:
    """Return the number of the master key that a value of the installation's is sealed under."""
    return int(token.get(UNDER, FIRST))


def is_current(token: dict[str, str]) -> bool:
    """Return whether it is sealed under the master key that seals now."""
    return generation_of(token) == keys.ring()[0].generation
