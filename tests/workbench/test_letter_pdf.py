"""Letters as PDF beside the letters of a case: for whoever may read them, and why there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import after, make_case
from carried import carry
from cast import Cast
from ombud.cases.models import Case
from ombud.notices.models import Letter
from ombud.papers import letter_papers
from ombud.papers.errors import MissingFont, TooMuch

SignIn = Callable[[str], Client]


@pytest.fixture
def letter(cast: Cast) -> Letter:
    case = make_case().case
    carry(now=after(1))
    return Letter.objects.get(case=case, document="acceptance")


def address(letter: Letter) -> str:
    return f"/desk/cases/{letter.case.reference}/letters/{letter.pk}/"


def test_who_reads_the_letter_gets_it_as_pdf(letter: Letter, sign_in: SignIn) -> None:
    browser = sign_in("lin")
    assert address(letter) in browser.get(f"/desk/cases/{letter.case.reference}/").content.decode()
    answer = browser.get(address(letter))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_who_reads_it_masked_gets_no_paper(letter: Letter, sign_in: SignIn) -> None:
    browser = sign_in("ai")
    assert address(letter) not in browser.get(f"/desk/cases/{letter.case.reference}/").content.decode()
    assert browser.get(address(letter)).status_code == 403


def test_nobody_else_does(letter: Letter, sign_in: SignIn) -> None:
    assert sign_in("nobody").get(address(letter)).status_code == 404


def test_a_letter_of_another_case_is_not_there(letter: Letter, sign_in: SignIn) -> None:
    other = make_case(minutes=1).case
    assert sign_in("lin").get(f"/desk/cases/{other.reference}/letters/{letter.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            MissingFont(["Arabic"], ["fonts-noto-core"]),
            "no font here has Arabic. The administrator can install fonts-noto-core",
        ),
        (TooMuch(), "setting it took too long, or failed"),
    ],
)
def test_why_there_is_none_is_said_on_the_case_page(
    letter: Letter, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fails(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(letter_papers, "letter_pdf", fails)
    answer = sign_in("lin").get(address(letter), follow=True)
    assert answer.redirect_chain == [(f"/desk/cases/{letter.case.reference}/", 302)]
    assert words in answer.content.decode()


def test_a_complainant_gets_their_own(letter: Letter, client: Client) -> None:
    from ombud.cases.access.case_access import grant_of
    from ombud.portal.pages import COOKIE

    case: Case = letter.case
    there = f"/track/{case.reference}/letters/{letter.pk}/"
    assert client.get(there).status_code == 404
    client.cookies[COOKIE + case.reference] = grant_of(case).token
    assert there in client.get(f"/track/{case.reference}/").content.decode()
    answer = client.get(there)
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    Letter.objects.filter(pk=letter.pk).update(is_to_complainant=False)
    assert client.get(there).status_code == 404
