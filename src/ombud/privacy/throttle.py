"""Counts attempts at something secret, and what outsiders send, whichever process they reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from ombud.privacy.models import Attempt


def attempt(key: str, *, limit: int, window: timedelta, now: datetime, amount: int = 1) -> bool:
    """Count one attempt, or an amount, and return whether all of the window is still within the limit."""
    current = Attempt.objects.filter(key=key, window_at__gt=now - window)
    if not current.update(count=F("count") + amount):
        try:
            with transaction.atomic():
                Attempt.objects.update_or_create(key=key, defaults={"window_at": now, "count": amount})
        except IntegrityError:  # another process opened the window just now
            current.update(count=F("count") + amount)
    count = Attempt.objects.filter(key=key).values_list("count", flat=True).get()
    return count <= limit


def tried(key: str, *, window: timedelta, now: datetime) -> int:
    """Return how much was counted in the window that is open."""
    return Attempt.objects.filter(key=key, window_at__gt=now - window).values_list("count", flat=True).first() or 0


def wait(key: str, *, window: timedelta, now: datetime) -> timedelta:
    """Return how long it takes until the window ends and counting begins anew."""
    opened = Attempt.objects.filter(key=key).values_list("window_at", flat=True).first()
    return max(timedelta(), opened + window - now) if opened else timedelta()


def forget(key: str) -> None:
    """Forget the attempts: the right secret was given."""
    Attempt.objects.filter(key=key).delete()


def tidy(*, now: datetime) -> int:
    """Remove windows long past and return how many."""
    return Attempt.objects.filter(window_at__lt=now - timedelta(days=1)).delete()[0]
