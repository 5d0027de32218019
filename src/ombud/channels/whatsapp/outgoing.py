"""Calls WhatsApp: sends a text or a template, fetches a file."""

from __future__ import annotations

from typing import Any

from ombud.channels import calling, meta, payload
from ombud.channels.filling import parameters_of
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import Parcel, Refused, TryAgain
from ombud.correspondence.talks import TEMPLATE
from ombud.texts import spoken


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content: dict[str, Any] = {"type": "text", "text": {"preview_url": False, "body": parcel.text}}
    if parcel.answers:
        content["context"] = {"message_id": parcel.answers}
    return _sent(parcel, held, content)


def send_template(parcel: Parcel, held: Held) -> str:
    """Hand the account's template over, with what it tells filled in, and return its id there."""
    given = parameters_of(parcel, held)
    if not isinstance(given, list):
        raise Refused("The parameters of the template are no list.")
    told = [{"type": "text", "text": " ".join(str(each).split())} for each in given]  # no line break is taken
    content: dict[str, Any] = {"name": held[TEMPLATE], "language": {"code": _language(parcel.language, held)}}
    if told:
        content["components"] = [{"type": "body", "parameters": told}]
    return _sent(parcel, held, {"type": "template", "template": content})


def _language(tag: str, held: Held) -> str:
    """Return the language of the template that is nearest to the reader's, as Meta writes them."""
    known = {each.strip().replace("_", "-"): each.strip() for each in held["template_languages"].split(",")}
    return spoken(known, tag) or "en"


def _sent(parcel: Parcel, held: Held, said: dict[str, Any]) -> str:
    content = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": parcel.address, **said}
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
