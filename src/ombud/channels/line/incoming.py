"""Reads the calls of LINE: messages of one person to our account."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import Any

from ombud.channels import payload
from ombud.channels.providers import Call, Heard, Held, Media, NotTheirs, Taken

_MEDIA = ("image", "video", "audio", "file")


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    expected = b64encode(hmac.digest(held["channel_secret"].encode(), call.body, sha256))
    is_right = hmac.compare_digest(expected, call.headers.get("x-line-signature", "").encode())
    if not held["channel_secret"] or not is_right:
        raise NotTheirs
    events = payload.listed(payload.parsed(call.body), "events")
    return Taken(heard=[heard for event in events if (heard := _heard(event)) is not None])


def _heard(event: Any) -> Heard | None:
    sender, there = payload.text(event, "source", "userId"), payload.text(event, "message", "id")
    is_alone = payload.text(event, "source", "type") == "user"
    if payload.text(event, "type") != "message" or not is_alone or not sender or not there:
        return None
    kind = payload.text(event, "message", "type")
    name = payload.text(event, "message", "fileName") or kind
    place = filter(None, (payload.text(event, "message", part) for part in ("title", "address")))
    return Heard(
        id=there[:250],
        sender=sender[:100],
        text=payload.text(event, "message", "text") or "\n".join(place),
        at=payload.instant(event, "timestamp", per_second=1000),
        answers=payload.text(event, "message", "quotedMessageId")[:250],
        media=[Media(name=name[:200], source=there[:250])] if kind in _MEDIA else (),
    )
