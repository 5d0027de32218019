"""What can be wrong with a log or a version that a case is to go on under."""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot go on."""


class EventError(EngineError):
    """A recorded event does not belong to this policy."""


class ProcedureError(EngineError):
    """The policy has no such kind of matter."""


class MigrationError(EngineError):
    """The case cannot go on under another version of the policy; `phase` is the one that the version lacks."""

    def __init__(self, message: str, *, phase: str | None = None) -> None:
        super().__init__(message)
        self.phase = phase
