"""How our mails look to whoever gets them, as another program reads them."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from builders import GRADES, after, do, make_case
from carried import carry
from cast import Cast
from mails import acting
from ombud.cases.models import Event
from ombud.channels.mail import reading
from ombud.channels.mail.sending import composed
from ombud.correspondence.carriers import Parcel
from ombud.correspondence.models import Account, Message
from ombud.organisation import company

HERE = Account(key="box", kind="mail", title="Kettle care", address="care@example.com")
SAID = {"id": "1", "address": "li@example.org", "name": "Li", "subject": "Your complaint", "reference": "HW-1"}


def sent(**more: Any) -> tuple[bytes, EmailMessage]:
    """Return a mail as its bytes leave, and as Python's own parser reads them."""
    given: dict[str, Any] = {**SAID, "text": "We **look** into it.", "language": "en", **more}
    raw = composed(Parcel(**given), HERE).message().as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return raw, parsed


def test_text_and_page_carry_who_writes_as_a_signature() -> None:
    raw, mail = sent(signature=("Kettle & Sons", "1 Spout Road", "London"))
    found = reading.read(raw)
    assert (found.said.strip(), found.signature.split("\n")[1:]) == (
        "We **look** into it.", ["Kettle & Sons", "1 Spout Road", "London"],
    )  # fmt: skip
    page = mail.get_body(("html",))
    assert page is not None
    html = page.get_content()
    assert "<strong>look</strong>" in html
    assert "Kettle &amp; Sons<br>1 Spout Road<br>London</p>" in html
    assert acting(html.replace('<meta charset="utf-8">', "").replace("<meta name", "<x name")) == []
    assert mail["From"] == "Kettle care <care@example.com>"
    assert mail["Message-ID"] == "<1@example.com>"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See {own}.", ["{own}"]),
        ("请打开：{own}，谢谢。", ["{own}"]),
        ("({own}) and {own}?a=1&b=2!", ["{own}", "{own}?a=1&amp;b=2"]),
        ("{own}", ["{own}"]),
        ("<{own}>", ["{own}"]),
        ("- {own}x_y_z-1 it is", ["{own}x_y_z-1"]),
        ("Somebody wrote: see https://phish.example/x or {own}", ["{own}"]),
        ("x{own} http://127.0.0.1:8000.phish.example/a/", []),
    ],
)
def test_our_own_addresses_are_links_wherever_they_stand_and_what_others_wrote_stays_text(
    text: str, links: list[str], settings: Any
) -> None:
    settings.OMBUD_BASE_URL = "http://127.0.0.1:8000"
    own = "http://127.0.0.1:8000/track/HW-1/"
    _raw, mail = sent(text=text.replace("{own}", own))
    page = mail.get_body(("html",))
    assert page is not None
    assert re.findall(r'href="([^"]*)"', page.get_content()) == [each.replace("{own}", own) for each in links]


@pytest.mark.django_db
def test_a_mail_is_signed_by_the_company_as_it_says_of_itself_in_the_language_of_the_mail(cast: Cast) -> None:
    said = {"zh": "水壶公司", "en": "Kettle & Sons"}
    company.keep_house(said, {"zh": "壶嘴路1号"}, {}, pictures={}, by=cast.mo, now=after(0))
    make_case()
    carry(now=after(1))
    assert reading.read(mail.outbox[0].message().as_bytes()).signature.split("\n")[1:] == ["水壶公司", "壶嘴路1号"]


def test_nothing_of_a_letter_lets_its_reader_leave_and_only_what_nobody_wrote_is_automatic() -> None:
    _, written = sent()
    _, automatic = sent(is_automatic=True)
    assert written["Auto-Submitted"] is None
    assert automatic["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in {*written, *automatic}
    assert reading.read(sent(is_automatic=True)[0]).why == "auto-submitted"  # a desk like ours does not answer it


@pytest.mark.django_db
def test_a_receipt_is_automatic_and_a_letter_of_what_somebody_did_is_not(cast: Cast, media: Path) -> None:
    case = make_case().case
    carry(now=after(1))
    (receipt,) = mail.outbox
    assert receipt.extra_headers["Auto-Submitted"] == "auto-generated"
    do(case, "register", cast, "lin", minutes=5, data=GRADES)
    done = Event.objects.get(case=case, actor=cast.lin.key)
    Message.objects.filter(case=case).update(state=Message.State.QUEUED, seq=done.seq, external_id="")
    carry(now=max(after(6), timezone.now()))
    assert "Auto-Submitted" not in mail.outbox[-1].extra_headers
    assert len(mail.outbox) == 2
