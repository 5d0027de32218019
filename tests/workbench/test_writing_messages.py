"""Writing to a complainant: one step tells and records, and for some seconds it can be called back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.keeping import erasure
from ombud.cases.models import Case, Duty, Event
from ombud.correspondence import conversation, wording
from ombud.correspondence.models import Message

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
State = Message.State
SAID = {"m-subject": "Your kettle", "m-text": "We look into it.\n\nKind regards", "m-language": "en"}


@pytest.fixture(autouse=True)
def _held(media: Path, settings: Any) -> None:
    """Files are kept in a folder of the test's own; what is sent waits ten seconds."""
    settings.OMBUD_UNDO_SECONDS = 10


def at(case: Case, tail: str = "write") -> str:
    return f"/desk/cases/{case.reference}/{tail}/"


def sent(case: Case) -> Message:
    return Message.objects.get(case=case, is_out=True, letter=None)


def test_a_message_waits_some_seconds_and_is_then_sent_once(
    cast: Cast, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    page = lin.post(at(case), SAID, follow=True).content.decode()
    assert "It is sent in a moment" in page
    assert "Call back" in page
    message = sent(case)
    assert (message.state, message.send_at, message.to) == (
        State.QUEUED,
        after(210) + timedelta(seconds=10),
        "complainant",
    )
    assert (message.by, message.act) == (cast.lin, "")
    assert "kettle" not in str(message.sealed)
    carry(now=after(210))
    before = len(mail.outbox)
    carry(now=after(211))
    carry(now=after(212))
    said = [each.body.partition("\n\n-- \n")[0] for each in mail.outbox[before:]]
    assert said == ["We look into it.\n\nKind regards"]
    assert mail.outbox[-1].to == ["Wang@Example.com"]
    assert sent(case).state == State.HANDED_OVER
    clock.shift(timedelta(minutes=5))
    track = lin.get(at(case, f"messages/{message.pk}/back"))
    assert track.status_code == 405
    assert "Too late" in lin.post(at(case, f"messages/{message.pk}/back"), follow=True).content.decode()


def test_what_is_called_back_is_never_sent(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    lin.post(at(case), SAID)
    assert sign_in("deng").post(at(case, f"messages/{sent(case).pk}/back")).status_code == 404
    assert "Called back" in lin.post(at(case, f"messages/{sent(case).pk}/back"), follow=True).content.decode()
    carry(now=after(300))
    assert sent(case).state == State.WITHDRAWN
    assert not [each for each in mail.outbox if "kettle" in each.subject]


def test_the_act_that_a_message_performs_is_recorded_with_it(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    assert 'value="inform"' in lin.get(at(case)).content.decode()
    answer = lin.post(at(case), {**SAID, "act": "inform", "seen": case.seq})
    assert answer.status_code == 302
    event = Event.objects.get(case=case, act="inform")
    message = sent(case)
    assert (message.act, message.seq, message.send_at) == ("inform", event.seq, after(210))
    assert "We look into it." in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    carry(now=after(211))
    assert sent(case).state == State.HANDED_OVER


def test_nothing_is_sent_where_the_act_is_refused_or_somebody_acted_since(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    seen = case.seq
    do(case, "investigate", cast, "chen", minutes=200, data={"finding": "substantiated"})
    answer = lin.post(at(case), {**SAID, "act": "inform", "seen": seen})
    assert answer.status_code == 409
    assert "We look into it." in answer.content.decode()
    assert not Message.objects.filter(case=case, is_out=True, letter=None).exists()
    assert not Event.objects.filter(case=case, act="inform").exists()


def test_where_the_policy_has_a_letter_it_is_what_goes_out(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_history(cast, "plan.approve"), sign_in("lin")
    page = lin.get(at(case), {"act": "communicate"}).content.decode()
    assert "no other message is sent beside it" in page
    assert 'name="m-text"' not in page
    assert lin.post(at(case), {"act": "communicate", "seen": case.seq}).status_code == 302
    carry(now=after(215))
    assert not Message.objects.filter(case=case, is_out=True, letter=None).exists()
    assert [each.subject for each in mail.outbox if "方案" in each.subject]


def test_files_of_the_case_and_others_go_along_and_are_kept_sealed(cast: Cast, sign_in: SignIn) -> None:
    row = attachments.store(BytesIO(b"receipt 7"), name="till.txt", uploaded_by="complainant", now=after(0))
    case = make_case(evidence=[str(row.pk)]).case
    lin = sign_in("lin")
    upload = SimpleUploadedFile("form.txt", b"fill this in")
    answer = lin.post(at(case), {**SAID, "m-case_files": [str(row.pk)], "m-uploads": upload})
    assert answer.status_code == 302
    message = sent(case)
    assert [each["name"] for each in wording.part(message, wording.FILES)] == ["till.txt", "form.txt"]
    assert lin.get(at(case, f"messages/{message.pk}/files/1")).status_code == 200
    carry(now=after(211))
    (letter,) = [each for each in mail.outbox if "kettle" in each.subject]
    assert [(each[0], each[1]) for each in letter.attachments] == [
        ("till.txt", "receipt 7"),
        ("form.txt", "fill this in"),
    ]


def test_a_preview_sends_nothing_and_what_is_missing_is_said(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_case().case, sign_in("lin")
    hostile = "<script>alert(1)</script>"
    page = lin.post(at(case), {**SAID, "m-text": hostile, "preview": "1"}).content.decode()
    assert "Preview" in page
    assert hostile not in page
    assert lin.post(at(case), {**SAID, "m-text": ""}).status_code == 422
    assert lin.post(at(case), {**SAID, "m-language": "xx"}).status_code == 422
    assert lin.post(at(case), {"choose": "1", "act": "acknowledge"}).status_code == 200
    assert not Message.objects.filter(is_out=True, letter=None).exists()


def test_without_an_address_nothing_is_queued(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_case(email=None).case, sign_in("lin")
    assert "nor a mobile number that an account sends SMS to" in lin.get(at(case)).content.decode()
    assert lin.post(at(case), SAID).status_code == 422
    assert not Message.objects.filter(is_out=True, letter=None).exists()


def test_who_may_not_act_or_sees_masked_does_not_write(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "accept_work")
    for who, status in (("chen", 200), ("ai", 403), ("mo", 403), ("deng", 404), ("nobody", 404)):
        assert sign_in(who).get(at(case)).status_code == status, who
        if status != 200:
            assert sign_in(who).post(at(case), SAID).status_code == status, who
    assert case.complainant is not None
    erasure.erase(case.complainant, now=after(100), by=cast.mo)
    assert sign_in("lin").get(at(case)).status_code == 403


def test_a_call_stands_where_it_was_said_for_staff_only(cast: Cast, sign_in: SignIn) -> None:
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    carry(now=after(100))
    sent = {"way": "call", "is_out": "in", "said_at": "2026-03-03T09:30", "text": "She called: <b>still</b> wet"}
    for wrong in ({"said_at": "2026-03-04T09:30"}, {"said_at": "x"}, {"text": ""}, {"way": "mail"}):
        assert lin.post(at(case, "noted"), {**sent, **wrong}).status_code == 422, wrong
    page = lin.post(at(case, "noted"), sent, follow=True).content.decode()
    assert "She called: &lt;b&gt;still&lt;/b&gt; wet" in page
    row = Message.objects.get(way="call")
    assert (row.said_at, row.had_at, row.by, row.is_out) == (after(30), after(210), cast.lin, False)
    assert "called" not in str(row.sealed)
    heard = conversation.of(access_case(grant_of(case), case.reference), now=after(220)).rows
    assert [each.message.way for each in heard] == ["mail"]
    conversation.read_by_complainant(access_case(grant_of(case), case.reference), now=after(220))
    for who, status in (("ai", 403), ("deng", 404)):
        assert sign_in(who).post(at(case, "noted"), sent).status_code == status


def test_what_the_complainant_read_on_their_page_is_recorded_by_one_press(cast: Cast, sign_in: SignIn) -> None:
    case = make_case(email=None).case
    carry(now=after(1))
    lin, path = sign_in("lin"), f"/desk/cases/{case.reference}/"
    assert "Record that they have read it" not in lin.get(path).content.decode()
    conversation.read_by_complainant(access_case(grant_of(case), case.reference), now=after(9))
    page = lin.get(path).content.decode()
    assert "Record that they have read it" in page
    said = dict(re.findall(r'<input type="hidden" name="(seen|told_otherwise)" value="([^"]+)"', page))
    assert lin.post(f"{path}acts/tell_otherwise/", said).status_code == 302
    assert Duty.objects.get(case=case, duty="tell_otherwise").status == Duty.Status.MET
    assert "Record that they have read it" not in lin.get(path).content.decode()


def test_what_was_said_earlier_is_one_press_away(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "MOST", 1)
    case, lin = make_history(cast, "accept_work"), sign_in("lin")
    for number in (1, 2, 3):
        lin.post(at(case), {**SAID, "m-subject": f"Number {number}"})
    path = f"/desk/cases/{case.reference}/"
    seen, page = [], lin.get(path).content.decode()
    while found := re.search(r'hx-get="(\?said=[^"]+)"', page):
        seen += re.findall(r"Number \d", page)
        page = lin.get(path + found[1], headers={"hx-request": "true"}).content.decode()
        assert "<html" not in page
    assert {"Number 1", "Number 2", "Number 3"} <= set(seen + re.findall(r"Number \d", page))
    assert lin.get(f"{path}?said=x").status_code == 404
