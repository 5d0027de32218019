"""Makes case files and what goes along with letters beside the clock's ticks: nothing due may wait for either."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connection
from django.utils import timezone

from ombud.papers import case_files, enclosing

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two looks


def work(stop: threading.Event) -> None:
    """Begin to make papers, letters apart from case files: one of those may take a minute."""
    for make in (enclosing.enclose_waiting, case_files.make_waiting):
        threading.Thread(target=follow, args=[stop, make], daemon=True).start()


def follow(stop: threading.Event, make: Callable[..., int]) -> None:
    """Make what is asked for until `stop` is set."""
    while not stop.is_set():
        try:
            close_old_connections()
            make(now=timezone.now())
        except Exception:  # the database may be away for a moment
            log.exception("clock: papers")
        stop.wait(EVERY)
    connection.close()
