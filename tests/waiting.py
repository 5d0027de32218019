"""Waiting for what another thread or process does, and whether a process is still there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 40  # seconds


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail where that takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Return whether a process is there that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
