"""Blind indexes: find a complainant by an exact phone number or address without storing either."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from ombud.policy.vocabulary import EMAIL, PHONE
from ombud.privacy.keys import digest
from ombud.privacy.models import BlindIndex, Complainant


def normal_phone(text: str) -> str:
    """Return the digits that matter: no blanks, hyphens, brackets, and no prefix of mainland China."""
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter.isdigit())
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 11:
            return digits.removeprefix(prefix)
    return digits


def normal_email(text: str) -> str:
    """Return the address in small letters."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


#: field id -> how its value is made comparable; these base fields are looked up exactly.
INDEXED: Mapping[str, Callable[[str], str]] = {PHONE: normal_phone, EMAIL: normal_email}


def rows(complainant: Complainant, data: Mapping[str, Any]) -> list[BlindIndex]:
    """Return the index rows, not saved, for the contacts among a submission's fields."""
    found = []
    for name, normal in INDEXED.items():
        value = data.get(name)
        if isinstance(value, str) and (plain := normal(value)):
            found.append(BlindIndex(complainant=complainant, kind=name, digest=digest(f"blind:{name}", plain)))
    return found


def look_up(name: str, value: str) -> str:
    """Return the digest to look for. Raises KeyError for a field that is not indexed."""
    return digest(f"blind:{name}", INDEXED[name](value))
