"""Robots of chat groups: how each provider wants to be told, and what it answers where it did not take it.

Each is what the provider's own documentation says of its incoming webhook. All answer 200 to nearly everything, so that
only the body tells whether a message was taken (docs/decisions/0036).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from ombud.notices.alerts.models import Way
from ombud.notices.alerts.wording import Said
from ombud.privacy import outgoing
from ombud.privacy.outgoing import Answer

PATIENCE = 10.0  # seconds


class NotTaken(Exception):
    """The provider answered that it did not take the message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Robot:
    """How one kind of robot is told."""

    hosts: tuple[str, ...]  # the provider's, or what theirs end in; empty: whatever the address leads to
    content: Callable[[Said], dict[str, Any]]
    is_taken: Callable[[Answer], bool]
    longest: int  # bytes of a text
    sign: Callable[[str, datetime], tuple[dict[str, str], dict[str, str]]] | None = None  # what query and body gain


def send(kind: str, url: str, secret: str, said: Said, *, now: datetime) -> str:
    """Tell a robot and return what it answered. Raises NotTaken, outgoing.NotAllowed, outgoing.NoAnswer."""
    robot = ROBOTS[kind]
    content = robot.content(said.cut(robot.longest))
    if secret and robot.sign is not None:
        query, more = robot.sign(secret, now)
        url += f"{'&' if urlsplit(url).query else '?'}{urlencode(query)}" if query else ""
        content |= more
    answer = outgoing.post_json(url, content, patience=PATIENCE)
    words = " ".join(f"{answer.status} {answer.body.decode(errors='replace')}".split())[:300]
    if not robot.is_taken(answer):
        raise NotTaken(words)
    return words


def is_ones(kind: str, url: str) -> bool:
    """Return whether an address may be one of such a robot. Raises outgoing.NotAllowed for what is no address."""
    hosts, host = ROBOTS[kind].hosts, urlsplit(url).hostname or ""
    if outgoing.is_named(url) or not hosts:
        return True
    return any(host == each or (each.startswith(".") and host.endswith(each)) for each in hosts)


def _text(said: Said) -> str:
    return f"{said.title}\n{said.body}"


def _says_zero(*names: str) -> Callable[[Answer], bool]:
    """Return what asks an answer's body for one of these numbers, which is 0 where the message was taken."""
    return lambda answer: answer.status == 200 and any(answer.json.get(name) == 0 for name in names)


def _escaped(said: Said) -> dict[str, Any]:
    text = _text(said)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return {"text": text}


def _card(said: Said) -> dict[str, Any]:
    """Return an adaptive card, which is what Teams' workflows post."""
    title = {"type": "TextBlock", "text": said.title, "weight": "bolder", "wrap": True}
    # Its Markdown takes one line break for a blank.
    body = {"type": "TextBlock", "text": said.body.replace("\n", "\n\n"), "wrap": True}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [title, body],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _signed_query(secret: str, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    stamp = str(int(now.timestamp() * 1000))
    sign = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), sha256)
    return {"timestamp": stamp, "sign": b64encode(sign).decode()}, {}


def _signed_body(secret: str, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    stamp = str(int(now.timestamp()))
    sign = hmac.digest(f"{stamp}\n{secret}".encode(), b"", sha256)
    return {}, {"timestamp": stamp, "sign": b64encode(sign).decode()}


ROBOTS: Mapping[str, Robot] = {
    Way.Kind.WECOM: Robot(
        hosts=("qyapi.weixin.qq.com",),
        content=lambda said: {"msgtype": "text", "text": {"content": _text(said)}},
        is_taken=_says_zero("errcode"),
        longest=2048,
    ),
    Way.Kind.DINGTALK: Robot(
        hosts=("oapi.dingtalk.com", "api.dingtalk.com"),
        content=lambda said: {"msgtype": "text", "text": {"content": _text(said)}},
        is_taken=_says_zero("errcode"),
        longest=6000,
        sign=_signed_query,
    ),
    Way.Kind.FEISHU: Robot(
        hosts=("open.feishu.cn", "open.larksuite.com"),
        content=lambda said: {"msg_type": "text", "content": {"text": _text(said)}},
        is_taken=_says_zero("code", "StatusCode"),
        longest=15000,
        sign=_signed_body,
    ),
    Way.Kind.SLACK: Robot(
        hosts=("hooks.slack.com", "hooks.slack-gov.com"),
        content=_escaped,
        is_taken=lambda answer: answer.status == 200 and answer.body.strip() == b"ok",
        longest=10000,
    ),
    Way.Kind.TEAMS: Robot(
        hosts=(".logic.azure.com", ".powerplatform.com", ".webhook.office.com", ".powerautomate.com"),
        content=_card,
        is_taken=lambda answer: answer.status in (200, 202),
        longest=15000,
    ),
    Way.Kind.GATEWAY: Robot(
        hosts=(),
        content=lambda said: {"title": said.title, "body": said.body, "type": "info", "format": "text"},
        is_taken=lambda answer: 200 <= answer.status < 300,
        longest=15000,
    ),
}
