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

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
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
