"""What a telephone system says of a call: read strictly, and every mistake is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

LONGEST = {"call": 200, "from": 64, "to": 64, "by": 100, "text": 20_000}  # characters
REQUIRED = ("event", "call", "at")
KNOWN = frozenset({*REQUIRED, *LONGEST, "seconds", "answered"})
A_WEEK = 7 * 24 * 3600  # of seconds: no call is longer


class Kind(StrEnum):
    """What happened; of one call the later of these outweighs the former."""

    STARTED = "started"
    ENDED = "ended"
    VOICEMAIL = "voicemail"


class Malformed(Exception):
    """The event is none; the words say where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallEvent:
    """One event of a call."""

    kind: Kind
    call: str  # its id in the telephone system
    at: datetime  # when the call began, by the telephone system's clock
    caller: str = ""  # empty: the number is withheld
    called: str = ""
    by: str = ""  # who answered, as the telephone system calls them
    text: str = ""  # a transcript
    seconds: int | None = None
    answered: bool | None = None


def read(body: bytes) -> CallEvent:
    """Return the event that a body is. Raises Malformed."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is no JSON.") from error
    if not isinstance(given, dict):
        raise Malformed("The body is no JSON object.")
    unknown = sorted(set(given) - KNOWN)
    if unknown:
        raise Malformed(f"Unknown: {', '.join(unknown)[:200]}. Known: {', '.join(sorted(KNOWN))}.")
    if given.get("event") not in list(Kind):
        raise Malformed(f"event: one of {', '.join(Kind)}.")
    words = {name: _words(given, name) for name in LONGEST}
    if not words["call"]:
        raise Malformed("call: the id of the call is missing.")
    return CallEvent(
        kind=Kind(given["event"]),
        call=words["call"],
        at=_at(given.get("at")),
        caller=words["from"],
        called=words["to"],
        by=words["by"],
        text=words["text"],
        seconds=_seconds(given.get("seconds")),
        answered=_answered(given.get("answered")),
    )


def _words(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST[name] or "\0" in value:
        raise Malformed(f"{name}: text of at most {LONGEST[name]} characters.")
    try:
        value.encode()
    except UnicodeEncodeError as error:  # half a character
        raise Malformed(f"{name}: not valid Unicode.") from error
    return value.strip()


def _at(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or not 1990 <= at.year <= 2099:
            raise ValueError(value)
    except (TypeError, ValueError) as error:
        raise Malformed("at: an instant with its zone, such as 2026-03-03T22:05:00+08:00.") from error
    return at


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= A_WEEK:
        raise Malformed("seconds: a whole number.")
    return value


def _answered(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise Malformed("answered: true or false.")
    return value
