"""Handing over: what cannot be handed over fails by itself, and holds up nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail

from builders import after, make_case
from carried import carry, send_queued
from cast import Cast
from ombud.cases.models import Case
from ombud.correspondence import composing, delivery, originals, wording
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import Account, Message

pytestmark = pytest.mark.django_db
State = Message.State


def queued(case: Case, cast: Cast, address: str = "li@example.com", *files: Enclosure) -> Message:
    draft = Draft(name="", address=address, subject="Kettle", text="It is on its way.", language="en", files=files)
    return composing.queue(case, draft, by=cast.lin, now=after(2), send_at=after(2))


@pytest.mark.parametrize("address", ["a@exam\ufffdple.com", "a@b\u2028c.com", "a\n@example.com"])
def test_an_address_as_no_mail_can_have_it_fails_and_holds_up_nobody(cast: Cast, address: str) -> None:
    case = make_case().case
    carry(now=after(1))
    bad, good = queued(case, cast, address), queued(case, cast)
    mail.outbox.clear()
    send_queued(now=after(2))
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (State.FAILED, State.HANDED_OVER)
    assert wording.part(bad, wording.FAILURE)
    assert Account.objects.get().failures == 0  # the account itself is well


def test_a_fault_of_ours_holds_up_no_other_message_and_is_given_up_at_last(cast: Cast, media: Path) -> None:
    case = make_case().case
    carry(now=after(1))
    lost, good = queued(case, cast, "li@example.com", Enclosure("a.txt", b"x", "text/plain")), queued(case, cast)
    originals.remove(lost.stored_as)  # its file is gone
    for number in range(delivery.ATTEMPTS):
        send_queued(now=after(2 + 300 * number))
    lost.refresh_from_db()
    good.refresh_from_db()
    assert (lost.state, lost.attempts) == (State.FAILED, delivery.ATTEMPTS)
    assert (good.state, good.sent_at) == (State.HANDED_OVER, after(2))


@pytest.mark.parametrize("kind", ["message/delivery-status", "message/rfc822", "multipart/mixed", "text/plain"])
def test_a_file_of_any_kind_goes_along_byte_for_byte(cast: Cast, media: Path, kind: str) -> None:
    case = make_case().case
    carry(now=after(1))
    mail.outbox.clear()
    content = b"Subject: Li\xf1a\n\nb\xc3\xb6dy \xff\n"
    queued(case, cast, "li@example.com", Enclosure("a.eml", content, kind))
    send_queued(now=after(2))
    (sent,) = mail.outbox
    (file,) = [part for part in sent.message().walk() if part.get_filename()]
    assert sent.message().as_bytes()
    assert file.get_payload(decode=True) == content
