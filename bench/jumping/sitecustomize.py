"""Lets the clock of a process jump: begun with this folder on its path, it adds to now what a file says."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

_OFFSET = Path(os.environ["SOAK_OFFSET"])
_now = timezone.now


def now() -> datetime:
    """Return the time, as many seconds ahead of the machine's as the file says."""
    try:
        return _now() + timedelta(seconds=float(_OFFSET.read_text()))
    except (OSError, ValueError):  # the disk is full, or nobody has said anything yet
        return _now()


timezone.now = now
