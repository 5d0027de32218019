"""Telegram and LINE, with calls as they document them."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from builders import after, make_case
from cast import Cast
from ombud.channels import message_files, providers
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import attaching, composing, wording
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import Message
from provided import Provided

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def telegram(provided: Provided) -> Provided:
    provided.server.routes = {
        "/bot1:A/sendMessage": (200, {"ok": True, "result": {"message_id": 12}}),
        "/bot1:A/getFile": (200, {"ok": True, "result": {"file_id": "F", "file_path": "documents/file_1.pdf"}}),
        "/file/bot1:A/documents/file_1.pdf": (200, b"%PDF-1.7"),
        "/bot1:A/setWebhook": (200, {"ok": True, "result": True}),
    }
    provided.account("telegram", {"token": "1:A", "secret": "our-word"}, api=provided.server.url)
    return provided


@pytest.fixture
def line(provided: Provided) -> Provided:
    provided.server.routes = {
        "/v2/bot/message/push": (200, {"sentMessages": [{"id": "461"}]}),
        "/v2/bot/message/9/content": (200, b"a picture"),
        "/v2/bot/info": (401, {"message": "Authentication failed"}),
    }
    url = provided.server.url
    provided.account("line", {"token": "T", "channel_secret": "channel secret"}, api=url, data_api=url)
    return provided


def update(number: int = 5, **more: Any) -> bytes:
    message = {
        "message_id": number, "date": int(after(-1).timestamp()),
        "from": {"id": 77, "is_bot": False, "first_name": "Li", "last_name": "Na", "language_code": "en"},
        "chat": {"id": 77, "type": "private", "first_name": "Li"}, "text": "My kettle leaks.", **more,
    }  # fmt: skip
    return json.dumps({"update_id": 10000 + number, "message": message}).encode()


def test_a_message_to_the_bot_comes_in_once(telegram: Provided) -> None:
    right = {"X-Telegram-Bot-Api-Secret-Token": "our-word"}
    assert telegram.call(update(), {}).status_code == 403
    assert telegram.call(update(), {"X-Telegram-Bot-Api-Secret-Token": "another"}).status_code == 403
    for body in (update(), update(), update(6, text="/start"), update(7, chat={"id": -5, "type": "group"})):
        assert telegram.call(body, right).status_code == 200
    (message,) = telegram.heard()
    assert (message.said_at, message.language, telegram.words(message), telegram.words(message, wording.NAME)) == (
        after(-1), "en", "My kettle leaks.", "Li Na",
    )  # fmt: skip
    # A number there is nobody's telephone.
    assert message.address != wording.blind_address("77")


def test_a_file_is_fetched_and_an_answer_quotes(telegram: Provided, cast: Cast) -> None:
    document = {"document": {"file_id": "F", "file_name": "receipt.pdf"}, "caption": "The receipt", "text": ""}
    telegram.call(update(**document), {"X-Telegram-Bot-Api-Secret-Token": "our-word"})
    telegram.sort()
    (message,) = telegram.heard()
    assert [(each.name, each.content) for each in message_files.files_of(message)] == [("receipt.pdf", b"%PDF-1.7")]
    case = make_case(minutes=1).case
    attaching.attach(message, case, now=after(2), state=State.FILED)
    draft = Draft(name="", address="telegram:77", subject="s", text="Which one?", language="en", answers=message)
    composing.queue(case, draft, by=cast.lin, now=telegram.now, send_at=telegram.now)
    telegram.carry()
    sent = Message.objects.get(is_out=True, answers=message)
    assert (sent.state, sent.external_id) == (State.HANDED_OVER, "77/12")
    assert telegram.server.calls[-1].json == {
        "chat_id": "77", "text": "Which one?", "link_preview_options": {"is_disabled": True},
        "reply_parameters": {"message_id": 5, "allow_sending_without_reply": True},
    }  # fmt: skip


def test_who_blocked_the_bot_is_not_reached_and_holds_nobody_up(telegram: Provided, cast: Cast) -> None:
    telegram.call(update(), {"X-Telegram-Bot-Api-Secret-Token": "our-word"})
    telegram.sort()
    (message,) = telegram.heard()
    telegram.server.routes["/bot1:A/sendMessage"] = (403, {"ok": False, "description": "bot was blocked by the user"})
    draft = Draft(name="", address="telegram:77", subject="s", text="Hello", language="en")
    composing.answer(message, draft, by=cast.lin, now=telegram.now, send_at=telegram.now)
    telegram.carry()
    (sent,) = telegram.sent()
    assert (sent.state, "blocked" in telegram.words(sent, wording.FAILURE)) == (State.FAILED, True)
    telegram.row.refresh_from_db()
    assert telegram.row.failures == 0


def test_the_test_tells_telegram_our_address(telegram: Provided) -> None:
    PROVIDERS["telegram"].check(providers.held(PROVIDERS["telegram"], telegram.row, now=telegram.now))
    told = telegram.server.calls[-1].json
    assert (told["secret_token"], told["url"].endswith(telegram.path)) == ("our-word", True)


def signed(body: bytes) -> dict[str, str]:
    return {"X-Line-Signature": b64encode(hmac.new(b"channel secret", body, sha256).digest()).decode()}


def event(there: str = "444", **message: Any) -> bytes:
    known = {
        "type": "message", "mode": "active", "timestamp": int(after(-1).timestamp() * 1000),
        "source": {"type": "user", "userId": "U4af4980629"}, "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": False}, "replyToken": "38ef843bde154d9b91c21320ffd17a0f",
        "message": {"id": there, "type": "text", "text": "My kettle leaks.", **message},
    }  # fmt: skip
    return json.dumps({"destination": "xxx", "events": [known]}).encode()


def test_line_comes_in_signed_and_once_with_its_picture(line: Provided) -> None:
    assert line.call(event(), {**signed(event()), "X-Line-Signature": "x"}).status_code == 403
    for body in (event(), event(), event("9", type="image", text=None), b'{"destination": "x", "events": []}'):
        assert line.call(body, signed(body)).status_code == 200
    line.sort()
    first, second = line.heard()
    assert {line.words(first), line.words(second)} == {"My kettle leaks.", ""}
    picture = first if not line.words(first) else second
    assert [each.content for each in message_files.files_of(picture)] == [b"a picture"]


@pytest.mark.parametrize(("status", "state"), [(200, State.HANDED_OVER), (409, State.HANDED_OVER), (400, State.FAILED)])
def test_line_is_answered_once_however_often_it_is_tried(line: Provided, cast: Cast, status: int, state: State) -> None:
    line.call(event(), signed(event()))
    line.sort()
    line.server.routes["/v2/bot/message/push"] = (status, {"sentMessages": [{"id": "461"}]})
    draft = Draft(name="", address="line:U4af4980629", subject="s", text="Hello", language="en")
    composing.answer(line.heard()[0], draft, by=cast.lin, now=line.now, send_at=line.now)
    line.carry()
    (sent,) = line.sent()
    assert sent.state == state
    came = line.server.calls[-1]
    assert came.headers["x-line-retry-key"] == str(sent.pk)
    assert came.json == {"to": "U4af4980629", "messages": [{"type": "text", "text": "Hello"}]}


def test_line_says_why_it_lets_us_not_in(line: Provided) -> None:
    with pytest.raises(AccountFailed, match="Authentication failed"):
        PROVIDERS["line"].check(providers.held(PROVIDERS["line"], line.row, now=line.now))
