"""Reads the calls of WhatsApp: messages to our number, and what became of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ombud.channels import meta, payload
from ombud.channels.providers import Call, Heard, Held, Media, Report, Taken
from ombud.correspondence import outcomes

_MEDIA = ("image", "video", "audio", "voice", "document", "sticker")
_OUTCOMES = {"delivered": outcomes.DELIVERED, "read": outcomes.READ, "failed": outcomes.FAILED}


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    if (greeting := meta.greeted(call, held)) is not None:
        return greeting
    content = meta.content_of(call, held)
    values = [
        payload.at(change, "value")
        for entry in payload.listed(content, "entry")
        for change in payload.listed(entry, "changes")
        # One address serves all numbers of an app.
        if payload.text(change, "value", "metadata", "phone_number_id") == held["phone_number_id"]
    ]
    return Taken(
        heard=[each for value in values for each in _heard(value)],
        reports=[each for value in values for each in _reports(value)],
    )


def _heard(value: Any) -> Iterator[Heard]:
    names = {
        payload.text(each, "wa_id"): payload.text(each, "profile", "name") for each in payload.listed(value, "contacts")
    }
    for message in payload.listed(value, "messages"):
        kind, sender, there = (payload.text(message, name) for name in ("type", "from", "id"))
        if not sender or not there or kind in ("reaction", "system", "unsupported"):
            continue
        media = payload.text(message, kind, "id") if kind in _MEDIA else ""
        name = payload.text(message, kind, "filename") or kind
        yield Heard(
            id=there[:250],
            sender=sender[:50],
            name=names.get(sender, "")[:200],
            text=_text(message, kind),
            at=payload.instant(message, "timestamp"),
            answers=payload.text(message, "context", "id")[:250],
            media=[Media(name=name[:200], source=media)] if media else (),
        )


def _text(message: Any, kind: str) -> str:
    paths: dict[str, tuple[tuple[str, ...], ...]] = {
        "text": (("text", "body"),),
        "button": (("button", "text"),),
        "interactive": (("interactive", "button_reply", "title"), ("interactive", "list_reply", "title")),
        "location": (("location", "name"), ("location", "address")),
    }
    found = (payload.text(message, *path) for path in paths.get(kind, ((kind, "caption"),)))
    return "\n".join(filter(None, found))


def _reports(value: Any) -> Iterator[Report]:
    for status in payload.listed(value, "statuses"):
        outcome = _OUTCOMES.get(payload.text(status, "status"))
        if outcome is not None:
            error = payload.at(status, "errors", 0, "code")
            words = f"{error or ''} {payload.text(status, 'errors', 0, 'title')}".strip()
            there, is_late = payload.text(status, "id")[:250], error in meta.CLOSED
            yield Report(id=there, outcome=outcome, words=words[:500], is_late=is_late)
