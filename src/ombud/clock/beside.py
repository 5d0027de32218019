"""What the clock does beside its ticks, each in a thread of its own: nothing that is due may wait for it.

Figures, early warning, reports and papers: whatever is counted or made for longer than a tick may last. Each works
under a claim of its own (a lease, a conditional update, a unique row), so any number of clocks may do it at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One thing that is done beside the ticks."""

    name: str
    do: Callable[..., int]  # with `now`; returns how much was done
    every: float  # seconds between two looks where nothing is left to do


def works() -> tuple[Work, ...]:
    """Return what `CLOCK_BESIDE` of the settings names."""
    known: Mapping[str, tuple[str, float]] = settings.CLOCK_BESIDE
    return tuple(Work(name=name, do=import_string(path), every=every) for name, (path, every) in known.items())


def start(stop: threading.Event) -> list[threading.Thread]:
    """Begin all of it, until `stop` is set, and return the threads."""
    threads = [
        threading.Thread(target=_follow, args=[work, stop], name=f"clock: {work.name}", daemon=True) for work in works()
    ]
    for thread in threads:
        thread.start()
    return threads


def once(now: datetime) -> dict[str, int]:
    """Do what waits of each here and now, and return how much that was."""
    return {work.name: _guarded(work, now) for work in works()}


def _follow(work: Work, stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        if not _guarded(work, timezone.now()):  # else more may wait
            stop.wait(work.every)
    connection.close()


def _guarded(work: Work, now: datetime) -> int:
    try:
        return work.do(now=now)
    except Exception:  # the database may be away for a moment; the next look tries again
        log.exception("clock: %s failed", work.name)
        return 0
