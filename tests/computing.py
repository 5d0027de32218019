"""What computing may cost, on a machine that has other things to do."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def computed_within(seconds: float, what: str = "") -> Iterator[None]:
    """Fail where the block takes more processor time.

    Without garbage collection: what thousands of tests before have left takes longer to look through than most blocks.
    """
    gc.disable()
    began = time.process_time()
    try:
        yield
        spent = time.process_time() - began
    finally:
        gc.enable()
    assert spent < seconds, f"{spent:.2f} s {what}"
