"""Whoever has no tracking code: the page says the same to everybody, and a code goes to the address on file alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from builders import after, assert_refolds, do, make_case
from carried import carry
from ombud.cases.access.case_access import exchange
from ombud.cases.errors import NoSuchCase
from ombud.cases.keeping import erasure
from ombud.cases.models import Case, Event, Outbox
from ombud.correspondence import lost_codes, wording
from ombud.correspondence.models import Message

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
MINE = "wang@example.com"


def told(client: Client, reference: str, contact: str) -> Any:
    return client.post("/track/code/", {"reference": reference, "contact": contact}, headers=EN, follow=True)


def carried(minutes: float) -> None:
    """Let the clock look and the mails go out."""
    lost_codes.answer_waiting(now=after(minutes))
    carry(now=after(minutes))


def without_token(page: Any) -> str:
    """Return a page without what protects its forms, which differs each time."""
    return re.sub(r"[A-Za-z0-9]{64}", "", page.content.decode())


def mailed() -> list[Any]:
    return [each for each in mail.outbox if "Your new tracking code" in each.subject]


@pytest.mark.parametrize("contact", [MINE, " WANG@Example.com ", "138 0013 8000", "+86 13800138000"])
def test_a_code_goes_to_the_address_on_file_and_opens_the_case(client, cast, at_start, contact):
    received = make_case(language="en")
    case = received.case
    page = told(client, case.reference.lower(), contact)
    assert "Look into your mailbox" in page.content.decode()
    assert mailed() == []  # nothing is sent while somebody waits for a page
    carried(1)
    (sent,) = mailed()
    assert sent.to == ["Wang@Example.com"]
    link = re.search(rf"/track/{case.reference}/([0-9A-Z-]+)/", sent.body)
    assert link is not None
    assert exchange(case.reference, link[1], client="a", now=after(2)).reference == case.reference
    with pytest.raises(NoSuchCase):
        exchange(case.reference, received.secret, client="a", now=after(2))
    assert Event.objects.get(case=case, act="reissue").actor == "complainant"
    assert_refolds(Case.objects.get())


def test_the_code_is_kept_nowhere_once_it_was_sent(client, cast, at_start):
    case = make_case(language="en").case
    told(client, case.reference, MINE)
    lost_codes.answer_waiting(now=after(1))
    message = Message.objects.get(act="reissue")
    assert wording.CODE in message.sealed
    assert "code:" not in wording.said(message)[1]  # what staff read of it
    carry(now=after(1))
    message.refresh_from_db()
    assert (message.state, wording.CODE in message.sealed) == (Message.State.HANDED_OVER, False)
    assert Outbox.objects.get(kind="code").payload == {}


@pytest.mark.parametrize(
    ("reference", "contact"),
    [
        ("", "deng@example.com"),  # somebody else's address
        ("", "139 0013 9000"),
        ("", "13800138"),
        ("", "%"),
        ("KS-0000-0000-0", MINE),
        ("nonsense", MINE),
    ],
)
def test_whatever_does_not_match_gets_the_same_page_and_no_mail(client, cast, at_start, reference, contact):
    received = make_case(language="en")
    right = told(client, received.case.reference, MINE)
    Outbox.objects.filter(kind="code").delete()
    wrong = told(client, reference or received.case.reference, contact)
    assert wrong.redirect_chain == right.redirect_chain
    assert without_token(wrong) == without_token(right)
    carried(1)
    assert mailed() == []
    assert not Event.objects.filter(act="reissue").exists()
    assert exchange(received.case.reference, received.secret, client="a", now=after(2))


def test_an_address_that_was_put_right_since_is_nobodys_any_more(client, cast, at_start):
    case = make_case(language="en", email="wong@example.com").case
    do(case, "correct", cast, "lin", minutes=1, data={"email": MINE, "reason": "mistyped"})
    told(client, case.reference, "wong@example.com")
    carried(2)
    assert mailed() == []
    told(client, case.reference, MINE)
    carried(3)
    assert [each.to for each in mailed()] == [[MINE]]


def test_a_case_without_an_address_and_one_that_was_erased_get_none(client, cast, at_start):
    silent, erased = make_case(language="en", email=None).case, make_case(language="en").case
    erasure.erase(erased.complainant, now=after(1))
    told(client, silent.reference, "13800138000")
    told(client, erased.reference, MINE)
    carried(2)
    assert mailed() == []
    assert Outbox.objects.filter(kind="code", done_at=None).count() == 0


def test_asking_is_throttled_for_the_asker_and_for_the_case(client, cast, at_start):
    case = make_case(language="en").case
    for number in range(5):
        told(client, case.reference, MINE)
        carried(number + 1)
    assert len(mailed()) == lost_codes.A_DAY
    for _ in range(10):
        answer = told(client, case.reference, MINE)
    assert answer.status_code == 422
    assert "Too many attempts. Try again in 60 minutes." in answer.content.decode()


def test_where_no_mail_is_sent_the_page_says_whom_to_call(client, cast, at_start, settings):
    settings.OMBUD_SENDS_MAIL = False
    case = make_case(language="en").case
    page = client.get("/track/code/", headers=EN).content.decode()
    assert "We cannot send a code by e-mail." in page
    assert "Hotline" in page
    assert 'name="contact"' not in page
    client.post("/track/code/", {"reference": case.reference, "contact": MINE})
    assert not Outbox.objects.filter(kind="code").exists()


def test_what_was_asked_is_sealed_until_it_is_looked_at(client, cast, at_start):
    case = make_case(language="en").case
    told(client, case.reference, MINE)
    row = Outbox.objects.get(kind="code")
    assert row.case is None
    assert "wang" not in str(row.payload).lower()
    assert case.reference not in str(row.payload)


def test_the_find_page_and_the_link_of_a_letter_lead_there(client, cast, at_start):
    case = make_case().case
    page = client.get(f"/track/{case.reference}/", headers=EN, follow=True).content.decode()
    assert f"/track/code/?reference={case.reference}" in page
