"""Calls Telegram: sends a text, fetches a file, tells it our address."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ombud.channels import calling, hook_address, payload
from ombud.channels.providers import Held, Media
from ombud.channels.telegram.incoming import message_id
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused

API = "https://api.telegram.org"
_BLOCKED, _NO_TOKEN = 403, (401, 404)


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content: dict[str, Any] = {
        "chat_id": parcel.address,
        "text": parcel.text,
        "link_preview_options": {"is_disabled": True},
    }
    answered = parcel.answers.rpartition("/")[2]
    if answered.isdecimal():
        content["reply_parameters"] = {"message_id": int(answered), "allow_sending_without_reply": True}
    result = _call("sendMessage", content, held)
    return message_id(parcel.address, payload.text(result, "message_id"))


def check(held: Held) -> None:
    """Tell Telegram where it is to call us, and with which secret. Raises AccountFailed."""
    content = {
        "url": hook_address.of(held.account),
        "secret_token": held["secret"],
        "allowed_updates": ["message"],
    }
    with calling.asking():
        _call("setWebhook", content, held)


def fetch(media: Media, held: Held) -> bytes:
    """Return a file: its path is asked for first."""
    path = payload.text(_call("getFile", {"file_id": media.source}, held), "file_path")
    if not path:
        raise Refused("no path of the file")
    return calling.fetched(f"{held['api']}/file/bot{held['token']}/{quote(path)}")


def _call(method: str, content: Any, held: Held) -> Any:
    answer = calling.post(f"{held['api']}/bot{held['token']}/{method}", content)
    words = payload.text(answer.json, "description")[:300]
    if answer.status == _BLOCKED:  # by this person
        raise Refused(f"{answer.status} {words}")
    if answer.status in _NO_TOKEN:
        raise AccountFailed(f"{answer.status} {words}")
    calling.judge(answer, words)
    return payload.at(answer.json, "result")
