"""What limits read of a case: its facts and what happened last. `State` is one; limits need nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from ombud.policy.model.values import Value


class LastEvent(NamedTuple):
    """What is kept of an act or outcome: how often; its latest occurrence; who did the one recorded last."""

    times: int
    occurred: int
    seq: int  # of the latest occurrence
    actor: str
    role: str
    department: str | None
    found: int  # when the latest occurrence was written down


class CaseFacts(Protocol):
    """A case as far as the length and the calendar of its limits depend on it."""

    @property
    def facts(self) -> Mapping[str, Value]: ...

    @property
    def log(self) -> Mapping[str, LastEvent]: ...
