"""Reads the calls of Viber: what one person writes to our bot, and what became of our messages."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from ombud.channels import payload
from ombud.channels.providers import Call, Heard, Held, Media, NotTheirs, Report, Taken
from ombud.correspondence import outcomes

_FILES = ("picture", "video", "file")
_OUTCOMES = {"delivered": outcomes.DELIVERED, "seen": outcomes.READ, "failed": outcomes.FAILED}


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    expected = hmac.digest(held["token"].encode(), call.body, sha256).hex()
    given = call.headers.get("x-viber-content-signature", "")
    if not held["token"] or not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotTheirs
    content = payload.parsed(call.body)
    outcome = _OUTCOMES.get(payload.text(content, "event"))
    there = payload.digits(content, "message_token")
    if outcome is not None and there:
        return Taken(reports=[Report(id=there, outcome=outcome, words=payload.text(content, "desc")[:500])])
    heard = _heard(content, there)
    return Taken(heard=[heard] if heard is not None else ())


def _heard(content: Any, there: str) -> Heard | None:
    sender = payload.text(content, "sender", "id")
    if payload.text(content, "event") != "message" or not sender or not there:
        return None
    kind, source = payload.text(content, "message", "type"), payload.text(content, "message", "media")
    name = payload.text(content, "message", "file_name") or kind
    return Heard(
        id=there,
        sender=sender[:100],
        name=payload.text(content, "sender", "name")[:200],
        text=payload.text(content, "message", "text"),
        at=payload.instant(content, "timestamp", per_second=1000),
        language=payload.text(content, "sender", "language")[:16],
        media=[Media(name=name[:200], source=source)] if kind in _FILES and source else (),
    )
