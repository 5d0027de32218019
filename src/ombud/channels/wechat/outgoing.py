"""Calls WeChat: sends a customer-service or template message, fetches a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from ombud.channels import calling, payload, weixin
from ombud.channels.filling import parameters_of
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain, WindowClosed
from ombud.correspondence.talks import TEMPLATE
from ombud.privacy.outgoing import Answer

API = "https://api.weixin.qq.com"
_CLOSED = (45015, 45047)  # too late, or too many messages since somebody wrote
_LATER = (-1, 45009, 45011)
_LOCKED_OUT = (40013, 40125, 40164, 48001, 50002, 61004)
_LONGEST = {"thing": 20, "character_string": 32, "phrase": 5, "name": 20}  # letters, by the kind of a keyword


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id: WeChat gives none, so it is our own."""
    content = {"touser": parcel.address, "msgtype": "text", "text": {"content": parcel.text}}
    _sent(held, "custom", content)
    return parcel.id


def send_template(parcel: Parcel, held: Held) -> str:
    """Hand the account's template over, with what it tells filled in, and return its id there: it opens the case."""
    given = parameters_of(parcel, held)
    if not isinstance(given, dict):
        raise Refused("The parameters of the template are no object.")
    content = {
        "touser": parcel.address,
        "template_id": held[TEMPLATE],
        "url": parcel.link or settings.OMBUD_BASE_URL,
        "data": {keyword: {"value": _fit(keyword, str(said))} for keyword, said in given.items()},
        "client_msg_id": parcel.id,  # tried again, it is sent once
    }
    return payload.text(_sent(held, "template", content), "msgid") or parcel.id


def _fit(keyword: str, said: str) -> str:
    """Return what is said as its keyword takes it; WeChat refuses the whole message for one that is longer."""
    words = " ".join(said.split())
    longest = _LONGEST.get(keyword.rstrip("0123456789"), len(words))
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _sent(held: Held, kind: str, content: dict[str, Any]) -> Any:
    """Return what is answered to a message. Raises WindowClosed, AccountFailed, TryAgain, Refused."""

    def call(token: str) -> Answer:
        return calling.post(f"{held['api']}/cgi-bin/message/{kind}/send?{urlencode({'access_token': token})}", content)

    answer = weixin.called(held, call, lambda: ask(held))
    code = answer.get("errcode")
    if code == 0:
        return answer
    words = weixin.words(answer)
    if code in _CLOSED:
        raise WindowClosed(words)
    if code in _LOCKED_OUT:
        raise AccountFailed(words)
    if code in _LATER or code is None:
        raise TryAgain(words)
    raise Refused(words)


def check(held: Held) -> None:
    """Ask for a token. Raises AccountFailed."""
    weixin.new_token(held, lambda: ask(held))


def fetch(media: Media, held: Held) -> bytes:
    """Return a file that somebody sent: WeChat keeps it for three days."""
    return file_of(held, f"{held['api']}/cgi-bin/media/get", media, weixin.token_of(held, lambda: ask(held)))


def ask(held: Held) -> Answer:
    """Ask for a token that others of ours may hold as well."""
    content = {"grant_type": "client_credential", "appid": held["app_id"], "secret": held["app_secret"]}
    return calling.post(f"{held['api']}/cgi-bin/stable_token", content)


def file_of(held: Held, url: str, media: Media, token: str) -> bytes:
    """Return a file by its id: what is no file is answered as JSON. WeCom does the same."""
    content = calling.fetched(f"{url}?{urlencode({'access_token': token, 'media_id': media.source})}")
    if content.startswith(b'{"errcode"'):
        raise Refused(content[:300].decode(errors="replace"))
    return content
