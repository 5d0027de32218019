"""Calls Viber: sends a text, fetches a file, tells it our address."""

from __future__ import annotations

from typing import Any

from ombud.channels import calling, hook_address, payload
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain

API = "https://chatapi.viber.com/pa"
_LOCKED_OUT = ("2", "7", "10", "11", "14")  # of a status: the token, the bot, its address
_LATER = ("12",)  # too many requests
_NAME = 28  # letters of a sender's name


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content = {
        "receiver": parcel.address,
        "min_api_version": 1,
        "sender": {"name": held["sender"][:_NAME]},
        "tracking_data": parcel.id,
        "type": "text",
        "text": parcel.text,
    }
    return payload.digits(_call("send_message", content, held), "message_token")


def check(held: Held) -> None:
    """Tell Viber where it is to call us. Raises AccountFailed."""
    content = {
        "url": hook_address.of(held.account),
        "event_types": ["delivered", "seen", "failed"],
        "send_name": True,
    }
    with calling.asking():
        _call("set_webhook", content, held)


def fetch(media: Media, held: Held) -> bytes:
    """Return a file: Viber keeps it for an hour, at an address that only it signs."""
    return calling.fetched_from_anywhere(media.source, held["api"])


def _call(method: str, content: Any, held: Held) -> Any:
    answer = calling.post(f"{held['api']}/{method}", content, {"X-Viber-Auth-Token": held["token"]})
    calling.judge(answer)
    status = payload.text(answer.json, "status")
    words = f"{status} {payload.text(answer.json, 'status_message')}"[:300]
    if status == "0":
        return answer.json
    if status in _LOCKED_OUT:
        raise AccountFailed(words)
    if status in _LATER or not status:
        raise TryAgain(words)
    raise Refused(words)
