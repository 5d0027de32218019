"""Mails that nobody would write, the whole way: kept, sorted, filed and shown; none lost, none stops the others.

OMBUD_FUZZ_MAILS says how many, OMBUD_SAMPLE_DATA where real ones lie that are mutated with our own.
"""

from __future__ import annotations

import logging
import os
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cast import Cast
from channels.mail.test_fuzzing import mutated, seeds
from mails import acting, mail
from ombud.cases.models import Case
from ombud.channels import sorting
from ombud.channels.mail import ingest
from ombud.channels.mail.ingest import Arrived
from ombud.correspondence import taking_in, wording
from ombud.correspondence.models import Account, Message

pytestmark = pytest.mark.django_db
MANY, AT_ONCE = int(os.environ.get("OMBUD_FUZZ_MAILS", "40")), 20  # of each batch one is looked at on its page


def known_by(number: int, raw: bytes) -> bytes:
    """Return the mail under an id of its own, so that what is kept can be counted."""
    return b"Message-ID: <%d@fuzz.example>\r\n%s" % (number, raw)


def acting_in(page: str) -> list[str]:
    """Return what acts in a page of ours: its scripts, and whatever an element does by itself."""
    found: list[str] = []

    class Judge(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(f"{tag} {name}" for name, _ in attrs if name.startswith("on"))
            if tag in ("script", "iframe", "object", "embed", "base"):
                found.append(f"{tag} {dict(attrs).get('src')}")

    Judge(convert_charrefs=True).feed(page)
    return found


def test_whatever_comes_in_is_kept_sorted_and_shown(
    cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sorting, "EACH", MANY)
    account = Account.objects.create(
        key="box", kind="mail", title="Box", address="complaints@example.com", policy="customer-complaints",
        channel="email",
    )  # fmt: skip
    known, client = seeds(), Client()
    client.force_login(cast.lin)
    usual: list[str] | None = None
    for start in range(-1, MANY, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, MANY))
        raw = [mutated((r := Random(n)).choice(known), known, r) if n >= 0 else mail() for n in numbers]
        arrived = [Arrived(known_by(n, each), timezone.now()) for n, each in zip(numbers, raw, strict=True)]
        with caplog.at_level(logging.ERROR):
            taken = ingest.take_in(account, arrived, now=timezone.now())
            ingest.sort(account, taken, now=timezone.now())
        assert caplog.records == [], f"mails {numbers}"
        assert len(taken) == len(arrived), f"mails {numbers}"
        for (message, read), came in zip(taken, arrived, strict=True):
            row = Message.objects.select_related("keeper").get(pk=message.pk)
            assert row.state != Message.State.ARRIVED, read.message_id
            assert acting(str(wording.part(row, wording.HTML))) == [], read.message_id
            assert taking_in.original_of(row) == came.raw, read.message_id
        page = client.get(reverse("desk_message", args=[taken[0].message.pk]))
        assert page.status_code == 200, taken[0].mail.message_id
        usual = usual or acting_in(page.content.decode())
        assert acting_in(page.content.decode()) == usual, taken[0].mail.message_id
    assert Message.objects.filter(is_out=False).count() == MANY + 1
    assert Case.objects.exists()
