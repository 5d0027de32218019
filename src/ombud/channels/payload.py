"""Reads the JSON that outsiders send: what is missing or of another type is empty, and nothing in it is ever run."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from ombud.channels.providers import Unreadable

LONGEST = 20_000  # letters of a text that are kept
MOST = 1000  # entries of a list: more than any provider sends at once
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def parsed(body: bytes) -> Any:
    """Return the JSON of a body. Raises Unreadable."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"No JSON: {error}") from error


def at(value: Any, *path: str | int) -> Any:
    """Return what stands at a path; None where there is nothing."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: Any, *path: str | int) -> str:
    """Return the text or number at a path as a text that a database holds; empty where there is none."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    if isinstance(found, int) and abs(found) >= 10**18:  # no id is as long, and writing it out may take for ever
        return ""
    return _UNSTORABLE.sub("", str(found))[:LONGEST]


def digits(value: Any, *path: str | int) -> str:
    """Return the id at a path, which may be a whole number of any length up to 64 bits; empty where there is none."""
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**64:
        return str(found)
    return text(found)[:250]


def listed(value: Any, *path: str | int) -> list[Any]:
    """Return the list at a path; empty where there is none. Raises Unreadable: what is beyond would be lost."""
    found = at(value, *path)
    if not isinstance(found, list):
        return []
    if len(found) > MOST:
        raise Unreadable(f"At most {MOST} entries in a list.")
    return found


def instant(value: Any, *path: str | int, per_second: int = 1) -> datetime | None:
    """Return the instant that a number of seconds, or parts of them, since 1970 stands for; None where it is none."""
    digits = text(value, *path)
    try:
        return datetime.fromtimestamp(int(digits) / per_second, UTC) if digits.isascii() and digits.isdigit() else None
    except (ValueError, OverflowError, OSError):
        return None
