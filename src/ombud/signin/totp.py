"""Codes that an app makes from a shared secret and the time (RFC 6238: SHA-1, six digits, thirty seconds)."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6
AROUND = 1  # steps that a clock may be off, to either side


def new_secret() -> str:
    """Return a secret of 160 bits, as apps take it: in base 32."""
    return b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """Return the code of a step of time (RFC 4226, 5.3)."""
    mac = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    place = mac[-1] & 0xF
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(now: datetime) -> int:
    """Return the step of time that an instant is in."""
    return int(now.timestamp()) // STEP


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step whose code this is, of those about now; None where it is of none."""
    found = None
    for step in range(step_of(now) - AROUND, step_of(now) + AROUND + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def address(secret: str, *, account: str, house: str) -> str:
    """Return what the picture says that an app reads."""
    label = quote(f"{house}:{account}" if house else account, safe="")
    told = {"secret": secret, "digits": DIGITS, "period": STEP, **({"issuer": house} if house else {})}
    return f"otpauth://totp/{label}?{urlencode(told, quote_via=quote)}"
