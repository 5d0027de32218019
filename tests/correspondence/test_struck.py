"""What is handed out of a mail that quotes our letter does not open the complaint."""

from __future__ import annotations

import quopri
import textwrap
from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outgoing
from django.test import Client

from builders import after, make_case
from carried import carry
from cast import Cast
from mails import mail, multipart, part
from ombud.channels.mail import ingest, reading
from ombud.channels.mail import threading as threads
from ombud.channels.mail.ingest import Arrived
from ombud.correspondence.models import Account, Message
from ombud.correspondence.struck import without_token
from ombud.correspondence.taking_in import original_of

TOKEN = "78abc-" + "0f" * 10
LINK = f"https://complaints.example.com/track/KS-7F3K-9Q2M-X/open/?way={TOKEN}"
QUOTE = f"谢谢。\r\n> 查看进展：{LINK}\r\n"


def said(raw: bytes) -> str:
    """Return the text of a mail as Python's own parser reads it."""
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    body = parsed.get_body(("plain", "html"))
    assert body is not None
    return str(body.get_content())


def base64(text: str, ending: str = "\r\n") -> str:
    return ending.join(textwrap.wrap(b64encode(text.encode()).decode(), 76))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("8bit", QUOTE),
        ("quoted-printable", quopri.encodestring(QUOTE.encode()).decode()),
        ("quoted-printable", "x" * 30 + f" {LINK.replace('=', '=3D')}".replace("0f0f0", "0f=\r\n0f0", 1)),
        ("base64", base64(QUOTE)),
        ("base64", base64(QUOTE * 40)),
        ("base64", base64(QUOTE * 40, "\n")),
    ],
)
def test_the_token_is_marked_in_every_coding_and_the_rest_is_as_it_was(coding: str, body: str) -> None:
    raw = mail(body, content_type="text/plain; charset=utf-8", content_transfer_encoding=coding)
    before, after_it = said(raw), said(without_token(raw))
    assert TOKEN in before.replace("\n", "")
    assert TOKEN not in after_it
    assert after_it == before.replace(TOKEN, "xxxxx-" + "x" * 20)


def test_in_a_page_in_a_filters_address_and_in_a_mail_within_a_mail() -> None:
    filtered = f"https://filter.example.net/?url=https%3A%2F%2Fx%2Fopen%2F%3Fway%3D{TOKEN}"
    inner = multipart(part("text/html; charset=utf-8", f'<a href="{LINK}">here</a>'))
    raw = multipart(part("text/plain", filtered), part("message/rfc822", inner))
    marked = without_token(raw)
    assert TOKEN not in reading.read(marked).text
    (nested,) = reading.read(marked).files
    assert TOKEN not in reading.read(nested.content).html
    assert "x" * 20 in reading.read(nested.content).html


def test_what_holds_none_comes_out_as_it_went_in() -> None:
    picture = bytes(range(256)) * 99
    raw = multipart(part("text/plain", "?way=nothing"), part("image/png", picture))
    assert without_token(raw) == raw


@pytest.mark.django_db
def test_whoever_may_read_the_case_cannot_open_it_as_its_complainant_by_an_answers_original(
    cast: Cast, media: Path, client: Client, settings: Any
) -> None:
    account = Account.objects.create(
        key="box", kind="mail", title="Care", address="care@example.com", policy="customer-complaints", channel="email"
    )
    case = make_case().case
    carry(now=after(1))
    letter = outgoing.outbox[0].body
    assert "/open/?way=" in letter
    raw = mail(
        base64("Thanks.\n\n" + "\n".join(f"> {line}" for line in letter.splitlines())),
        **{"from": "Wang <Wang@Example.com>"}, subject=f"Re: {threads.subject_mark(case.reference)}",
        content_type="text/plain; charset=utf-8", content_transfer_encoding="base64",
    )  # fmt: skip
    taken = ingest.take_in(account, [Arrived(raw, after(5))], now=after(5))
    ingest.sort(account, taken, now=after(5))
    message = Message.objects.get(is_out=False)
    assert message.case == case
    client.force_login(cast.lin)
    answer = client.get(f"/desk/cases/{case.reference}/messages/{message.pk}/original/")
    handed = reading.read(b"".join(answer.streaming_content)).text
    assert "Thanks." in handed
    assert "/open/?way=xxxxx-" in handed
    assert original_of(message) == raw  # what is kept stays as it came
