"""Reads the calls of Telegram: what one person writes to our bot."""

from __future__ import annotations

import hmac
from typing import Any

from ombud.channels import payload
from ombud.channels.providers import Call, Heard, Held, Media, NotTheirs, Taken

_FILES = ("document", "video", "audio", "voice", "video_note", "animation")


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    given = call.headers.get("x-telegram-bot-api-secret-token", "")
    if not held["secret"] or not hmac.compare_digest(held["secret"].encode(), given.encode()):
        raise NotTheirs
    message = payload.at(payload.parsed(call.body), "message")
    heard = _heard(message)
    return Taken(heard=[heard] if heard is not None else ())


def message_id(chat: str, number: str) -> str:
    """Return what tells a message from all others of the bot: Telegram counts them in each chat."""
    return f"{chat}/{number}"


def _heard(message: Any) -> Heard | None:
    chat, number = payload.text(message, "chat", "id"), payload.text(message, "message_id")
    text = payload.text(message, "text") or payload.text(message, "caption")
    is_alone = payload.text(message, "chat", "type") == "private"
    if not is_alone or not chat or not number or text == "/start":  # which the app says by itself
        return None
    names = (payload.text(message, "from", name) for name in ("first_name", "last_name"))
    answered = payload.text(message, "reply_to_message", "message_id")
    return Heard(
        id=message_id(chat, number),
        sender=chat,
        name=" ".join(filter(None, names))[:200],
        text=text,
        at=payload.instant(message, "date"),
        language=payload.text(message, "from", "language_code")[:16],
        answers=message_id(chat, answered) if answered else "",
        media=[each for each in _media(message) if each.source],
    )


def _media(message: Any) -> list[Media]:
    # Of a picture there are several sizes, the largest last.
    photos = payload.listed(message, "photo")
    found = [Media(name="photo.jpg", source=payload.text(photos[-1], "file_id"))] if photos else []
    for kind in _FILES:
        name = payload.text(message, kind, "file_name")[:200] or kind
        found.append(Media(name=name, source=payload.text(message, kind, "file_id")))
    return found
