"""The numbers that SMS gateways tell."""

from __future__ import annotations

from ombud.channels.providers import Held
from ombud.privacy import contacts


def number_of(text: str, held: Held) -> str:
    """Return a sender's number as it is dialled from abroad; what is no mobile number stays as it is."""
    return contacts.mobile(text, held["region"].upper() or None) or text[:50]
