"""Calls the address of the generic webhook: with a message of ours, or a ping."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from ombud.channels import calling, payload
from ombud.channels.providers import Held, Media, Unreadable
from ombud.channels.signing import signed
from ombud.correspondence.carriers import AccountFailed, Parcel
from ombud.privacy.outgoing import Answer


def send(parcel: Parcel, held: Held) -> str:
    """Hand a message over and return its id there: what is answered as `id`, else our own."""
    files = [
        {"name": each.name, "type": each.media_type, "content": b64encode(each.content).decode()}
        for each in parcel.enclosures
    ]
    content = {
        "type": "message",
        "id": parcel.id,
        "to": {"id": parcel.address, "name": parcel.name},
        "subject": parcel.subject,
        "text": parcel.text,
        "language": parcel.language,
        "reference": parcel.reference,
        "answers": parcel.answers,
        "files": files,
    }
    answer = _call(content, held)
    calling.judge(answer)
    try:
        return payload.text(payload.parsed(answer.body), "id")[:250] or parcel.id
    except Unreadable:
        return parcel.id


def check(held: Held) -> None:
    """Send a ping. Raises AccountFailed."""
    if held["url"]:
        with calling.asking():
            calling.judge(_call({"type": "ping"}, held))


def fetch(media: Media, held: Held) -> bytes:
    """Return a file that was named by its address: on the open internet, or where our own messages are taken."""
    return calling.fetched_from_anywhere(media.source, held["url"])


def _call(content: dict[str, Any], held: Held) -> Answer:
    if not held["url"]:
        raise AccountFailed("No address is entered that takes our messages.")
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", **signed(held["secret"], body, now=held.now)}
    return calling.post_bytes(held["url"], body, headers)
