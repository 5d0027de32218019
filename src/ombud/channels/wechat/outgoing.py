"""Calls WeChat: sends a customer-service message, fetches a file."""

from __future__ import annotations

from urllib.parse import urlencode

from ombud.channels import calling, weixin
from ombud.channels.providers import Held, Media
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain, WindowClosed
from ombud.privacy.outgoing import Answer

API = "https://api.weixin.qq.com"
_CLOSED = (45015, 45047)  # too late, or too many messages since somebody wrote
_LATER = (-1, 45009, 45011)
_LOCKED_OUT = (40013, 40125, 40164, 48001, 50002, 61004)


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id: WeChat gives none, so it is our own."""
    content = {"touser": parcel.address, "msgtype": "text", "text": {"content": parcel.text}}

    def call(token: str) -> Answer:
        return calling.post(f"{held['api']}/cgi-bin/message/custom/send?{urlencode({'access_token': token})}", content)

    answer = weixin.called(held, call, lambda: ask(held))
    code = answer.get("errcode")
    if code == 0:
        return parcel.id
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
