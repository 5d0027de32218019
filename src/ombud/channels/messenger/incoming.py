"""Reads the calls of Messenger: messages to our page, and which of ours were delivered."""

from __future__ import annotations

from typing import Any

from ombud.channels import meta, payload
from ombud.channels.providers import Call, Heard, Held, Media, Report, Taken
from ombud.correspondence import outcomes


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    if (greeting := meta.greeted(call, held)) is not None:
        return greeting
    events = [
        event
        for entry in payload.listed(meta.content_of(call, held), "entry")
        for event in payload.listed(entry, "messaging")
    ]
    return Taken(
        heard=[heard for event in events if (heard := _heard(event)) is not None],
        reports=[
            Report(id=payload.text(mid)[:250], outcome=outcomes.DELIVERED)
            for event in events
            for mid in payload.listed(event, "delivery", "mids")
        ],
    )


def _heard(event: Any) -> Heard | None:
    sender, there = payload.text(event, "sender", "id"), payload.text(event, "message", "mid")
    if not sender or not there or payload.at(event, "message", "is_echo"):
        return None
    files = payload.listed(event, "message", "attachments")
    media = [
        Media(name=payload.text(each, "type")[:200] or "file", source=payload.text(each, "payload", "url"))
        for each in files
    ]
    return Heard(
        id=there[:250],
        sender=sender[:100],
        text=payload.text(event, "message", "text"),
        at=payload.instant(event, "timestamp", per_second=1000),
        answers=payload.text(event, "message", "reply_to", "mid")[:250],
        media=[each for each in media if each.source],
    )
