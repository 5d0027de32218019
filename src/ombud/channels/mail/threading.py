"""Which case a reply belongs to: a signed token in the address that it goes to, or in its subject."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

from ombud.cases.references import normal_reference
from ombud.privacy.keys import derived

LENGTH = 16  # characters of 5 bits: 80 bits, which nobody guesses
_ADDRESS = re.compile(rf"\+([a-z]{{2}}[0-9a-z]{{9}})([a-z2-7]{{{LENGTH}}})@", re.IGNORECASE)
_SUBJECT = re.compile(rf"\[([a-z]{{2}}[0-9a-z-]{{9,13}})~([a-z2-7]{{{LENGTH}}})\]", re.IGNORECASE)
_LONGEST = 2_000  # characters that are searched


def token(reference: str) -> str:
    """Return the signature of a case's reference: whoever has it was written to on that case."""
    signed = hmac.digest(derived("mail thread"), _plain(reference).encode(), sha256)
    return b32encode(signed).decode("ascii").lower()[:LENGTH]


def reply_address(address: str, reference: str) -> str:
    """Return the address at which an answer on the case is known: complaints+hwtzjv6ptdq...@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{_plain(reference).lower()}{token(reference)}@{domain}"


def subject_mark(reference: str) -> str:
    """Return what stands in a subject, where a provider knows no such addresses: [HW-TZJV-6PTD-Q~...]."""
    return f"[{reference}~{token(reference)}]"


def reference_of(address_or_subject: str) -> str | None:
    """Return the reference whose valid token stands in an address or a subject, None where none does."""
    text = address_or_subject[:_LONGEST]
    for pattern in (_ADDRESS, _SUBJECT):
        for found in pattern.finditer(text):
            reference = normal_reference(found[1])
            if reference and hmac.compare_digest(token(reference), found[2].lower()):
                return reference
    return None


def _plain(reference: str) -> str:
    return reference.replace("-", "").upper()
