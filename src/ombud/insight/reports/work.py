"""Begins and sends reports beside the clock's ticks: what has to be counted must not hold up what is due."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections, connection
from django.utils import timezone

from ombud.insight.reports import drafting, sending

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks


def start(stop: threading.Event) -> threading.Thread:
    """Begin what is owed until `stop` is set, in a thread of its own."""
    thread = threading.Thread(target=_follow, args=[stop], daemon=True)
    thread.start()
    return thread


def _follow(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            drafting.begin_owed(now=timezone.now())
            sending.send_waiting(now=timezone.now())
        except Exception:  # the database may be away for a moment
            log.exception("reports")
        stop.wait(EVERY)
    connection.close()
