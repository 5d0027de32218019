"""What the journeys share: the people, and a clock that stands until somebody moves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from builders import START
from cast import Cast
from journeys.telling import Journey


@pytest.fixture
def journey(cast: Cast, media: Path) -> Iterator[Journey]:
    with time_machine.travel(START, tick=False) as clock:
        yield Journey(cast, clock)
