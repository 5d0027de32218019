"""The link of a letter opens the complaint for some days, by a button, on any device, and only as it was sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from builders import START, after, assert_refolds, do, make_case
from carried import carry
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.commands import reissue
from ombud.cases.keeping import erasure
from ombud.cases.models import Case, Event
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.notices.reading import letters_of
from ombud.portal.pages import COOKIE

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
WEEK = timedelta(days=7)


def mailed(**overrides: Any) -> tuple[Case, str]:
    """Return a case and the path of the link in the mail of its first letter."""
    case = make_case(language="en", **overrides).case
    carry(now=after(1))
    return case, links_in(mail.outbox[-1].body)[0]


def links_in(text: str) -> list[str]:
    return re.findall(r"/track/[0-9A-Z-]+/open/\?way=[0-9a-z-]+", text)


def press(client: Client, link: str) -> Any:
    """Press the button of a link's page, where it shows one."""
    page = client.get(link, headers=EN)
    token = re.search(r'name="way" value="([^"]+)"', page.content.decode())
    return client.post(link.partition("?")[0], {"way": token[1]}) if token else page


def is_open(client: Client, case: Case) -> bool:
    return client.get(f"/track/{case.reference}/").status_code == 200


def test_the_link_of_a_letter_opens_the_case_once_its_button_is_pressed(client, cast, at_start):
    case, link = mailed()
    page = client.get(link, headers=EN)
    assert page.content.decode().count("Open my complaint</button>") == 1
    assert not is_open(client, case)  # a mail program that looks where the link leads opens nothing
    pressed = press(client, link)
    assert pressed["Location"] == f"/track/{case.reference}/"
    assert pressed.cookies[COOKIE + case.reference]["max-age"] == ""
    assert is_open(client, case)
    assert client.get(link)["Location"] == f"/track/{case.reference}/"
    assert_refolds(Case.objects.get())


def test_it_opens_in_a_second_browser_too_and_leaves_the_code_alone(client, cast, at_start):
    case, link = mailed()
    for browser in (client, Client()):
        press(browser, link)
        assert is_open(browser, case)
    assert not Event.objects.filter(act="reissue").exists()


def test_neither_pages_nor_addresses_that_follow_hold_what_the_link_carries(client, cast, at_start):
    case, link = mailed()
    page = client.get(link)
    assert page["Referrer-Policy"] == "strict-origin"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    token = link.partition("=")[2]
    followed = client.post(link.partition("?")[0], {"way": token}, follow=True)
    assert followed.redirect_chain == [(f"/track/{case.reference}/", 302)]
    assert token not in followed.content.decode()
    (letter,) = letters_of(access_case(grant_of(case), case.reference))
    assert token not in letter.body
    assert f"/track/{case.reference}/" in letter.body


def test_the_token_is_in_the_mail_alone_and_not_in_what_staff_read(client, cast, at_start):
    case, link = mailed()
    client.force_login(cast.lin)
    assert link.partition("=")[2] not in client.get(f"/desk/cases/{case.reference}/").content.decode()


@pytest.mark.parametrize(("later", "opens"), [(WEEK - timedelta(hours=1), True), (WEEK + timedelta(hours=1), False)])
def test_it_is_good_for_a_week(client, cast, at_start, later, opens):
    case, link = mailed()
    at_start.move_to(START + later)
    press(client, link)
    assert is_open(client, case) is opens


def refused(client: Client, link: str) -> str:
    """Return the page that asks for the code."""
    path, _, token = link.partition("?way=")
    posted = client.post(path, {"way": token}, headers=EN, follow=True)
    shown = client.get(link, headers=EN, follow=True)
    assert posted.redirect_chain == shown.redirect_chain
    assert shown.redirect_chain[0][0].startswith("/track/?reference=KS-")
    assert not any(name.startswith(COOKIE) for name in client.cookies)
    return shown.content.decode()


def test_a_new_code_ends_it_and_the_page_says_why(client, cast, at_start):
    case, link = mailed()
    reissue(case, actor=COMPLAINANT_ACTOR, reason="lost", now=after(2))
    page = refused(client, link)
    assert "This link is too old, or a new tracking code was issued since." in page
    assert f'value="{case.reference}"' in page


def test_an_address_that_was_put_right_since_opens_nothing(client, cast, at_start):
    case, link = mailed(email="wong@example.com")
    do(case, "correct", cast, "lin", minutes=2, data={"email": "wang@example.com", "reason": "mistyped"})
    refused(client, link)


def test_the_token_of_one_case_opens_no_other(client, cast, at_start):
    case, link = mailed()
    other = make_case(subject="another").case
    refused(client, link.replace(case.reference, other.reference))


def test_an_erased_case_is_opened_by_nothing(client, cast, at_start):
    case, link = mailed()
    erasure.erase(case.complainant, now=after(2))
    refused(client, link)


@pytest.mark.parametrize("token", ["", "-", "fffff-" + "0" * 20, "ffffff-" + "é" * 20, "\x00", "1" * 5000])
def test_what_was_never_a_token_is_answered_in_words(client, cast, at_start, token):
    case, _link = mailed()
    for answer in (
        client.get(f"/track/{case.reference}/open/", {"way": token}),
        client.post(f"/track/{case.reference}/open/", {"way": token}),
    ):
        assert answer["Location"] == f"/track/?reference={case.reference}"
    assert client.get("/track/%00/open/", {"way": token})["Location"] == "/track/"
