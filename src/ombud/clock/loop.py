"""The clock's process: ticks when something is due, looks every two seconds at the latest."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone

from ombud.clock import beside, pulse, sweep
from ombud.clock.tick import tick, tidy

log = logging.getLogger(__name__)

LONGEST = 2.0  # seconds between two looks: an act in another process may have set an earlier wake-up
_AGAIN = (
    "rungs",
    "recounted",
    "tasks",
    "carried",
    "letters",
    "codes",
    "failed",
    "alerts",
    "removed",
)  # after these more may wait
TIDY_EVERY = timedelta(minutes=10)


def run() -> int:
    """Run until the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_forever(stop)
    return 0


def run_forever(stop: threading.Event) -> None:
    """Tick until `stop` is set."""
    threading.Thread(target=pulse.follow, args=[stop], daemon=True).start()
    beside.start(stop)
    tidied = None
    while not stop.is_set():
        wait = LONGEST
        pulse.move_on()
        try:
            close_old_connections()
            now = timezone.now()
            done = tick(now)
            if tidied is None or now - tidied >= TIDY_EVERY:
                tidy(now)
                tidied = now
            wait = 0.0 if any(done[name] for name in _AGAIN) else _until_next()
        except Exception:  # the database may be away for a moment; the clock must be there when it is back
            log.exception("clock: tick failed")
        stop.wait(wait)


def _until_next() -> float:
    """Return for how long to sleep: until the next wake-up, two seconds at most."""
    at = sweep.next_wake()
    if at is None:
        return LONGEST
    # A rung passes strictly after its instant, so the second after it is the first to look.
    return min(LONGEST, max(0.1, at + 1 - timezone.now().timestamp()))
