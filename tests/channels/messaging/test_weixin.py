"""WeChat and WeCom in their encrypted mode: encrypted here as Tencent documents it, and read by our code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from builders import after, make_case
from cast import Cast
from computing import computed_within
from ombud.channels import message_files, providers, weixin
from ombud.channels.providers import Unreadable
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import attaching, composing, wording
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import Message
from provided import Provided
from weixin_calls import AES_KEY, encrypted, query, xml

pytestmark = pytest.mark.django_db
State = Message.State
SECRETS = {"verify_token": "our word", "aes_key": AES_KEY}


def call(provided: Provided, message: str, receiver: str = "wx1", **more: Any) -> Any:
    inside = encrypted(message, receiver)
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{inside}]]></Encrypt></xml>".encode()
    return provided.call(body, {}, "?" + urlencode(query(inside, **more)), content_type="text/xml")


@pytest.fixture
def wechat(provided: Provided) -> Provided:
    weixin._kept.clear()
    provided.server.routes = {
        "/cgi-bin/stable_token": (200, {"access_token": "T", "expires_in": 7200}),
        "/cgi-bin/message/custom/send": (200, {"errcode": 0, "errmsg": "ok"}),
        "/cgi-bin/media/get": (200, b"a picture"),
    }
    provided.account("wechat", {**SECRETS, "app_secret": "s"}, app_id="wx1", api=provided.server.url)
    return provided


def test_a_new_address_is_greeted(wechat: Provided) -> None:
    right = {**query(name="signature"), "echostr": "5927"}
    assert Client().get(wechat.path, right).content == b"5927"
    assert Client().get(wechat.path, {**right, "nonce": "x"}).status_code == 403


def test_an_encrypted_message_comes_in_once_and_nothing_else_does(wechat: Provided) -> None:
    for _ in range(2):
        answer = call(wechat, xml())
        assert (answer.status_code, answer.content) == (200, b"success")
    assert call(wechat, xml(there="2"), token="another").status_code == 403
    assert call(wechat, xml(there="3"), minutes=-11).status_code == 403
    assert call(wechat, xml(there="4"), receiver="wx-of-another").status_code == 403
    assert call(wechat, "<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml(there="5")).status_code == 400
    assert call(wechat, xml(there="6", MsgType="event", Event="subscribe")).status_code == 200
    assert wechat.call(xml(there="7").encode(), {}, "?" + urlencode(query()), "text/xml").status_code == 400
    (message,) = wechat.heard()
    assert (message.said_at, wechat.words(message), wechat.words(message, wording.ADDRESS)) == (
        after(-1), "水壶漏水", "wechat:oOPENID",
    )  # fmt: skip


def test_a_picture_is_fetched_with_a_token_that_is_asked_for_once(wechat: Provided) -> None:
    for there in ("1", "2"):
        call(wechat, xml(text="", there=there, MsgType="image", MediaId="m-1", PicUrl="http://x"))
    wechat.sort()
    assert [[each.content for each in message_files.files_of(row)] for row in wechat.heard()] == [[b"a picture"]] * 2
    targets = [each.target.partition("?")[0] for each in wechat.server.calls]
    assert targets.count("/cgi-bin/stable_token") == 1


def spoken(provided: Provided, kind: str, cast: Cast, text: str = "哪一只水壶？") -> Message:
    """Have an agent write to who spoke last, and carry it; return the message."""
    provided.sort()
    case = make_case(minutes=1).case
    attaching.attach(provided.heard()[0], case, now=after(2), state=State.FILED)
    draft = Draft(name="", address=kind, subject="s", text=text, language="zh")
    message = composing.queue(case, draft, by=cast.lin, now=provided.now, send_at=provided.now)
    provided.carry()
    message.refresh_from_db()
    return message


def test_an_answer_goes_as_customer_service_in_letters_as_they_are(wechat: Provided, cast: Cast) -> None:
    call(wechat, xml())
    assert spoken(wechat, "wechat:oOPENID", cast).state == State.HANDED_OVER
    came = wechat.server.calls[-1]
    assert came.target == "/cgi-bin/message/custom/send?access_token=T"
    assert came.json == {"touser": "oOPENID", "msgtype": "text", "text": {"content": "哪一只水壶？"}}
    assert "哪" in came.body.decode()  # WeChat shows escapes as they are written


@pytest.mark.parametrize(
    ("code", "way", "state"),
    [(45015, "mail", State.HANDED_OVER), (40003, "chat", State.FAILED), (45009, "chat", State.QUEUED)],
)
def test_what_wechat_answers_decides(wechat: Provided, cast: Cast, code: int, way: str, state: State) -> None:
    call(wechat, xml())
    wechat.server.routes["/cgi-bin/message/custom/send"] = (200, {"errcode": code, "errmsg": "no"})
    message = spoken(wechat, "wechat:oOPENID", cast)
    if way == "mail":
        wechat.carry()
        message.refresh_from_db()
    assert (message.way, message.state) == (way, state)


def test_a_token_that_is_good_no_more_is_asked_for_anew(wechat: Provided, cast: Cast) -> None:
    call(wechat, xml())
    tokens = iter(["OLD", "NEW"])
    wechat.server.routes["/cgi-bin/stable_token"] = lambda _call: (
        200,
        {"access_token": next(tokens), "expires_in": 7200},
    )
    wechat.server.routes["/cgi-bin/message/custom/send"] = lambda came: (
        200, {"errcode": 0 if came.target.endswith("NEW") else 42001},
    )  # fmt: skip
    assert spoken(wechat, "wechat:oOPENID", cast).state == State.HANDED_OVER


def test_the_button_says_what_wechat_says(wechat: Provided) -> None:
    held = providers.held(PROVIDERS["wechat"], wechat.row, now=wechat.now)
    PROVIDERS["wechat"].check(held)
    wechat.server.routes["/cgi-bin/stable_token"] = (200, {"errcode": 40164, "errmsg": "invalid ip"})
    with pytest.raises(AccountFailed, match="invalid ip"):
        PROVIDERS["wechat"].check(held)


def test_wecom_the_same(provided: Provided, cast: Cast) -> None:
    weixin._kept.clear()
    provided.server.routes = {
        "/cgi-bin/gettoken": (200, {"errcode": 0, "access_token": "T", "expires_in": 7200}),
        "/cgi-bin/message/send": (200, {"errcode": 0, "errmsg": "ok", "msgid": "there-1"}),
    }
    provided.account(
        "wecom", {**SECRETS, "corp_secret": "s"}, corp_id="ww1", agent_id="1000002", api=provided.server.url
    )
    echo = encrypted("5927", "ww1")
    assert Client().get(provided.path, {**query(echo), "echostr": echo}).content == b"5927"
    assert Client().get(provided.path, {**query("x"), "echostr": echo}).status_code == 403
    assert call(provided, xml(AgentID="1000002"), receiver="ww1").status_code == 200
    message = spoken(provided, "wecom:oOPENID", cast)
    assert (message.state, message.external_id) == (State.HANDED_OVER, "there-1")
    assert provided.server.calls[-1].json["agentid"] == 1000002


def test_what_is_not_encrypted_is_refused_at_once_however_long_it_is() -> None:
    with computed_within(1):
        with pytest.raises(Unreadable):
            weixin.encrypted_of(b"<Encrypt>" + b" " * 3_000)
        with pytest.raises(Unreadable):
            weixin.encrypted_of(b"<Encrypt>" + b"A" * 1_000_000)


def test_after_two_days_the_template_tells_it_in_as_many_letters_as_it_takes(wechat: Provided, cast: Cast) -> None:
    wechat.row.options |= {"template": "T-9"}
    wechat.row.save()
    wechat.server.routes["/cgi-bin/message/template/send"] = (200, {"errcode": 0, "errmsg": "ok", "msgid": 200228332})
    call(wechat, xml())
    wechat.sort()
    case = make_case(minutes=1).case
    attaching.attach(wechat.heard()[0], case, now=after(2), state=State.FILED)
    wechat.at(48 * 60 + 5)
    subject = "关于您反映的电水壶漏水问题的处理方案及致歉"
    draft = Draft(name="", address="wechat:oOPENID", subject=subject, text="哪一只？", language="zh")
    message = composing.queue(case, draft, by=cast.lin, now=wechat.now, send_at=wechat.now)
    wechat.carry()
    message.refresh_from_db()
    assert (message.state, message.external_id[:9]) == (State.HANDED_OVER, "200228332")
    sent = [each for each in wechat.server.calls if "/message/" in each.target]
    assert {each.target for each in sent} == {"/cgi-bin/message/template/send?access_token=T"}
    (told,) = [each.json for each in sent if each.json["client_msg_id"] == str(message.pk)]
    assert (told["touser"], told["template_id"]) == ("oOPENID", "T-9")
    assert told["data"]["thing1"]["value"] == subject[:19] + "…"
    assert told["data"]["character_string2"]["value"] == case.reference
    assert f"/track/{case.reference}/" in told["url"]
