"""Counts attempts at something secret, whichever process they reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from ombud.privacy.models import Attempt


def attempt(key: str, *, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one attempt and return whether it is still within the limit."""
    current = Attempt.objects.filter(key=key, window_at__gt=now - window)
    if not current.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                Attempt.objects.update_or_create(key=key, defaults={"window_at": now, "count": 1})
        except IntegrityError:  # another process opened the window just now
            current.update(count=F("count") + 1)
    count = Attempt.objects.filter(key=key).values_list("count", flat=True).get()
    return count <= limit


def forget(key: str) -> None:
    """Forget the attempts: the right secret was given."""
    Attempt.objects.filter(key=key).delete()


def tidy(*, now: datetime) -> int:
    """Remove windows long past and return how many."""
    return Attempt.objects.filter(window_at__lt=now - timedelta(days=1)).delete()[0]
