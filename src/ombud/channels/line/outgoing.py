"""Calls LINE: sends a text, fetches a file."""

from __future__ import annotations

from ombud.channels import calling, payload
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import Parcel

API, DATA_API = "https://api.line.me", "https://api-data.line.me"
_ACCEPTED_BEFORE = 409  # of a retry key: it was taken at an earlier attempt


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there; an attempt that comes twice is sent once."""
    content = {"to": parcel.address, "messages": [{"type": "text", "text": parcel.text}]}
    headers = {**_headers(held), "X-Line-Retry-Key": parcel.id}
    answer = calling.post(f"{held['api']}/v2/bot/message/push", content, headers)
    if answer.status != _ACCEPTED_BEFORE:
        calling.judge(answer, payload.text(answer.json, "message"))
    return payload.text(answer.json, "sentMessages", 0, "id") or parcel.id


def check(held: Held) -> None:
    """Ask who we are. Raises AccountFailed."""
    with calling.asking():
        answer = calling.get(f"{held['api']}/v2/bot/info", _headers(held))
        calling.judge(answer, payload.text(answer.json, "message"))


def fetch(media: Media, held: Held) -> bytes:
    """Return a file that somebody sent."""
    return calling.fetched(f"{held['data_api']}/v2/bot/message/{media.source}/content", _headers(held))


def _headers(held: Held) -> dict[str, str]:
    return {"Authorization": f"Bearer {held['token']}"}
