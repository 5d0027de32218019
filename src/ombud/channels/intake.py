"""The one entrance for new complaints: portal, API, import, and staff who type in a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ombud.cases.commands import Received
from ombud.engine.model import Actor

COMPLAINANT = Actor(person="complainant", role="complainant")


def receive(
    policy: str,
    *,
    channel: str,
    language: str,
    data: Mapping[str, Any],
    actor: Actor = COMPLAINANT,
    at: datetime,
    now: datetime,
    source: str | None = None,
    is_telling: bool = True,
) -> Received:
    """Open a case under the version of `policy` in force at `now`; return it with the complainant's secret.

    Raises NoPolicy, Refused, AttachmentRefused; then nothing was written.
    """
    raise NotImplementedError
