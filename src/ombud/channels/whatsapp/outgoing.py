"""Calls WhatsApp: sends a text, fetches a file."""

from __future__ import annotations

from typing import Any

from ombud.channels import calling, meta, payload
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import Parcel, TryAgain


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": parcel.address,
        "type": "text",
        "text": {"preview_url": False, "body": parcel.text},
    }
    if parcel.answers:
        content["context"] = {"message_id": parcel.answers}
    answer = calling.post(f"{held['api']}/{held['phone_number_id']}/messages", content, meta.headers(held))
    meta.judge(answer)
    return payload.text(answer.json, "messages", 0, "id")


def check(held: Held) -> None:
    """Ask for our number. Raises AccountFailed."""
    meta.check(f"{held['api']}/{held['phone_number_id']}", held)


def fetch(media: Media, held: Held) -> bytes:
    """Return a file: its address is asked for first, and is good for five minutes."""
    answer = calling.get(f"{held['api']}/{media.source}", meta.headers(held))
    meta.judge(answer)
    url = payload.text(answer.json, "url")
    if not url:
        raise TryAgain("no address of the file")
    return calling.fetched(url, meta.headers(held))
