"""Recording a call: the code is told on a page of its own, sent twice it is recorded once, and no word is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import POLICY, Cast
from ombud.cases.access.case_access import exchange
from ombud.cases.models import Attachment, Case
from ombud.channels.telephone import calls, events
from ombud.correspondence.models import Account
from samples import PNG

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
CALL = {"policy": POLICY, "channel": "hotline", "language": "zh", "subject": "漏水", "name": "李"}


def key_of(page: str) -> str:
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    return key


def test_the_code_is_told_on_a_page_that_back_and_reload_find_again(cast: Cast, sign_in: SignIn, clock: object) -> None:
    lin = sign_in("lin")
    answer = lin.post("/desk/record/", CALL)
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/recorded/{case.reference}/")
    for _ in range(2):
        page = lin.get(answer["Location"])
        assert "The code is shown only here" in page.content.decode()
    assert (
        exchange(case.reference, page.context["secret"], client="a", now=case.received_at).reference == case.reference
    )
    elsewhere = sign_in("lin").get(answer["Location"])
    assert elsewhere["Location"] == f"/desk/cases/{case.reference}/"


def test_a_form_sent_again_after_a_lost_answer_records_once(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    sent = {**CALL, "key": key_of(lin.get("/desk/record/").content.decode())}
    assert lin.post("/desk/record/", sent)["Location"] == lin.post("/desk/record/", sent)["Location"]
    assert Case.objects.count() == 1
    changed = lin.post("/desk/record/", {**sent, "subject": "又漏水"})
    assert changed.status_code == 409
    page = changed.content.decode()
    assert "sent already" in page
    assert key_of(page) != sent["key"]
    assert lin.post("/desk/record/", {**sent, "subject": "又漏水", "key": key_of(page)}).status_code == 302
    assert Case.objects.count() == 2


def test_a_call_without_a_subject_comes_back(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in("lin").post("/desk/record/", {**CALL, "subject": ""})
    assert answer.status_code == 422
    assert 'value="李"' in answer.content.decode()


def test_a_file_that_is_refused_costs_neither_words_nor_the_other_files(
    cast: Cast, sign_in: SignIn, media: object
) -> None:
    files = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("run.exe", b"MZ" + b"\0" * 200)]
    answer = sign_in("lin").post("/desk/record/", {**CALL, "evidence": files})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("“run.exe” is of a kind that is not taken in.") == 1
    assert 'value="李"' in page
    assert "a.png" in page
    assert Attachment.objects.count() == 1
    tokens = re.findall(r'name="evidence-stored" value="([^"]+)"', page)
    sign_in("lin").post("/desk/record/", {**CALL, "evidence-stored": tokens})
    assert Attachment.objects.get().case == Case.objects.get()


def test_a_call_is_recorded_in_the_callers_language_and_by_the_callers_clock(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    page = lin.get("/desk/record/").content.decode()
    assert '<option value="ar" lang="ar">العربيّة</option>' in page
    assert "<option>America/Los_Angeles</option>" in page
    lin.post("/desk/record/", {**CALL, "language": "ar", "zone": "America/Los_Angeles"})
    case = Case.objects.get()
    assert (case.language, case.time_zone) == ("ar", "America/Los_Angeles")


def test_what_no_page_of_ours_offers_is_recorded_as_the_page_begins(cast: Cast, sign_in: SignIn) -> None:
    sign_in("lin").post(
        "/desk/record/", {**CALL, "language": "tlh", "zone": "Moon/Tycho"}, headers={"accept-language": "en"}
    )
    case = Case.objects.get()
    assert (case.language, case.time_zone) == ("en", "")


def test_who_calls_is_asked_first_and_the_page_opens_as_it_was_used_last(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    page = lin.get("/desk/record/")
    assert list(page.context["form"].fields)[:2] == ["phone", "name"]
    assert re.search(r'<input[^>]*name="phone"[^>]*autofocus', page.content.decode())
    assert "phone" not in list(lin.get("/desk/record/?channel=store").context["form"].fields)[:2]
    lin.post("/desk/record/", {**CALL, "channel": "store"})
    assert lin.get("/desk/record/").context["channel"] == "store"


def test_what_is_owed_at_once_is_a_key_away_and_the_receipt_is_printed_with_its_link(
    cast: Cast, sign_in: SignIn
) -> None:
    lin = sign_in("lin")
    page = lin.get(lin.post("/desk/record/", CALL)["Location"])
    case = Case.objects.get()
    assert f'href="/desk/cases/{case.reference}/?act=register#act" data-key="1"' in page.content.decode()
    assert "<svg" in page.content.decode()
    assert page.context["link"].endswith(f"/track/{case.reference}/{page.context['secret']}/")


def test_calls_that_nobody_recorded_stand_beside_the_form_and_bring_their_caller_along(
    cast: Cast, sign_in: SignIn, media: object
) -> None:
    lin = sign_in("lin")
    lin.post("/desk/record/", {**CALL, "phone": "138 0013 8000", "subject": "又漏水"})
    account = Account.objects.create(key="line", kind="telephone", title="400", policy=POLICY, channel="hotline")
    read = events.read(b'{"event": "started", "call": "1", "at": "2026-03-03T12:20:00+08:00", "from": "13800138000"}')
    message = calls.note(account, read, now=Case.objects.get().received_at)
    assert f"/desk/inbox/{message.pk}/complaint/" in lin.get("/desk/record/").content.decode()
    page = lin.get(f"/desk/inbox/{message.pk}/complaint/").content.decode()
    assert "Has complained before" in page
    assert "又漏水" in page
    assert f"/desk/inbox/{message.pk}/complaint/" not in sign_in("deng").get("/desk/record/").content.decode()
