"""What comes in: kept once and sealed, then a case's, a complaint, or somebody's to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from builders import after, make_case
from carried import carry
from cast import Cast
from ombud.cases.models import Case
from ombud.channels import sorting
from ombud.channels.filing import Sent
from ombud.channels.sorting import Clues
from ombud.correspondence import taking_in, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.notices.models import Notice

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def mailbox(cast: Cast, media: Path) -> Account:
    """A mailbox of the policy's channel e-mail."""
    return Account.objects.create(
        key="box", kind="mail", title="Box", address="complaints@example.com", policy="customer-complaints",
        channel="email",
    )  # fmt: skip


def come(mailbox: Account, *, minutes: float = 0, **more: Any) -> Message | None:
    said: dict[str, Any] = {
        "external_id": "1@there", "address": "Li@Example.org", "name": "Li Na", "subject": "Broken kettle",
        "text": "It leaks.", "original": b"From: li\r\n\r\nIt leaks.", **more,
    }  # fmt: skip
    incoming = Incoming(way=Message.Way.MAIL, arrived_at=after(minutes), **said)
    return taking_in.take_in(mailbox, incoming, now=after(minutes + 1))


def test_what_a_server_hands_out_twice_is_there_once_and_sealed(mailbox: Account) -> None:
    message = come(mailbox)
    assert message is not None
    assert come(mailbox) is None
    assert Message.objects.count() == 1
    assert wording.said(message) == ("Broken kettle", "It leaks.")
    assert taking_in.original_of(message) == b"From: li\r\n\r\nIt leaks."
    kept = str(message.sealed) + (Path(str(message.stored_as)).name)
    assert not [word for word in ("leaks", "Li Na", "kettle", "example.org") if word in kept]


def test_without_an_id_there_the_content_tells_one_message_from_another(mailbox: Account) -> None:
    assert come(mailbox, external_id="") is not None
    assert come(mailbox, external_id="", original=b"another") is not None
    assert come(mailbox, external_id="", original=b"another") is None


def test_a_new_mail_files_a_complaint_counted_from_its_arrival_and_is_answered(mailbox: Account) -> None:
    message = come(mailbox, minutes=30)
    assert message is not None
    clues = Clues(files=[Sent("a.txt", b"receipt number 7"), Sent("run.exe", b"MZ\x90\x00")])
    assert sorting.sort(message, clues, now=after(40)) == State.FILED
    case = Case.objects.get()
    assert case.received_at == after(30)
    assert case.channel == "email"
    assert case.source == "box/1@there"
    assert [row.size for row in case.attachments.all()] == [16]  # what the register does not take stays with the mail
    message.refresh_from_db()
    assert (message.case, message.seq, message.keeper) == (case, 1, case.complainant)
    assert taking_in.original_of(message) == b"From: li\r\n\r\nIt leaks."
    carry(now=after(41))
    (letter,) = mail.outbox
    assert letter.to == ["Li@Example.org"]
    sent = Message.objects.get(is_out=True)
    assert (sent.state, sent.account) == (State.HANDED_OVER, mailbox)


def test_an_answer_to_what_we_sent_belongs_to_its_case_and_its_handler_is_told(mailbox: Account) -> None:
    case = make_case(email="li@example.org").case
    carry(now=after(1))
    sent = Message.objects.get(is_out=True)
    message = come(mailbox, minutes=5)
    assert message is not None
    assert sorting.sort(message, Clues(answers=["x@y", sent.external_id]), now=after(6)) == State.ATTACHED
    message.refresh_from_db()
    assert message.case == case
    assert wording.said(message) == ("Broken kettle", "It leaks.")
    assert Notice.objects.filter(kind="message", case=case).exists()


def test_a_stranger_who_answers_is_kept_apart_and_so_is_who_is_not_who_they_say(mailbox: Account) -> None:
    case = make_case(email="li@example.org").case
    stranger = come(mailbox, address="mallory@example.net")
    assert stranger is not None
    assert sorting.sort(stranger, Clues(reference=case.reference), now=after(6)) == State.QUARANTINED
    forged = come(mailbox, external_id="2@there", address="li@example.org")
    assert forged is not None
    clues = Clues(reference=case.reference, is_forged=True)
    assert sorting.sort(forged, clues, now=after(6)) == State.QUARANTINED
    assert [row.case for row in Message.objects.filter(is_out=False)] == [None, None]
    assert wording.part(Message.objects.get(pk=forged.pk), wording.DETAILS)["suspects"] == case.reference


def test_a_bounce_makes_the_message_failed_in_the_servers_words(mailbox: Account) -> None:
    case = make_case(email="li@example.org").case
    carry(now=after(1))
    sent = Message.objects.get(is_out=True)
    report = come(mailbox, external_id="bounce", address="")
    assert report is not None
    clues = Clues(about=[sent.external_id], outcome="failed", failure="550 no such user", is_automatic=True)
    assert sorting.sort(report, clues, now=after(6)) == State.AUTOMATIC
    sent.refresh_from_db()
    assert (sent.state, wording.part(sent, wording.FAILURE)) == (State.FAILED, "550 no such user")
    report.refresh_from_db()
    assert report.case == case


def test_a_delay_is_no_failure_and_what_a_program_sends_files_nothing(mailbox: Account) -> None:
    make_case(email="li@example.org")
    carry(now=after(1))
    sent = Message.objects.get(is_out=True)
    delay = come(mailbox, external_id="delay", address="")
    assert delay is not None
    sorting.sort(delay, Clues(about=[sent.external_id], outcome="delayed", is_automatic=True), now=after(6))
    sent.refresh_from_db()
    assert sent.state == State.HANDED_OVER
    away = come(mailbox, external_id="away")
    assert away is not None
    assert sorting.sort(away, Clues(is_automatic=True), now=after(6)) == State.AUTOMATIC
    assert Case.objects.count() == 1


def test_a_flood_from_one_sender_waits_for_people(mailbox: Account) -> None:
    states = []
    for number in range(sorting.EACH + 2):
        message = come(mailbox, external_id=str(number))
        assert message is not None
        states.append(sorting.sort(message, Clues(), now=after(2)))
    assert states.count(State.FILED) == sorting.EACH
    assert states[-2:] == [State.WAITING, State.WAITING]
    other = come(mailbox, external_id="other", address="other@example.org")
    assert other is not None
    assert sorting.sort(other, Clues(), now=after(2)) == State.FILED


def test_what_opens_a_complaint_is_left_out_of_the_letter_that_an_answer_quotes(mailbox: Account) -> None:
    token = "78abc-" + "0f" * 10
    link = f"https://complaints.example.com/track/KS-7F3K-9Q2M-X/open/?way={token}"
    filtered = f"https://filter.example.net/?url=https%3A%2F%2Fcomplaints.example.com%2Fopen%2F%3Fway%3D{token}"
    message = come(mailbox, text=f"Thanks.\n> {link}\n> {filtered}", html=f'<p><a href="{link}">here</a></p>')
    assert message is not None
    text, html = (str(wording.part(message, name)) for name in (wording.TEXT, wording.HTML))
    assert text.startswith("Thanks.\n> https://complaints.example.com/track/KS-7F3K-9Q2M-X/open/\n")
    assert token not in text + html
