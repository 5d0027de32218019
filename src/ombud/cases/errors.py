"""Why a command of the register was not carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ombud.engine.model import Refusal
from ombud.texts import spoken

if TYPE_CHECKING:
    from ombud.cases.models import Event


class CaseError(Exception):
    """The register refused a command."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoSuchCase(CaseError):
    """There is no such case for this reader (whether or not it exists): answer 404."""


class Forbidden(CaseError):
    """The reader may see the case but not do this: answer 403."""


class KeptOut(CaseError):
    """Whoever is to get the case was taken out of it, or the list of the confidential case does not name them."""


class ReasonMissing(CaseError):
    """This needs a reason."""


class CannotMigrate(CaseError):
    """The case cannot go on under this version; nothing was written."""


class NothingAhead(CaseError):
    """Nothing of the case lies ahead of the clock; nothing was written."""


class NoPolicy(CaseError):
    """No version of this policy is in force."""


class Refused(CaseError):
    """The policy refuses the act; nothing was written."""

    def __init__(self, refusals: Sequence[Refusal], *, data: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.refusals = tuple(refusals)
        self.data = dict(data or {})  # what was typed, to show the form again

    def __str__(self) -> str:
        """Return the reasons as the program's own log and command line say them: in English."""
        return "; ".join(spoken(refusal.message, "en") or refusal.code for refusal in self.refusals)


class Stale(CaseError):
    """Somebody acted on the case since the reader looked at it; nothing was written."""

    def __init__(self, changed: Sequence[Event], *, seq: int, data: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.changed = tuple(changed)  # the acts since, oldest first
        self.seq = seq  # the last event now
        self.data = dict(data or {})  # what was typed, to show the form again


class RecusedFrom(NoSuchCase):
    """The reader was taken out of this case, and knows of it."""


class AttachmentRefused(CaseError):
    """A file cannot be taken in."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code  # empty, too-big, type, archive, crumbs, too-many, unknown, infected, unscanned
        self.params = params


class KeyReused(CaseError):
    """The idempotency key was used before with another body."""


class Throttled(CaseError):
    """Too many attempts; try again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait
