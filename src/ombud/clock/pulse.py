"""The clock's pulse: a row that says when a clock was last there and able to write, and whether its loop moves on.

Written by a thread of its own, since a tick may take long; where the loop stands still, the thread falls silent too.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from ombud.clock.models import Heartbeat

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two beats
HANGING = 300.0  # seconds in which a part of a tick ends, or moves on as those that check policies do
DEAD = 30  # seconds after the last beat
ANY = "any"  # one row for all clocks


class _Loop:
    """When the loop of this process last moved on."""

    moved = 0.0


def move_on() -> None:
    """Note that the loop moved on."""
    _Loop.moved = time.monotonic()


def is_moving() -> bool:
    """Return whether the loop moved on lately."""
    return time.monotonic() - _Loop.moved < HANGING


def beat(now: datetime) -> None:
    """Write down that a clock is there."""
    with transaction.atomic():
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=ANY, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
        )


def silent_for(now: datetime) -> int | None:
    """Return for how many seconds no clock was there; None where none ever was."""
    last = Heartbeat.objects.filter(name=ANY).values_list("at", flat=True).first()
    return None if last is None else max(0, int((now - last).total_seconds()))


def follow(stop: threading.Event) -> None:
    """Beat until `stop` is set, for as long as the loop moves on."""
    move_on()
    is_failing = False
    while not stop.is_set():
        try:
            close_old_connections()
            if is_moving():
                beat(timezone.now())
            is_failing = False
        except Exception:  # the database is away; who asks is told so by the beat that is missing
            if not is_failing:
                log.exception("clock: its heartbeat cannot be written")
            is_failing = True
        stop.wait(EVERY)
    connection.close()
