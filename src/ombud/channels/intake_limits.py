"""How much outsiders may send within an hour, whatever edge they come in at: per address, and all of them together.

Of IPv6 a /64 counts as one address. Beyond a limit nothing is lost: a complaint from the portal is held until there is
room (`holding`), of anything else whoever sends it is told when to send it again. Staff and programs with a person's
token have no limit.
"""

from __future__ import annotations

import errno
import os
import shutil
from datetime import datetime, timedelta

from django.conf import settings

from ombud.cases.errors import Throttled
from ombud.channels.caller import network
from ombud.privacy import throttle
from ombud.privacy.keys import digest

HOUR = timedelta(hours=1)
FILES_EACH = 200  # a company's staff may share one address
MB_EACH, MB_IN_ALL = 1_000, 20_000
CODES_EACH, CODES_IN_ALL = 10, 1_000
KB = 1024


def place_of(address: str) -> str:
    """Return what stands for the address in what is kept: the row may outlive the complaint."""
    return digest("client", network(address))[:32]


def count_complaint(address: str, *, now: datetime) -> None:
    """Count a complaint that an outsider sends. Raises Throttled beyond the limits, OSError where the disk is full."""
    need_room()
    _count(f"filed:{place_of(address)}", settings.OMBUD_COMPLAINTS_PER_ADDRESS, now)
    _count("filed", settings.OMBUD_COMPLAINTS_PER_HOUR, now)


def has_room(place: str, *, now: datetime) -> bool:
    """Count a complaint that was held and return True, where both limits have room for it; else count nothing."""
    limits = {f"filed:{place}": settings.OMBUD_COMPLAINTS_PER_ADDRESS, "filed": settings.OMBUD_COMPLAINTS_PER_HOUR}
    if any(throttle.tried(key, window=HOUR, now=now) >= limit for key, limit in limits.items()):
        return False
    need_room()
    for key, limit in limits.items():
        throttle.attempt(key, limit=limit, window=HOUR, now=now)
    return True


def count_file(address: str, size: int, *, now: datetime) -> None:
    """Count a file of so many bytes that an outsider sends. Raises Throttled, OSError where the disk is full."""
    need_room(size)
    place, amount = place_of(address), size // KB + 1
    _count(f"files:{place}", FILES_EACH, now)
    _count(f"kilobytes:{place}", MB_EACH * KB, now, amount)
    _count("kilobytes", MB_IN_ALL * KB, now, amount)


def count_code(address: str, *, now: datetime) -> None:
    """Count somebody who asks for a new tracking code. Raises Throttled beyond the limits."""
    _count(f"codes:{place_of(address)}", CODES_EACH, now)
    _count("codes", CODES_IN_ALL, now)


def need_room(size: int = 0) -> None:
    """Raise OSError (no space) where so many bytes would leave less of the disk than the work of staff needs."""
    if free_disk() - size < settings.OMBUD_DISK_FLOOR_MB * KB * KB:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def free_disk() -> int:
    """Return how many bytes are free where the installation writes."""
    return shutil.disk_usage(settings.OMBUD_VAR).free


def _count(key: str, limit: int, now: datetime, amount: int = 1) -> None:
    if not throttle.attempt(key, limit=limit, window=HOUR, now=now, amount=amount):
        raise Throttled(throttle.wait(key, window=HOUR, now=now))
