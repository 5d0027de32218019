"""Whether a request comes from the telephone system: signed with the account's secret, or bearing it.

Within the minutes that a signature is good for, and for whoever bears the secret, the same event once more changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ombud.channels.signing import SIGNATURE, TIMESTAMP, is_fresh, is_same, is_signed

BEARER = "authorization"
SECRET = "secret"  # its name among the secrets of an account


def what(method: str, path: str) -> str:
    """Return what a signature covers beside time and body: an event signs no recording, nor one call's another's."""
    return f"{method}.{path}"


def bears(headers: Mapping[str, str], secret: str) -> bool:
    """Return whether a request bears the secret, which its headers alone tell."""
    return bool(secret) and is_same(headers.get(BEARER, ""), f"Bearer {secret}")


def is_worth_reading(headers: Mapping[str, str], secret: str, *, now: datetime) -> bool:
    """Return whether a request may be theirs as far as its headers tell, so that a stranger's body is never read."""
    if headers.get(SIGNATURE, ""):
        return bool(secret) and is_fresh(headers.get(TIMESTAMP, ""), now=now)
    return bears(headers, secret)


def is_theirs(headers: Mapping[str, str], secret: str, *, method: str, path: str, body: bytes, now: datetime) -> bool:
    """Return whether a request was signed with the secret, or bears it; `headers` know names in any letters."""
    if not secret:
        return False
    signature = headers.get(SIGNATURE, "")
    if not signature:
        return bears(headers, secret)
    return is_signed(secret, headers.get(TIMESTAMP, ""), signature, body, now=now, of=what(method, path))
