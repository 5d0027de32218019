"""Instants as RFC 3339 writes them, in the caller's zone, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic_core import PydanticCustomError

from ombud.policy.values import INSTANTS

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
EARLIEST, LATEST = INSTANTS


def at(instant: datetime | None) -> str | None:
    """Return the instant with its offset, to the second."""
    return None if instant is None else timezone.localtime(instant).replace(microsecond=0).isoformat()


def moment(instant: datetime) -> str:
    """Return an instant that is there."""
    return str(at(instant))


def at_seconds(seconds: int) -> str:
    """Return epoch seconds as an instant with its offset."""
    return moment(datetime.fromtimestamp(seconds, UTC))


def read(text: object) -> datetime:
    """Return the instant that was written. Raises PydanticCustomError for anything else."""
    if isinstance(text, str) and _RFC3339.match(text):
        try:
            found = datetime.fromisoformat(text.upper())
            if EARLIEST <= found.timestamp() <= LATEST:
                return found
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("instant", "an RFC 3339 instant")


def wanted() -> str:
    """Return what an instant must look like, in words."""
    return _("A time with its offset is needed, such as 2026-03-03T09:00:00+08:00.")
