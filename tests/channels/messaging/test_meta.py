"""WhatsApp and Messenger, with calls as Meta documents them: greeted, signed, answered within a day, delivered."""

from __future__ import annotations

import hmac
import json
import threading
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import GRADES, after, do, make_case
from cast import Cast
from ombud.cases.keeping import daily_roots, records
from ombud.cases.models import Case
from ombud.channels import carrying, message_files
from ombud.correspondence import attaching, composing, outcomes, wording
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import EarlyReport, Message
from provided import Provided

pytestmark = pytest.mark.django_db
State = Message.State
SECRETS = {"token": "EAAG-token", "app_secret": "app secret", "verify_token": "our word"}


@pytest.fixture
def whatsapp(provided: Provided) -> Provided:
    url = provided.server.url
    provided.server.routes = {
        "/123456123/messages": lambda _call: (200, {"messages": [{"id": f"wamid.{len(provided.server.calls)}"}]}),
        "/123456123": (200, {"id": "123456123"}),
        "/media-9": (200, {"url": f"{url}/lookaside/9", "mime_type": "image/jpeg"}),
        "/lookaside/9": (200, b"a picture"),
    }
    provided.account("whatsapp", SECRETS, phone_number_id="123456123", api=url)
    return provided


def meta(provided: Provided, content: Any, secret: str = "app secret") -> Any:
    body = json.dumps(content).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return provided.call(body, {"X-Hub-Signature-256": signature})


