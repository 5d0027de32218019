"""Our own signature of what other systems tell us, and we them: HMAC-SHA256 of time and body, good for five minutes."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

TIMESTAMP, SIGNATURE = "ombud-timestamp", "ombud-signature"
WINDOW = 300  # seconds that a call may be old, or ahead of our clock
_VERSION = "v1="


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return secrets.token_urlsafe(32)


def signed(secret: str, body: bytes, *, now: datetime, of: str = "") -> dict[str, str]:
    """Return the headers that go with a body; `of` stands before it where one secret signs several kinds of calls."""
    stamp = str(int(now.timestamp()))
    return {TIMESTAMP: stamp, SIGNATURE: _signature(secret, stamp, of, body)}


def is_signed(secret: str, stamp: str, signature: str, body: bytes, *, now: datetime, of: str = "") -> bool:
    """Return whether a body was signed with the secret within the last minutes; takes as long whatever is wrong."""
    is_right = is_same(signature, _signature(secret, stamp, of, body))
    return bool(secret) and is_right and is_fresh(stamp, now=now)


def is_fresh(stamp: str, *, now: datetime) -> bool:
    """Return whether a time that goes with a signature lies within the last minutes, or as far ahead of our clock."""
    is_number = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    return is_number and abs(int(stamp) - now.timestamp()) <= WINDOW


def is_same(given: str, right: str) -> bool:
    """Return whether what was given is right, taking as long whatever is wrong with it."""
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


def _signature(secret: str, stamp: str, of: str, body: bytes) -> str:
    said = b".".join([stamp.encode(errors="replace"), *([of.encode()] if of else []), body])
    return _VERSION + hmac.digest(secret.encode(), said, sha256).hex()
