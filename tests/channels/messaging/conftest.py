"""What tests of providers share: an account, its hook, the provider's server, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from builders import after
from cast import Cast
from provided import Provided
from provider_server import ProviderServer


@pytest.fixture
def provided(cast: Cast, media: Path, settings: Any) -> Iterator[Provided]:
    """A provider whose server is a stand-in."""
    with ProviderServer({}) as server, time_machine.travel(after(0), tick=False) as clock:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        yield Provided(server, clock)
