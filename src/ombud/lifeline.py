"""Letting the system itself end a process whose parent is gone."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_PR_SET_PDEATHSIG = 1  # of Linux: which signal a process gets when the one that started it ends


def die_with_parent(number: int) -> None:
    """Let the system send the signal when the parent ends: at once, and also to a process whose threads cannot run."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a libc without it
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
