"""The link by which an installation without people is founded: printed for who runs it, and good for one founding."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from ombud.organisation.models import Person

LASTS = timedelta(hours=24)
_WHAT, _SALT = "found", "ombud.founding"


def path() -> str:
    """Return the path of a new link. Only who reads the terminal or the log of a start is told it."""
    return reverse("found", args=[signing.TimestampSigner(salt=_SALT).sign(_WHAT)])


def is_founded() -> bool:
    """Return whether somebody has an account: from then on no link lets anybody in."""
    return Person.objects.exists()


def is_good(token: str) -> bool:
    """Return whether the installation can be founded by this link."""
    try:
        said = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=LASTS)
    except signing.BadSignature:
        return False
    return said == _WHAT and not is_founded()
