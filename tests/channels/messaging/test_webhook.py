"""The generic webhook, end to end: signed calls come in, become a complaint, are answered, say what became of it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from builders import GRADES, START, after, do
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.channels import hearing, message_files, signing, sorting
from ombud.correspondence import composing, conversation, lost_codes, settling, wording
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import Message
from ombud.papers import case_file_messages
from provided import Provided
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db
State = Message.State
SECRET = "a secret of sixteen"


@pytest.fixture
def hook(provided: Provided) -> Provided:
    provided.server.routes = {"/in": (200, {"id": "there-1"}), "/a.txt": (200, b"a receipt")}
    provided.account("webhook", {"secret": SECRET}, url=f"{provided.server.url}/in")
    return provided


def said(text: str = "It leaks.", there: str = "m-1", **more: Any) -> bytes:
    content = {"type": "message", "id": there, "from": {"id": "u-7", "name": "Li Na"}, "text": text, **more}
    return json.dumps(content).encode()


def call(hook: Provided, body: bytes) -> Any:
    return hook.call(body, signing.signed(SECRET, body, now=hook.now))


def test_a_signed_message_is_kept_sealed_once_and_waits_in_the_inbox(hook: Provided) -> None:
    body = said(at="2026-03-03T08:59:00+08:00")
    assert call(hook, body).status_code == 200
    assert call(hook, body).status_code == 200
    (message,) = hook.heard()
    assert (message.way, message.state, message.said_at) == (Message.Way.CHAT, State.ARRIVED, after(-1))
    assert "leaks" not in str(message.sealed)
    assert hook.sort() == 1
    (message,) = hook.heard()
    assert (message.state, hook.words(message), hook.words(message, wording.ADDRESS)) == (
        State.WAITING, "It leaks.", "webhook:u-7",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"ombud-signature": "v1=" + "0" * 64}, 403),
        ({"ombud-signature": ""}, 403),
        ({"ombud-timestamp": str(int(START.timestamp()) + 1)}, 403),
        ({"ombud-timestamp": "\u0661"}, 403),
    ],
)
def test_what_is_not_signed_as_it_came_is_refused(hook: Provided, wrong: dict[str, str], status: int) -> None:
    body = said()
    headers = {**signing.signed(SECRET, body, now=hook.now), **wrong}
    assert hook.call(body, headers).status_code == status
    assert hook.call(body + b" ", signing.signed(SECRET, body, now=hook.now)).status_code == 403
    assert hook.call(body, signing.signed("another secret 16", body, now=hook.now)).status_code == 403
    assert hook.heard() == []


def test_an_old_call_is_refused_however_well_it_is_signed(hook: Provided) -> None:
    body = said()
    old = signing.signed(SECRET, body, now=hook.now - timedelta(seconds=301))
    assert hook.call(body, old).status_code == 403
    assert hook.call(body, signing.signed(SECRET, body, now=hook.now - timedelta(seconds=299))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b"[" * 5000, b'{"type": "message"}', b'{"type": 7}',
        said(at="yesterday"), said(at="2026-03-03T09:00:00"), said(at="0001-01-01T00:00:00+14:00"),
        b'{"type": "status", "id": "1", "status": "gone"}',
    ],
)  # fmt: skip
def test_what_is_not_of_the_documented_form_is_refused_in_words(hook: Provided, body: bytes) -> None:
    answer = call(hook, body)
    assert answer.status_code == 400
    assert answer.content
    assert hook.heard() == []


def test_an_address_that_is_not_the_accounts_leads_nowhere(hook: Provided) -> None:
    body = said()
    headers = signing.signed(SECRET, body, now=hook.now)
    for path in ("/hooks/webhook/x/", hook.path.replace("/webhook/", "/another/"), "/hooks/x/y/"):
        assert Client().post(path, body, content_type="application/json", headers=headers).status_code == 404
    hook.row.is_active = False
    hook.row.save()
    assert hook.call(body, headers).status_code == 404


def filed(hook: Provided, cast: Cast) -> Message:
    """Let somebody say three things, of which an agent makes a complaint at the last; return the first."""
    for minute, (text, there) in enumerate([("My kettle leaks.", "m-1"), ("It is new.", "m-2"), ("Help!", "m-3")]):
        hook.at(minute)
        assert call(hook, said(text, there)).status_code == 200
        hook.sort()
    hook.at(10)
    last = hook.heard()[-1]
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.lin)
    form = {
        "policy": "customer-complaints", "channel": "social", "subject": "A kettle", "narrative": "My kettle leaks.",
        "name": "Li Na", "phone": "13800138000", "demand": "refund",
    }  # fmt: skip
    assert "It is new." in client.get(f"/desk/inbox/{last.pk}/").content.decode()
    page = client.get(f"/desk/inbox/{last.pk}/complaint/")
    assert "My kettle leaks.\nIt is new.\nHelp!" in page.content.decode()
    assert page.context["counts_from"] == after(0)  # what the page says is what is done
    answer = client.post(f"/desk/inbox/{last.pk}/complaint/", form)
    assert answer.status_code == 302, answer.content.decode()
    return hook.heard()[0]


def asked(hook: Provided, cast: Cast) -> Case:
    """Let the policy write a letter on the complaint of a talk, and return its case."""
    case = filed(hook, cast).case
    assert case is not None
    do(case, "register", cast, "lin", minutes=11, data=GRADES)
    hook.at(12)
    do(case, "request_facts", cast, "lin", minutes=12, data={"message": "Which kettle is it?"})
    return case


def test_a_talk_becomes_one_complaint_that_counts_from_its_first_word(hook: Provided, cast: Cast) -> None:
    first = filed(hook, cast)
    assert first.case is not None
    assert first.case.received_at == first.said_at == after(0)
    assert {(each.state, each.case, each.to) for each in hook.heard()} == {(State.FILED, first.case, "complainant")}


def test_its_letters_go_back_the_same_way_and_say_what_became_of_them(hook: Provided, cast: Cast) -> None:
    case = asked(hook, cast)
    hook.carry()
    (letter,) = hook.sent()
    assert (letter.way, letter.state, letter.account, letter.external_id) == (
        Message.Way.CHAT, State.HANDED_OVER, hook.row, "there-1",
    )  # fmt: skip
    (came,) = hook.server.calls
    assert came.json["to"] == {"id": "u-7", "name": "Li Na"}
    assert (came.json["type"], came.json["reference"]) == ("message", case.reference)
    stamp, signature = came.headers["ombud-timestamp"], came.headers["ombud-signature"]
    assert signing.is_signed(SECRET, stamp, signature, came.body, now=hook.now)
    for status, state in (("delivered", State.DELIVERED), ("read", State.READ), ("delivered", State.READ)):
        body = json.dumps({"type": "status", "id": "there-1", "status": status}).encode()
        assert call(hook, body).status_code == 200
        assert hook.sent()[0].state == state


def test_a_new_tracking_code_goes_where_they_speak_with_us_and_is_kept_nowhere(hook: Provided, cast: Cast) -> None:
    case = filed(hook, cast).case
    assert case is not None
    hook.carry()
    hook.server.calls.clear()
    accessed = access_case(cast.lin, case.reference)
    assert lost_codes.can_reach(case, accessed.state, now=hook.now)
    actor = accessed.actors[0]
    lost_codes.send(case, accessed.state, actor=actor, reason="She named the order", now=hook.now)
    hook.carry()
    (came,) = hook.server.calls
    assert came.json["to"]["id"] == "u-7"
    (link,) = re.findall(rf"/track/{case.reference}/[0-9A-Z-]+/", came.json["text"])
    assert Client().get(link)["Location"] == f"/track/{case.reference}/"
    sent = Message.objects.get(case=case, act="reissue")
    assert (sent.way, wording.CODE in sent.sealed) == (Message.Way.CHAT, False)


def test_what_they_say_next_belongs_to_their_open_case_with_its_files(hook: Provided, cast: Cast) -> None:
    case = filed(hook, cast).case
    hook.at(20)
    files = [
        {"name": "receipt.txt", "url": f"{hook.server.url}/a.txt"},
        {"name": "gone", "url": f"{hook.server.url}/no"},
    ]
    call(hook, said("Here is the receipt.", "m-4", files=files))
    hook.sort()
    message = hook.heard()[-1]
    assert (message.state, message.case, message.to) == (State.ATTACHED, case, "complainant")
    assert [(each.name, each.content) for each in message_files.files_of(message)] == [("receipt.txt", b"a receipt")]
    assert hook.words(message, wording.DETAILS)["lost"] == ["gone"]
    assert b"Here is the receipt." in b"".join(message_files.as_it_came(message).streaming_content)
    assert case is not None
    accessed = access_case(cast.lin, case.reference)
    in_the_file = list(case_file_messages.files_of(accessed, conversation.whole(accessed, now=hook.now)))
    assert [(each.name, each.media_type) for each in in_the_file[-2:]] == [
        ("20260303.txt", "text/plain"), ("receipt.txt", ""),
    ]  # fmt: skip
    assert in_the_file[-1].content == b"a receipt"
    hook.at(21)
    call(hook, said("Hello?", "m-5", **{"from": {"id": "u-8"}}))
    hook.sort()
    assert hook.heard()[-1].case is None


def test_a_file_of_our_own_network_is_not_fetched(hook: Provided) -> None:
    call(hook, said(files=[{"name": "passwords", "url": "http://127.0.0.1:1/etc/passwd"}]))
    hook.sort()
    (message,) = hook.heard()
    assert message.state == State.WAITING
    assert hook.words(message, wording.DETAILS)["lost"] == ["passwords"]


@pytest.mark.parametrize(("status", "state"), [(422, State.FAILED), (500, State.QUEUED), (401, State.QUEUED)])
def test_what_the_other_side_answers_decides(hook: Provided, cast: Cast, status: int, state: State) -> None:
    asked(hook, cast)
    hook.server.routes["/in"] = (status, {"error": "no such user"})
    hook.carry()
    (letter,) = hook.sent()
    assert letter.state == state
    hook.row.refresh_from_db()
    assert bool(hook.row.failures) == (status == 401)


def test_an_agents_message_goes_where_the_complainant_speaks(hook: Provided, cast: Cast) -> None:
    case = filed(hook, cast).case
    assert case is not None
    draft = Draft(name="Li Na", address="webhook:u-7", subject="Which kettle?", text="Which one is it?", language="en")
    composing.queue(case, draft, by=cast.lin, now=hook.now, send_at=hook.now)
    hook.carry()
    assert "Which one is it?" in [each.json["text"] for each in hook.server.calls]


def test_who_is_asked_files_by_saying_yes_and_is_asked_once(hook: Provided, cast: Cast) -> None:
    hook.row.files = True
    hook.row.save()
    for minute, text in enumerate(["1", "My kettle leaks.", "It is new.", "Yes!"]):
        hook.at(minute)
        call(hook, said(text, f"m-{minute}", language="en"))
        hook.sort()
    hook.carry()
    case = Case.objects.get()
    question, filed = (each.json["text"] for each in hook.server.calls)
    assert ("answer with 1" in question, case.reference in filed) == (True, True)
    assert (case.received_at, {each.case for each in hook.heard()}) == (after(0), {case})
    page = access_case(cast.lin, case.reference)
    assert page.state.facts["narrative"] == "My kettle leaks.\nIt is new."


def test_who_writes_from_a_number_needs_to_say_no_more(provided: Provided, cast: Cast) -> None:
    provided.account("sms", {}, url="https://sms.example.com/")
    provided.row.files = True
    provided.row.save()
    for minute, text in enumerate(["My kettle leaks.", "1"]):
        provided.at(minute)
        provided.call(json.dumps({"from": "+8613800138000", "text": text, "id": str(minute)}).encode(), {})
        provided.sort()
    case = Case.objects.get()
    assert (case.received_at, case.channel) == (after(0), "social")
    assert {each.state for each in provided.heard()} == {State.FILED}


def test_a_file_of_another_server_that_we_may_call_is_not_fetched_for_a_sender(hook: Provided, settings: Any) -> None:
    with ProviderServer({"/report": (200, b"ours alone")}) as other:
        settings.OMBUD_OUTGOING_ALLOWED = [hook.server.url, other.url]
        call(hook, said(files=[{"name": "report", "url": f"{other.url}/report"}]))
        hook.sort()
        assert other.calls == []
    (message,) = hook.heard()
    assert hook.words(message, wording.DETAILS)["lost"] == ["report"]


def test_what_somebody_decides_while_a_message_is_sorted_stands(hook: Provided, cast: Cast) -> None:
    call(hook, said())
    (sorted_now,) = hook.heard()
    settling.dismiss(sorted_now, reason="A trial.", by=cast.lin, now=hook.now)
    assert sorted_now.state == State.ARRIVED  # as whoever sorts it knows it
    assert sorting.leave(sorted_now, State.WAITING, sorting.ASKED, now=hook.now) == State.DISMISSED
    (message,) = hook.heard()
    assert (message.state, hook.words(message, wording.REASON)) == (State.DISMISSED, "A trial.")


def test_files_beyond_what_is_held_in_memory_are_named(hook: Provided, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "TOGETHER", 5)
    call(hook, said(files=[{"name": name, "url": f"{hook.server.url}/a.txt"} for name in ("one", "two")]))
    hook.sort()
    (message,) = hook.heard()
    assert [each.name for each in message_files.files_of(message)] == ["one"]
    assert hook.words(message, wording.DETAILS)["lost"] == ["two"]
