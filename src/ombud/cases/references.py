"""What people quote: a reference to call out over the phone, and the complainant's secret beside it."""

from __future__ import annotations

import secrets

from ombud.privacy.keys import digest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O, U
_VALUE = {letter: number for number, letter in enumerate(ALPHABET)}
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "\u2013": None, "\u2014": None})
RANDOM, SECRET = 8, 13  # characters of 5 bits: 40 bits to quote, 65 bits to keep secret


def new_reference(prefix: str) -> str:
    """Return a reference such as KT-7F3K-9Q2M-X: prefix, 8 random characters, check character."""
    body = _random(RANDOM)
    return shown(prefix + body + _check(body))


def new_secret() -> str:
    """Return a secret of 65 random bits such as 4T8D-Q1ZK-M7R5W."""
    body = _random(SECRET)
    return f"{body[:4]}-{body[4:8]}-{body[8:]}"


def _random(length: int) -> str:
    """Return characters drawn alike: the alphabet has 32, and so does each byte eight times over."""
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(length))


def normal_secret(text: str) -> str:
    """Return the secret's characters as they are hashed, whatever hyphens, blanks and case it was typed with."""
    return text.upper().translate(_MISREAD)


def secret_digest(secret: str) -> str:
    """Return what is stored of a complainant's secret."""
    return digest("secret", normal_secret(secret))


def normal_reference(text: str) -> str | None:
    """Return the stored form of a reference as somebody typed it, or None where it cannot be one."""
    # The prefix keeps its letters: only the random part has none that are misread.
    letters = text.strip().upper().replace("-", "").replace(" ", "").replace("\u2013", "").replace("\u2014", "")
    prefix, body = letters[: -RANDOM - 1], letters[-RANDOM - 1 :].translate(_MISREAD)
    if not prefix.isalpha() or len(prefix) != 2 or len(body) != RANDOM + 1:
        return None
    if any(letter not in _VALUE for letter in body) or _check(body[:-1]) != body[-1]:
        return None
    return shown(prefix + body)


def shown(reference: str) -> str:
    """Return the reference with its hyphens."""
    bare = reference.replace("-", "")
    return f"{bare[:2]}-{bare[2:6]}-{bare[6:10]}-{bare[10:]}"


def _check(body: str) -> str:
    """Return the check character (Luhn over 32): catches every single slip and nearly all swapped neighbours."""
    total = 0
    for place, letter in enumerate(reversed(body)):
        value = _VALUE[letter] * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]
