"""Noise with a right signature at every hook: a provider whose software is broken, or whose secret somebody has."""

from __future__ import annotations

import copy
import hmac
import json
import random
from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from ombud.channels import signing
from ombud.channels.registry import PROVIDERS
from ombud.correspondence.models import Message
from provided import Provided
from weixin_calls import encrypted, query, xml

pytestmark = pytest.mark.django_db
FEW, TEN_THOUSAND = 20, 10_000
SECRET = "0123456789abcdef"
#: What stands instead of something else: of another type, too large, half a character, no language, code.
ODD: tuple[Any, ...] = (
    None, True, [], {}, "", 0, -1, 10**30, 1e308, "\0", "\ud800", "x" * 5000, "-", "a b", "zh-", "../../etc/passwd",
    "<script>alert(1)</script>", "{{ 7 * 7 }}", "'; DROP TABLE cases_case; --", [[[[{}]]]], {"id": {"id": []}}, "NaN",
    "2026-99-99T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\u202e\u2066", "1" * 400,
)  # fmt: skip
META_MESSAGE = {
    "from": "8613800138000", "id": "wamid.1", "timestamp": "1772499600", "type": "text", "text": {"body": "It leaks."},
    "context": {"id": "wamid.0"}, "image": {"id": "9", "mime_type": "image/jpeg", "caption": "c"},
}  # fmt: skip
BODIES: dict[str, Any] = {
    "webhook": {
        "type": "message", "id": "m-1", "from": {"id": "u-7", "name": "Li Na"}, "text": "It leaks.", "language": "zh",
        "at": "2026-03-03T08:59:00+08:00", "answers": "x", "files": [{"name": "a.txt", "url": "https://127.0.0.1/a"}],
    },
    "whatsapp": {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": SECRET}, "messages": [META_MESSAGE],
        "contacts": [{"profile": {"name": "Li"}, "wa_id": "8613800138000"}],
        "statuses": [{"id": "wamid.X", "status": "failed", "errors": [{"code": 1, "title": "no"}]}],
    }}]}]},
    "messenger": {"object": "page", "entry": [{"messaging": [{
        "sender": {"id": "7"}, "recipient": {"id": "8"}, "timestamp": 1772499600000,
        "message": {"mid": "m1", "text": "It leaks.", "attachments": [{"type": "image", "payload": {"url": "https://127.0.0.1/x"}}]},
        "delivery": {"mids": ["a"]},
    }]}]},
    "line": {"events": [{
        "type": "message", "timestamp": 1772499600000, "source": {"type": "user", "userId": "U1"},
        "webhookEventId": "W1", "message": {"id": "9", "type": "text", "text": "It leaks.", "quotedMessageId": "8"},
    }]},
    "telegram": {"update_id": 1, "message": {
        "message_id": 5, "date": 1772499600, "chat": {"id": 77, "type": "private"}, "text": "It leaks.",
        "from": {"first_name": "Li", "last_name": "Na", "language_code": "zh-hans"},
        "document": {"file_id": "F", "file_name": "a.pdf"}, "reply_to_message": {"message_id": 4},
    }},
    "viber": {
        "event": "message", "timestamp": 1772499600000, "message_token": 4912661846655238145, "desc": "x",
        "sender": {"id": "01234567890A=", "name": "Li Na", "language": "en"},
        "message": {"type": "picture", "text": "It leaks.", "media": "https://127.0.0.1/x", "file_name": "a.jpg"},
    },
    "sms-aliyun": [{"phone_number": "13800138000", "content": "It leaks.", "send_time": "2026-03-03 09:00:00",
                    "sequence_id": 1, "biz_id": "b", "success": False, "err_code": "x"}],
    "sms-tencent": [{"mobile": "13800138000", "nationcode": "86", "text": "It leaks.", "time": 1772499600, "sid": "s",
                     "report_status": "FAIL", "description": "x"}],
    "sms": {"mobile": "13800138000", "content": "It leaks.", "sn": "1", "stat": "ok", "why": "no"},
}  # fmt: skip


def broken(content: Any, chance: random.Random) -> bytes:
    """Return JSON in which some places hold something else, sometimes cut off or with other bytes in it."""
    content = copy.deepcopy(content)
    for _ in range(chance.randrange(1, 4)):
        holder = content
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.85:
                holder = holder[key]
                continue
            holder[key] = copy.deepcopy(chance.choice(ODD))  # one that holds itself is no JSON
            break
    body = bytearray(json.dumps(content).encode())
    if chance.random() < 0.2:
        at = chance.randrange(len(body))
        body[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    return bytes(body)


def send(provided: Provided, kind: str, chance: random.Random) -> Any:
    """Call the hook of an account of a kind with something broken, signed as its provider does."""
    if kind in ("wechat", "wecom"):
        names = ("MsgId", "CreateTime", "MsgType", "Content", "PicUrl", "MediaId", "FromUserName")
        words = [each for each in ODD if isinstance(each, str) and "\ud800" not in each]
        inside = encrypted(xml(**{"text": "x", **{chance.choice(names): chance.choice(words)}}), SECRET)
        body = f"<xml><Encrypt><![CDATA[{inside}]]></Encrypt></xml>".encode()
        return provided.call(body, {}, "?" + urlencode(query(inside, token=SECRET)), content_type="text/xml")
    body = broken(BODIES[kind], chance)
    digest = hmac.digest(SECRET.encode(), body, sha256)
    headers = {
        **signing.signed(SECRET, body, now=provided.now),
        "X-Hub-Signature-256": f"sha256={digest.hex()}",
        "X-Line-Signature": b64encode(digest).decode(),
        "X-Telegram-Bot-Api-Secret-Token": SECRET,
        "X-Viber-Content-Signature": digest.hex(),
    }
    return provided.call(body, headers)


def storm(provided: Provided, kind: str, number: int) -> None:
    """Send so much noise and see that each is taken or refused, and what is taken in can be sorted."""
    named = "from=mobile, text=content, id=sn, status=stat, reason=why"
    provided.complete(kind, SECRET, incoming=named, api=provided.server.url)
    provided.row.files = True  # so that a yes files what was said
    provided.row.save()
    chance, seen = random.Random(kind), set()
    for _ in range(number):
        answer = send(provided, kind, chance)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 400, 403), answer.content
    assert 200 in seen  # the signature is right
    while provided.sort():
        pass
    assert not Message.objects.filter(state=Message.State.ARRIVED, attempts=0).exists()
    for message in provided.heard():
        assert message.language == "" or message.language.replace("-", "").isalnum()


@pytest.mark.parametrize("kind", list(PROVIDERS))
def test_signed_noise_is_taken_in_or_refused_in_words(provided: Provided, kind: str) -> None:
    storm(provided, kind, FEW)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL takes less: no NUL, no half characters")
@pytest.mark.parametrize("kind", list(PROVIDERS))
def test_ten_thousand_broken_calls_make_no_fault(provided: Provided, kind: str) -> None:
    storm(provided, kind, TEN_THOUSAND // len(PROVIDERS))


@pytest.mark.parametrize("said", ["-", "a b", "zh-", "x", "zh_Hans", "\u4e2d\u6587"])
def test_an_odd_language_is_none(provided: Provided, said: str) -> None:
    provided.account("webhook", {"secret": SECRET})
    body = json.dumps({**BODIES["webhook"], "language": said, "files": []}).encode()
    assert provided.call(body, signing.signed(SECRET, body, now=provided.now)).status_code == 200
    assert provided.heard()[0].language == ("zh-Hans" if said == "zh_Hans" else "")
