"""Counts attempts at something secret, and what outsiders send, whichever process they reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from ombud.organisation.round_trips import cursor
from ombud.privacy.models import Attempt

# Counting is one statement: whoever counts at the same moment finds the window open, and nobody waits for an answer
# between reading a number and writing the next one.
_COUNT = """
INSERT INTO privacy_attempt AS known (key, window_at, count) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN known.window_at > %s THEN known.count ELSE 0 END + excluded.count,
    window_at = CASE WHEN known.window_at > %s THEN known.window_at ELSE excluded.window_at END
RETURNING count
"""


def attempt(key: str, *, limit: int, window: timedelta, now: datetime, amount: int = 1) -> bool:
    """Count one attempt, or an amount, and return whether all of the window is still within the limit."""
    at, since = (connection.ops.adapt_datetimefield_value(each) for each in (now, now - window))
    with cursor() as counting:
        counting.execute(_COUNT, [key, at, amount, since, since])
        (count,) = counting.fetchone()
    return int(count) <= limit


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
