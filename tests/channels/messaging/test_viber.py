"""Viber, with calls as it documents them: signed, once, with files; answered, and what became of the answer."""

from __future__ import annotations

import hmac
import json
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
TOKEN, THERE = "445da6az1s345z78", 4912661846655238145


@pytest.fixture
def viber(provided: Provided) -> Provided:
    provided.server.routes = {
        "/send_message": lambda _call: (200, {"status": 0, "message_token": THERE + len(provided.server.calls)}),
        "/set_webhook": (200, {"status": 0, "status_message": "ok", "event_types": ["delivered"]}),
        "/media/a.jpg": (200, b"a picture"),
    }
    provided.account("viber", {"token": TOKEN}, sender="Kettle care", api=provided.server.url)
    return provided


def call(provided: Provided, content: Any, token: str = TOKEN) -> Any:
    body = json.dumps(content).encode()
    return provided.call(body, {"X-Viber-Content-Signature": hmac.new(token.encode(), body, sha256).hexdigest()})


def said(there: int = THERE, **message: Any) -> dict[str, Any]:
    return {
        "event": "message", "timestamp": int(after(-1).timestamp() * 1000), "message_token": there,
        "sender": {"id": "01234567890A=", "name": "Li Na", "language": "en", "api_version": 1},
        "message": {"type": "text", "text": "My kettle leaks.", **message},
    }  # fmt: skip


def test_a_signed_message_comes_in_once_and_nothing_else_does(viber: Provided) -> None:
    assert call(viber, said(), token="another").status_code == 403
    for content in (said(), said(), {"event": "webhook", "timestamp": 1, "message_token": 7}, {"event": "subscribed"}):
        assert call(viber, content).status_code == 200
    (message,) = viber.heard()
    assert (message.said_at, message.language, viber.words(message), viber.words(message, wording.NAME)) == (
        after(-1), "en", "My kettle leaks.", "Li Na",
    )  # fmt: skip
    assert message.external_id == str(THERE)


def test_a_picture_is_fetched(viber: Provided) -> None:
    call(viber, said(type="picture", text="", media=f"{viber.server.url}/media/a.jpg", file_name="a.jpg"))
    viber.sort()
    (message,) = viber.heard()
    assert [(each.name, each.content) for each in message_files.files_of(message)] == [("a.jpg", b"a picture")]


def spoken(viber: Provided, cast: Cast) -> Message:
    call(viber, said())
    viber.sort()
    case = make_case(minutes=1).case
    attaching.attach(viber.heard()[0], case, now=after(2), state=State.FILED)
    draft = Draft(name="", address="viber:01234567890A=", subject="s", text="Which one?", language="en")
    message = composing.queue(case, draft, by=cast.lin, now=viber.now, send_at=viber.now)
    viber.carry()
    message.refresh_from_db()
    return message


def test_an_answer_goes_there_and_its_state_comes_back(viber: Provided, cast: Cast) -> None:
    message = spoken(viber, cast)
    (told,) = [each for each in viber.server.calls if each.json.get("text") == "Which one?"]
    assert (told.headers["x-viber-auth-token"], told.json["receiver"]) == (TOKEN, "01234567890A=")
    assert told.json["sender"] == {"name": "Kettle care"}
    assert message.state == State.HANDED_OVER
    for event, state in (("delivered", State.DELIVERED), ("seen", State.READ)):
        there = int(message.external_id)
        call(viber, {"event": event, "timestamp": 1, "message_token": there, "user_id": "01234567890A="})
        message.refresh_from_db()
        assert message.state == state


@pytest.mark.parametrize(("status", "state"), [(6, State.FAILED), (12, State.QUEUED), (2, State.QUEUED)])
def test_what_viber_answers_decides(viber: Provided, cast: Cast, status: int, state: State) -> None:
    viber.server.routes["/send_message"] = (200, {"status": status, "status_message": "no"})
    assert spoken(viber, cast).state == state
    viber.row.refresh_from_db()
    assert bool(viber.row.failures) == (status == 2)


def test_the_test_tells_viber_our_address(viber: Provided) -> None:
    provider = PROVIDERS["viber"]
    provider.check(providers.held(provider, viber.row, now=viber.now))
    assert viber.server.calls[-1].json["url"].endswith(viber.path)
    viber.server.routes["/set_webhook"] = (200, {"status": 2, "status_message": "invalidAuthToken"})
    with pytest.raises(AccountFailed, match="invalidAuthToken"):
        provider.check(providers.held(provider, viber.row, now=viber.now))
