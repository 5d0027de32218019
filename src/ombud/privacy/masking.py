"""What of a personal value those see who need not see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ombud.policy.vocabulary import ACCOUNT, COMPLAINANTS, NAME, PHONE, REPRESENTATIVE
from ombud.privacy.characters import EMAIL_IN_TEXT
from ombud.privacy.striking import struck

BLANK = "***"


def mask(name: str, value: Any) -> Any:
    """Return the masked form of the value of the field `name`."""
    if isinstance(value, list):
        return [mask(name, item) for item in value]
    if not isinstance(value, str):
        return BLANK
    if "@" in value and EMAIL_IN_TEXT.fullmatch(value.strip()):
        return mask_email(value.strip())
    if name in {NAME, REPRESENTATIVE, COMPLAINANTS}:
        return mask_name(value)
    if name in {PHONE, ACCOUNT}:
        return mask_number(value)
    return BLANK


def mask_name(value: str) -> str:
    """Return the first letter of each word: one character of a Chinese name, initials of others."""
    return " ".join(word[0] + "*" * min(len(word) - 1, 2) for word in value.split()) or BLANK


def mask_number(value: str) -> str:
    """Return a number with its middle hidden: 138****5678; short ones whole."""
    bare = value.strip()
    return f"{bare[:3]}****{bare[-4:]}" if len(bare) >= 10 else BLANK


def mask_email(value: str) -> str:
    """Return an address with its first letter and its domain."""
    user, _, domain = value.partition("@")
    return f"{user[:1]}***@{domain}"


def mask_text(value: str, known: tuple[str, ...] = ()) -> str:
    """Return free text without addresses, long numbers, and the names that are known to be in it or parts of them."""
    return _without(value, struck(value, known))


def strike_known(value: str, known: tuple[str, ...]) -> str:
    """Return free text without what is known of somebody in it; addresses and numbers of others stay."""
    return _without(value, struck(value, known, also_unknown=False))


def _without(value: str, spans: Iterable[tuple[int, int]]) -> str:
    kept, place = [], 0
    for start, end in spans:
        kept += [value[place:start], BLANK]
        place = end
    return "".join([*kept, value[place:]])
