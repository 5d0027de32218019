"""Calls WeCom: sends a text of our application, fetches a file."""

from __future__ import annotations

from urllib.parse import urlencode

from ombud.channels import calling, payload, weixin
from ombud.channels.providers import Held, Media
from ombud.channels.wechat.outgoing import file_of
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain
from ombud.privacy.outgoing import Answer

API = "https://qyapi.weixin.qq.com"
_LATER = (-1, 45009)
_LOCKED_OUT = (40013, 40056, 48002, 60011, 60020, 301002)


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    content = {
        "touser": parcel.address,
        "msgtype": "text",
        "agentid": int(held["agent_id"]) if held["agent_id"].isdecimal() else 0,
        "text": {"content": parcel.text},
    }

    def call(token: str) -> Answer:
        return calling.post(f"{held['api']}/cgi-bin/message/send?{urlencode({'access_token': token})}", content)

    answer = weixin.called(held, call, lambda: ask(held))
    code, words = answer.get("errcode"), weixin.words(answer)
    if code == 0 and not payload.text(answer, "invaliduser"):
        return payload.text(answer, "msgid") or parcel.id
    if code in _LOCKED_OUT:
        raise AccountFailed(words)
    if code in _LATER or code is None:
        raise TryAgain(words)
    raise Refused(words if code else "WeCom knows no such user.")


def check(held: Held) -> None:
    """Ask for a token. Raises AccountFailed."""
    weixin.new_token(held, lambda: ask(held))


def fetch(media: Media, held: Held) -> bytes:
    """Return a file that somebody sent: WeCom keeps it for three days."""
    return file_of(held, f"{held['api']}/cgi-bin/media/get", media, weixin.token_of(held, lambda: ask(held)))


def ask(held: Held) -> Answer:
    """Ask for a token."""
    query = urlencode({"corpid": held["corp_id"], "corpsecret": held["corp_secret"]})
    return calling.get(f"{held['api']}/cgi-bin/gettoken?{query}")
