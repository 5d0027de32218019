"""Counting attempts in the database, so that every process sees them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from ombud.portal.models import Tally


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within so many seconds."""

    name: str
    attempts: int
    seconds: int


def note(limit: Limit, who: str, *, now: int) -> None:
    """Count one attempt."""
    key, window = _key(limit, who), _window(limit, now)
    if Tally.objects.filter(key=key, window=window).update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            Tally.objects.create(key=key, window=window)
    except IntegrityError:  # somebody else began the same window in between
        Tally.objects.filter(key=key, window=window).update(count=F("count") + 1)
    Tally.objects.filter(window__lt=now - 24 * 3600).delete()


def is_exceeded(limit: Limit, who: str, *, now: int) -> bool:
    """Return whether the attempts of this window are used up."""
    tally = Tally.objects.filter(key=_key(limit, who), window=_window(limit, now)).first()
    return tally is not None and tally.count >= limit.attempts


def forget(limit: Limit, who: str) -> None:
    """Start anew, after a success."""
    Tally.objects.filter(key=_key(limit, who)).delete()


def _key(limit: Limit, who: str) -> str:
    # A digest: names and addresses of people who tried are nobody's business.
    return hashlib.sha256(f"{limit.name}:{who}:{settings.SECRET_KEY}".encode()).hexdigest()


def _window(limit: Limit, now: int) -> int:
    return now - now % limit.seconds
