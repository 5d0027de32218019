"""What requests are counted into, by all processes of a server together.

Each process writes into files of its own in one folder, and whoever is asked for the numbers adds up all of them. The
folder belongs to one server, that is to the parent of its processes, so that no older server's numbers are added.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
from pathlib import Path

from django.conf import settings

_STALE = 24 * 3600  # seconds after which the folder of a server on another machine is nobody's


def folder() -> Path:
    """Return the folder of this server, and remove those of servers that are gone."""
    place = Path(settings.OMBUD_VAR, "metrics")
    own = place / f"{socket.gethostname()}-{os.getppid()}"
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in place.iterdir():
        if other != own and _is_over(other):
            shutil.rmtree(other, ignore_errors=True)
    return own


def _is_over(other: Path) -> bool:
    host, _, parent = other.name.rpartition("-")
    if host == socket.gethostname() and parent.isdecimal():
        with contextlib.suppress(PermissionError):  # somebody else's, and alive
            try:
                os.kill(int(parent), 0)
            except ProcessLookupError:
                return True
        return False
    written = [each.stat().st_mtime for each in other.glob("*.db")]
    return not written or time.time() - max(written) > _STALE


FOLDER = folder()
# The library decides when it is first imported whether it counts for one process or for several.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)

from prometheus_client import Counter, Histogram  # noqa: E402

REQUESTS = Counter(
    "ombud_requests", "Requests that were answered", ["method", "route", "status"], registry=None
)  # fmt: skip
SECONDS = Histogram(
    "ombud_request_seconds",
    "Seconds until a request was answered",
    ["part"],
    registry=None,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REFUSED = Counter(
    "ombud_requests_refused", "Requests that were refused before a thread had time for them", ["kind"], registry=None
)

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # whoever calls can make up others


def count(method: str | None, route: str, part: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    REQUESTS.labels(method if method in _METHODS else "other", route, str(status)).inc()
    SECONDS.labels(part).observe(seconds)