def value(**more: Any) -> dict[str, Any]:
    known = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "16505551111", "phone_number_id": "123456123"},
        **more,
    }
    changes = [{"field": "messages", "value": known}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": changes}]}


def said(text: str = "My kettle leaks.", there: str = "wamid.IN", minutes: int = 0, **more: Any) -> dict[str, Any]:
    message = {
        "from": "8613800138000", "id": there, "timestamp": str(int(after(minutes).timestamp())), "type": "text",
        "text": {"body": text}, **more,
    }  # fmt: skip
    return value(contacts=[{"profile": {"name": "Li Na"}, "wa_id": "8613800138000"}], messages=[message])


def test_a_new_address_is_greeted_with_the_right_word_only(whatsapp: Provided) -> None:
    asked = f"{whatsapp.path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    right, wrong = Client().get(asked + "our+word"), Client().get(asked + "another")
    assert (right.status_code, right.content, right["Content-Type"]) == (200, b"1158201444", "text/plain")
    assert wrong.status_code == 403


def test_a_message_comes_in_once_with_its_name_instant_and_picture(whatsapp: Provided) -> None:
    picture = {"type": "image", "image": {"id": "media-9", "caption": "Look!", "mime_type": "image/jpeg"}}
    assert meta(whatsapp, said(minutes=-2, **picture), secret="forged").status_code == 403
    for _ in range(2):
        assert meta(whatsapp, said(minutes=-2, **picture)).status_code == 200
    whatsapp.sort()
    (message,) = whatsapp.heard()
    assert (message.said_at, whatsapp.words(message), whatsapp.words(message, wording.NAME)) == (
        after(-2), "Look!", "Li Na",
    )  # fmt: skip
    assert [(each.name, each.content) for each in message_files.files_of(message)] == [("image", b"a picture")]
    assert {each.headers["authorization"] for each in whatsapp.server.calls} == {"Bearer EAAG-token"}


def test_what_is_said_to_another_number_of_the_app_is_not_ours(whatsapp: Provided) -> None:
    content = said()
    content["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "9"
    assert meta(whatsapp, content).status_code == 200
    assert whatsapp.heard() == []


def on_case(provided: Provided, **overrides: Any) -> Case:
    """Return a case on which somebody spoke through the account as its complainant, just now."""
    provided.sort()
    (message,) = provided.heard()
    case = make_case(minutes=1, **overrides).case
    attaching.attach(message, case, now=provided.now, state=State.FILED)
    return case


def ask(provided: Provided, cast: Cast, case: Case, minutes: int) -> Message:
    """Have a letter asked for so many minutes after START, and carry it; return its message."""
    do(case, "register", cast, "lin", minutes=minutes, data=GRADES)
    provided.at(minutes + 1)
    do(case, "request_facts", cast, "lin", minutes=minutes + 1, data={"message": "Which kettle is it?"})
    provided.carry()
    return Message.objects.get(act="request_facts", is_out=True)


def test_within_a_day_the_answer_goes_back_there_and_its_state_comes(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    assert (sent.account, sent.state, sent.external_id[:6]) == (whatsapp.row, State.HANDED_OVER, "wamid.")
    came = whatsapp.server.calls[-1].json
    assert (came["to"], came["type"]) == ("8613800138000", "text")
    assert "Which kettle is it?" in came["text"]["body"]
    for status, state in (("sent", State.HANDED_OVER), ("delivered", State.DELIVERED), ("read", State.READ)):
        meta(whatsapp, value(statuses=[{"id": sent.external_id, "status": status, "recipient_id": "8613800138000"}]))
        sent.refresh_from_db()
        assert sent.state == state


def test_after_a_day_it_goes_by_mail_and_the_conversation_says_why(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    case = on_case(whatsapp)
    sent = ask(whatsapp, cast, case, minutes=24 * 60 + 5)
    assert (sent.way, sent.state) == (Message.Way.MAIL, State.HANDED_OVER)
    assert whatsapp.words(sent, wording.PASSED_OVER) == ["Our whatsapp"]
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.lin)
    assert "Not through Our whatsapp" in client.get(f"/desk/cases/{case.reference}/").content.decode()


def test_what_the_platform_refuses_as_too_late_goes_the_next_way(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    whatsapp.server.routes["/123456123/messages"] = (400, {"error": {"code": 131047, "message": "Re-engagement"}})
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    whatsapp.carry()
    sent.refresh_from_db()
    assert (sent.way, sent.state) == (Message.Way.MAIL, State.HANDED_OVER)
    assert whatsapp.words(sent, wording.PASSED_OVER) == ["Our whatsapp"]


def failed(sent: str, code: int) -> dict[str, Any]:
    error = {"code": code, "title": "Message failed to send because more than 24 hours have passed"}
    return value(statuses=[{"id": sent, "status": "failed", "errors": [error], "recipient_id": "8613800138000"}])


def test_what_is_taken_and_refused_later_as_too_late_goes_the_next_way(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    assert sent.state == State.HANDED_OVER
    meta(whatsapp, failed(sent.external_id, 131047))
    sent.refresh_from_db()
    assert (sent.way, sent.state) == (Message.Way.MAIL, State.QUEUED)
    whatsapp.carry()
    sent.refresh_from_db()
    assert sent.state == State.HANDED_OVER
    assert whatsapp.words(sent, wording.PASSED_OVER) == ["Our whatsapp"]


def test_what_fails_for_another_reason_is_not_sent_twice(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    meta(whatsapp, failed(sent.external_id, 131026))
    sent.refresh_from_db()
    assert (sent.way, sent.state) == (Message.Way.CHAT, State.FAILED)


def test_what_is_reported_before_we_know_the_id_is_not_lost(whatsapp: Provided, cast: Cast) -> None:
    """Meta's report may overtake its own answer to the call that sent the message."""
    meta(whatsapp, said())
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    there = sent.external_id
    Message.objects.filter(pk=sent.pk).update(external_id="", state=State.QUEUED)
    for status in ("delivered", "read"):
        meta(whatsapp, value(statuses=[{"id": there, "status": status, "recipient_id": "8613800138000"}]))
    Message.objects.filter(pk=sent.pk).update(external_id=there, state=State.HANDED_OVER)
    carrying.send(whatsapp.row, threading.Event())
    sent.refresh_from_db()
    assert sent.state == State.READ
    assert not EarlyReport.objects.exists()


def test_however_much_is_reported_at_once_is_looked_up_once(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)

    def looked_up(number: int) -> int:
        others = [{"id": f"wamid.{number}-{n}", "status": "read", "recipient_id": "1"} for n in range(number)]
        with CaptureQueriesContext(connection) as asked:
            meta(whatsapp, value(statuses=others))
        return sum('FROM "correspondence_message"' in each["sql"] for each in asked)

    assert looked_up(1) == looked_up(30) == 1
    with CaptureQueriesContext(connection) as asked:
        carrying.send(whatsapp.row, threading.Event())  # 31 wait for messages that we do not know
    assert len(asked) < 20
    statuses = [
        {"id": sent.external_id, "status": status, "recipient_id": "8613800138000"}
        for status in ("delivered", "read", "delivered")
    ]
    meta(whatsapp, value(statuses=statuses))
    sent.refresh_from_db()
    assert sent.state == State.READ  # in the order in which it came


def test_what_is_reported_of_others_messages_is_not_kept_for_long(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, value(statuses=[{"id": "wamid.other", "status": "read", "recipient_id": "1"}]))
    whatsapp.at(61)
    meta(whatsapp, value(statuses=[{"id": "wamid.another", "status": "read", "recipient_id": "1"}]))
    assert list(EarlyReport.objects.values_list("external_id", flat=True)) == ["wamid.another"]


def test_whoever_writes_chooses_the_way(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    case = on_case(whatsapp)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.lin)
    here = f"/desk/cases/{case.reference}/write/"
    page = client.get(here)
    assert [each.shown for each in page.context["to"].ways] == ["8613800138000", "Wang@Example.com"]
    assert "By which way" in page.content.decode()
    words = {"m-subject": "Your kettle", "m-text": "We look into it.", "m-language": "en"}
    for way, kind in (
        ("Wang@Example.com", Message.Way.MAIL),
        ("whatsapp:8613800138000", Message.Way.CHAT),
        ("nobody@example.com", Message.Way.CHAT),
    ):
        Message.objects.filter(case=case, is_out=True).update(case=None)
        assert client.post(here, {**words, "way": way}).status_code == 302
        assert Message.objects.get(case=case, is_out=True).way == kind


def test_without_another_way_it_has_failed_in_words(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    case = on_case(whatsapp, email=None, phone="021-5555 1234")
    whatsapp.at(23 * 60)
    draft = Draft(name="Li Na", address="whatsapp:8613800138000", subject="s", text="t", language="en")
    message = composing.queue(case, draft, by=cast.lin, now=whatsapp.now, send_at=whatsapp.now)
    whatsapp.at(25 * 60)
    whatsapp.carry()
    message.refresh_from_db()
    assert (message.state, whatsapp.words(message, wording.FAILURE)) == (State.FAILED, "window-closed")


def test_the_button_asks_for_our_number(whatsapp: Provided, cast: Cast) -> None:
    from ombud.channels import providers
    from ombud.channels.registry import PROVIDERS
    from ombud.correspondence.carriers import AccountFailed

    held = providers.held(PROVIDERS["whatsapp"], whatsapp.row, now=whatsapp.now)
    PROVIDERS["whatsapp"].check(held)
    whatsapp.server.routes["/123456123"] = (401, {"error": {"code": 190, "message": "Invalid OAuth access token"}})
    with pytest.raises(AccountFailed, match="Invalid OAuth"):
        PROVIDERS["whatsapp"].check(held)


def test_messenger_the_same(provided: Provided, cast: Cast) -> None:
    url = provided.server.url
    provided.server.routes = {
        "/me/messages": lambda _call: (200, {"message_id": f"mid.{len(provided.server.calls)}"}),
        "/cdn/a": (200, b"a picture"),
    }
    provided.account("messenger", SECRETS, api=url)
    stamp = int(after(0).timestamp() * 1000)
    event = {
        "sender": {"id": "254"}, "recipient": {"id": "1"}, "timestamp": stamp,
        "message": {
            "mid": "mid.IN", "text": "It leaks.",
            "attachments": [{"type": "image", "payload": {"url": f"{url}/cdn/a"}}],
        },
    }  # fmt: skip
    echo = {**event, "message": {"mid": "mid.ECHO", "text": "ours", "is_echo": True}}
    content = {"object": "page", "entry": [{"id": "1", "time": stamp, "messaging": [event, echo]}]}
    assert meta(provided, content).status_code == 200
    case = on_case(provided)
    (message,) = provided.heard()
    assert [each.content for each in message_files.files_of(message)] == [b"a picture"]
    sent = ask(provided, cast, case, minutes=30)
    assert (sent.state, sent.external_id[:4]) == (State.HANDED_OVER, "mid.")
    assert provided.server.calls[-1].json["messaging_type"] == "RESPONSE"
    report = {"sender": {"id": "254"}, "delivery": {"mids": [sent.external_id], "watermark": stamp}}
    meta(provided, {"object": "page", "entry": [{"messaging": [report]}]})
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED


def test_nobody_reads_in_one_message_what_others_said_in_the_same_call(whatsapp: Provided) -> None:
    content, other = (
        said("My kettle leaks.", "wamid.1"),
        said("My oven smokes.", "wamid.2", **{"from": "8613900139000"}),
    )
    content["entry"] += other["entry"]
    meta(whatsapp, content)
    one, two = whatsapp.heard()
    for message, other in ((one, two), (two, one)):
        came = b"".join(message_files.as_it_came(message).streaming_content).decode()
        assert whatsapp.words(message) in came
        assert whatsapp.words(other) not in came


def test_a_message_that_goes_another_way_later_is_still_what_a_daily_root_saw(whatsapp: Provided, cast: Cast) -> None:
    meta(whatsapp, said())
    case = on_case(whatsapp)
    whatsapp.at(23 * 60)
    draft = Draft(name="Li Na", address="whatsapp:8613800138000", subject="s", text="t", language="en")
    message = composing.queue(case, draft, by=cast.lin, now=whatsapp.now, send_at=whatsapp.now)
    daily_roots.make_root(now=whatsapp.now)
    whatsapp.at(25 * 60)
    whatsapp.carry()
    message.refresh_from_db()
    assert message.way == Message.Way.MAIL
    assert list(records.problems()) == []


def templated(provided: Provided, **options: str) -> None:
    provided.row.options |= {"template": "case_news", **options}
    provided.row.save()


def test_after_a_day_the_template_tells_it_and_opens_the_case(whatsapp: Provided, cast: Cast) -> None:
    templated(whatsapp, template_languages="en_US, zh_CN")
    meta(whatsapp, said())
    case = on_case(whatsapp)
    sent = ask(whatsapp, cast, case, minutes=24 * 60 + 5)
    assert (sent.account, sent.state, sent.external_id[:6]) == (whatsapp.row, State.HANDED_OVER, "wamid.")
    assert not whatsapp.words(sent, wording.PASSED_OVER)
    came = whatsapp.server.calls[-1].json
    assert (came["to"], came["type"], came["template"]["name"]) == ("8613800138000", "template", "case_news")
    assert came["template"]["language"] == {"code": "zh_CN"}
    [body] = came["template"]["components"]
    said_there = [each["text"] for each in body["parameters"]]
    assert (body["type"], said_there[1]) == ("body", case.reference)
    assert f"/track/{case.reference}/" in said_there[2]
    seen = Client(headers={"accept-language": "en"})
    seen.force_login(cast.lin)
    assert "Sent as the template case_news" in seen.get(f"/desk/cases/{case.reference}/").content.decode()


def test_what_the_platform_calls_too_late_goes_by_the_template_at_once(whatsapp: Provided, cast: Cast) -> None:
    templated(whatsapp)
    meta(whatsapp, said())

    def judged(call: Any) -> tuple[int, Any]:
        is_free = call.json["type"] == "text"
        return (400, {"error": {"code": 131047}}) if is_free else (200, {"messages": [{"id": "wamid.T"}]})

    whatsapp.server.routes["/123456123/messages"] = judged
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=30)
    assert (sent.way, sent.state, sent.external_id[:7]) == (Message.Way.CHAT, State.HANDED_OVER, "wamid.T")
    assert whatsapp.words(sent, wording.TEMPLATE) == "case_news"
    outcomes.apply(sent, outcomes.FAILED, "", now=whatsapp.now, is_late=True)  # it took that too, and thought better
    sent.refresh_from_db()
    assert (sent.way, whatsapp.words(sent, wording.TEMPLATE)) == (Message.Way.MAIL, "")


def test_a_template_that_is_refused_leaves_the_next_way_and_else_says_why(whatsapp: Provided, cast: Cast) -> None:
    templated(whatsapp)
    meta(whatsapp, said())
    refused = (404, {"error": {"code": 132001, "message": "Template name does not exist"}})
    whatsapp.server.routes["/123456123/messages"] = refused
    sent = ask(whatsapp, cast, on_case(whatsapp), minutes=24 * 60 + 5)
    whatsapp.carry()
    sent.refresh_from_db()
    assert (sent.way, sent.state) == (Message.Way.MAIL, State.HANDED_OVER)
    assert whatsapp.words(sent, wording.PASSED_OVER) == ["Our whatsapp"]


@pytest.mark.parametrize("wrong", ["x", "{}", '["{subject}"', "1"])
def test_parameters_that_are_no_list_are_refused_on_the_page(cast: Cast, wrong: str) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.mo)
    entered = {
        "title": "WhatsApp", "channel": "customer-complaints/social", "phone_number_id": "1", "is_active": "on",
        "template": "case_news", "parameters": wrong, **SECRETS,
    }  # fmt: skip
    answer = client.post("/desk/accounts/new/?kind=whatsapp", entered)
    assert answer.status_code == 422
    assert "Write JSON such as" in answer.content.decode()
