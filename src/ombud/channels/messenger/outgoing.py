"""Calls Messenger: sends a text, fetches a file."""

from __future__ import annotations

from ombud.channels import calling, meta, payload
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import Parcel


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content = {
        "recipient": {"id": parcel.address},
        "messaging_type": "RESPONSE",
        "message": {"text": parcel.text},
    }
    answer = calling.post(f"{held['api']}/me/messages", content, meta.headers(held))
    meta.judge(answer)
    return payload.text(answer.json, "message_id")


def check(held: Held) -> None:
    """Ask for our page. Raises AccountFailed."""
    meta.check(f"{held['api']}/me", held)


def fetch(media: Media, held: Held) -> bytes:
    """Return a file, which Meta names by an address that needs no token; of a page that was shared it is the page's."""
    return calling.fetched_from_anywhere(media.source, held["api"])
