"""The mark on a letter: which letter it is and a hash of its text, such that nobody else can make one or read it."""

from __future__ import annotations

import base64
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ombud.privacy.keys import derived

DIGEST = 10  # bytes of the hash: for another text with the same ones somebody would search for ever
_HEAD = struct.Struct(">Q")


class NoMark(ValueError):
    """This is no mark of ours."""


def mark(key: int, digest: bytes) -> str:
    """Return the mark of a letter, the same each time. How many letters there are does not show in it."""
    sealed = _cipher().encrypt(_HEAD.pack(key) + digest, None)
    return base64.b32encode(sealed).decode().rstrip("=").lower()


def read(text: str) -> tuple[int, bytes]:
    """Return (letter's key, hash of its text). Raises NoMark."""
    padded = text.upper() + "=" * (-len(text) % 8)
    try:
        opened = _cipher().decrypt(base64.b32decode(padded), None)
    except (ValueError, InvalidTag) as error:
        raise NoMark(NoMark.__doc__) from error
    if len(opened) != _HEAD.size + DIGEST:
        raise NoMark(NoMark.__doc__)
    (key,) = _HEAD.unpack(opened[: _HEAD.size])
    return key, opened[_HEAD.size :]


def _cipher() -> AESSIV:
    return AESSIV(derived("letter mark"))
