"""A session that ends while somebody writes costs no word, and gives none to anybody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from builders import make_history
from cast import Cast
from ombud.cases.models import Case, Event

pytestmark = pytest.mark.django_db
WORDS = "He rang again and wants the kettle back by Friday."
PASSWORD = "a sound password"


@pytest.fixture
def case(cast: Cast) -> Case:
    for who in (cast.lin, cast.wei):
        who.set_password(PASSWORD)
        who.save()
    return make_history(cast, "register")


@pytest.fixture
def lin(sign_in: Any, case: Case) -> Client:
    """Lin's browser, with the form of a note on the screen."""
    browser = sign_in("lin")
    assert browser.get(f"/desk/cases/{case.reference}/?act=note").status_code == 200
    return browser


def end_session(browser: Client) -> None:
    del browser.cookies[settings.SESSION_COOKIE_NAME]


def send(browser: Client, case: Case, **headers: str) -> Any:
    page = f"http://testserver/desk/cases/{case.reference}/?act=note"
    sent = {"seen": case.seq, "remark": WORDS}
    return browser.post(f"/desk/cases/{case.reference}/acts/note/", sent, headers={"referer": page, **headers})


def sign_in_again(browser: Client, at: str, who: str = "lin") -> Any:
    return browser.post(at, {"username": who, "password": PASSWORD, "next": at.partition("next=")[2]})


def test_a_page_sent_without_a_session_leads_to_the_sign_in_and_back_to_its_words(lin: Client, case: Case) -> None:
    end_session(lin)
    answer = send(lin, case)
    assert answer.status_code == 302
    page = lin.get(answer["Location"])
    assert "what you wrote is there again" in page.content.decode()
    assert WORDS not in page.content.decode()
    back = lin.post(answer["Location"], {"username": "lin", "password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == f"/desk/cases/{case.reference}/?act=note"
    shown = back.content.decode()
    assert shown.count(WORDS) == 2  # for the script that fills the form, and to be read where there is none
    assert f'action="/desk/cases/{case.reference}/acts/note/"' in shown
    assert not Event.objects.filter(case=case, act="note").exists()
    assert send(lin, case).status_code == 302
    assert Event.objects.filter(case=case, act="note").count() == 1
    assert WORDS not in lin.get("/desk/").content.decode()


def test_short_words_are_shown_and_what_the_form_carries_is_not(lin: Client, case: Case) -> None:
    end_session(lin)
    sent = {
        "seen": case.seq,
        "remark": "要退款",
        "phone": "138-0013-8000",
        "key": "uw-x_D4q5i8RE7SOEKz3aA",
        "policy": "customer-complaints",
    }
    answer = lin.post(f"/desk/cases/{case.reference}/acts/note/", sent)
    shown = sign_in_again(lin, answer["Location"]).client.get("/desk/").context["unsent"]["words"]
    assert sorted(shown) == ["138-0013-8000", "要退款"]


def test_htmx_is_sent_to_the_sign_in_page_and_gets_no_page_into_its_panel(lin: Client, case: Case) -> None:
    end_session(lin)
    current = f"http://testserver/desk/cases/{case.reference}/?act=note"
    answer = send(lin, case, **{"hx-request": "true", "hx-current-url": current})
    assert answer.content == b""
    back = lin.post(answer["HX-Redirect"], {"username": "lin", "password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == f"/desk/cases/{case.reference}/?act=note"
    assert WORDS in back.content.decode()


def test_htmx_that_only_asks_is_sent_to_the_sign_in_page_too(lin: Client) -> None:
    end_session(lin)
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/desk/cases/?q=kettle"}
    answer = lin.get("/desk/cases/?q=kett", headers=headers)
    assert answer["HX-Redirect"] == "/desk/sign-in/?next=/desk/cases/%3Fq%3Dkettle"


def test_nobody_else_is_shown_what_was_written(lin: Client, case: Case) -> None:
    end_session(lin)
    answer = send(lin, case)
    shown = lin.post(answer["Location"], {"username": "wei", "password": PASSWORD}, follow=True).content.decode()
    assert WORDS not in shown
    lin.post("/desk/sign-out/")
    shown = lin.post("/desk/sign-in/", {"username": "lin", "password": PASSWORD}, follow=True).content.decode()
    assert WORDS not in shown


def test_a_browser_in_which_nobody_was_signed_in_has_nothing_kept(case: Case) -> None:
    stranger = Client()
    answer = send(stranger, case)
    assert answer.status_code == 302
    assert "unsent" not in stranger.session


def test_what_is_kept_lies_sealed(lin: Client, case: Case) -> None:
    end_session(lin)
    send(lin, case)
    assert WORDS not in str(dict(lin.session))


def test_what_was_written_can_be_forgotten(lin: Client, case: Case) -> None:
    end_session(lin)
    sign_in = send(lin, case)["Location"]
    lin.post(sign_in, {"username": "lin", "password": PASSWORD})
    lin.post("/desk/unsent/")
    assert WORDS not in lin.get(f"/desk/cases/{case.reference}/?act=note").content.decode()


def test_a_form_from_before_signing_in_anew_in_another_tab_comes_back_with_its_words(cast: Cast, case: Case) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    browser.force_login(cast.lin)
    browser.get(f"/desk/cases/{case.reference}/?act=note")
    elsewhere = send(browser, case, origin="http://attacker.example")
    assert elsewhere.status_code == 403
    assert "unsent" not in browser.session
    answer = send(browser, case, origin="http://testserver")
    assert answer["Location"] == f"/desk/cases/{case.reference}/?act=note"
    assert WORDS in browser.get(answer["Location"]).content.decode()
    assert not Event.objects.filter(case=case, act="note").exists()


@pytest.mark.parametrize(
    "referer", ["http://evil.example/desk/", "http://testserver/elsewhere/", "//evil.example/desk/", ""]
)
def test_the_way_back_leads_to_the_desk_only(lin: Client, case: Case, referer: str) -> None:
    end_session(lin)
    answer = send(lin, case, referer=referer)
    assert answer["Location"] == f"/desk/sign-in/?next=/desk/cases/{case.reference}/acts/note/"


def test_what_is_too_long_for_any_form_is_not_kept(lin: Client, case: Case) -> None:
    end_session(lin)
    lin.post(f"/desk/cases/{case.reference}/acts/note/", {"remark": "x" * 300_001})
    assert "unsent" not in lin.session
