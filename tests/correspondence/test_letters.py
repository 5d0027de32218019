"""Letters: written once, a message to each whom they go to, and what becomes of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from builders import COMPLAINT, START, after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Outbox, Recusal
from ombud.correspondence import addressed, delivery, wording
from ombud.correspondence.models import Account, Message
from ombud.notices import reading
from ombud.notices.models import Letter

pytestmark = pytest.mark.django_db

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def test_a_letter_is_written_in_the_language_of_the_case_mailed_once_and_kept_sealed(cast: Cast) -> None:
    zh, en = make_case().case, make_case(language="en", email="li@example.com").case
    carry(now=after(1))
    carry(now=after(1))
    assert len(mail.outbox) == 2
    sent = {message.subject.split("]")[0][1:]: message for message in mail.outbox}
    assert sent[zh.reference].to == ["Wang@Example.com"]
    assert "我们已收到您的投诉" in sent[zh.reference].subject
    said, _, signature = sent[zh.reference].body.partition("\n-- \n")
    assert zh.reference in said
    assert said.startswith("尊敬的王小明：")
    assert f"/track/{zh.reference}/" in said
    assert said.rstrip().endswith("客服部")
    assert signature == "127.0.0.1"  # the name of the organisation, where no other is set
    assert "10:00" in sent[zh.reference].body  # registered within the hour
    assert "我们已收到您的投诉" not in sent[en.reference].subject
    row = Letter.objects.get(case=zh)
    assert row.sent_at == after(1)
    assert "投诉" not in str(row.sealed)
    assert [line.title for line in reading.letters_of(access_case(grant_of(zh), zh.reference))] == [
        "我们已收到您的投诉"
    ]
    assert reading.letters_of(access_case(cast.ai, zh.reference))[0].body == "***"


def test_a_letter_without_an_address_is_kept_and_not_mailed(cast: Cast) -> None:
    case = make_case(email=None).case
    carry(now=after(1))
    assert mail.outbox == []
    assert Letter.objects.filter(case=case).count() == 1
    message = Message.objects.get(case=case)
    assert (message.state, message.settled_at, message.sent_at) == (Message.State.FAILED, after(1), None)
    assert wording.part(message, wording.FAILURE) == addressed.NO_ADDRESS


def test_a_mail_server_that_is_down_is_tried_again_later_and_the_letter_written_once(cast: Cast, settings: Any) -> None:
    case = make_case().case
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    carry(now=after(1))
    account, message = Account.objects.get(), Message.objects.get()
    assert (account.failures, account.paused_until) == (1, after(1.5))
    assert "refused" in account.failure
    assert (message.state, message.sent_at, message.attempts) == (Message.State.QUEUED, None, 0)
    settings.EMAIL_BACKEND = LOCMEM
    carry(now=after(1))
    assert mail.outbox == []
    carry(now=after(10))
    assert len(mail.outbox) == 1
    assert Letter.objects.get(case=case).sent_at == Message.objects.get().sent_at == after(10)
    assert Account.objects.get().failures == 0


def test_a_letter_that_waited_for_a_day_has_failed_with_its_reason(cast: Cast, settings: Any) -> None:
    case = make_case().case
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    for hour in range(26):
        carry(now=START + timedelta(hours=hour))
    message = Message.objects.get()
    assert (message.state, message.sent_at) == (Message.State.FAILED, None)
    assert "refused" in wording.part(message, wording.FAILURE)
    assert Letter.objects.get(case=case).sent_at is None


class Down(BaseEmailBackend):
    """A mail server that is not there."""

    def open(self) -> bool:
        raise ConnectionRefusedError("connection refused")


def test_a_long_batch_ends_before_the_first_of_its_leases_does(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_case()
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "AT_A_STRETCH", -1.0)  # as if the mails before had taken that long
        carry(now=after(1))
    assert mail.outbox == []
    assert Message.objects.get().attempts == 0
    assert timedelta(seconds=2 * delivery.AT_A_STRETCH) <= delivery.LEASE
    carry(now=after(1))
    assert len(mail.outbox) == 1


def test_a_lease_that_another_process_holds_is_respected_until_it_ends(cast: Cast, settings: Any) -> None:
    make_case()
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    carry(now=after(1))
    settings.EMAIL_BACKEND = LOCMEM
    Message.objects.update(lease_until=after(5))  # as if a process had died while it sent
    carry(now=after(3))
    assert mail.outbox == []
    carry(now=after(6))
    assert len(mail.outbox) == 1


def test_the_proposal_quotes_the_facts_and_the_time_to_answer(cast: Cast) -> None:
    case = make_history(cast, "communicate")
    do(case, "note", cast, "lin", minutes=181, data={"remark": "已致电"})
    carry(now=after(182))
    body = next(message.body for message in mail.outbox if "方案" in message.subject)
    assert "换新并致歉" in body
    assert "2026年3月18日" in body


def test_a_letter_to_a_role_is_mailed_to_those_who_hold_it_for_this_case(cast: Cast) -> None:
    case = make_history(cast, "accept_work")
    carry(now=after(61))
    Message.objects.all().delete()
    Letter.objects.all().delete()
    mail.outbox.clear()
    payload = {"seq": case.seq, "document": "proposal", "role": "contact", "department": case.department_id}
    for number in range(2):
        Outbox.objects.create(kind="letter", case=case, payload=payload, dedupe=f"x/{number}", available_at=after(62))
        carry(now=after(62 + number))
        Recusal.objects.get_or_create(case=case, person=cast.chen, reason="亲属", at=after(62))
    assert [message.to for message in mail.outbox] == [["chen@example.com"]]  # not Deng of another department


@pytest.mark.parametrize("email", ["a@b.cn, c@d.cn", "a@b.cn\nBcc: c@d.cn", "a@b"])
def test_what_is_no_single_address_is_not_mailed_to(cast: Cast, email: str) -> None:
    make_case(email=email)
    carry(now=after(1))
    assert mail.outbox == []
    assert Letter.objects.get().sent_at is None


def test_an_account_that_fails_quotes_no_address(cast: Cast, monkeypatch: Any) -> None:
    from django.core.mail.backends import locmem

    def refuse(self: Any, messages: Any) -> int:
        raise OSError(f"550 no such user {messages[0].to[0]}")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    make_case()
    carry(now=after(1))
    failure = Account.objects.get().failure
    assert "550" in failure
    assert "Example.com" not in failure


def test_without_a_mail_server_a_letter_stays_with_its_case_and_the_log_tells_nothing_of_it(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.OMBUD_SENDS_MAIL = False
    case = make_case().case
    carry(now=after(1))
    letter = Letter.objects.get(case=case)
    assert (letter.sent_at, mail.outbox) == (None, [])
    assert not Outbox.objects.filter(kind="letter", done_at=None).exists()
    assert wording.part(Message.objects.get(case=case), wording.FAILURE) == addressed.NO_ACCOUNT
    said = caplog.text + "".join(capfd.readouterr())
    assert not [word for word in (*COMPLAINT.values(), "wang@example.com") if word.lower() in said.lower()]


def test_an_address_that_a_mail_server_refuses_has_failed_for_good_and_stands_in_no_log(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_case()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    carry(now=after(1))
    message = Message.objects.get()
    assert message.state == Message.State.FAILED
    assert wording.part(message, wording.FAILURE) == "550 no such user"
    assert "wang@example.com" not in caplog.text.lower()
    assert "wang@example.com" not in str(message.sealed).lower()
    assert Account.objects.get().failures == 0  # the account itself is well


class Refusing(BaseEmailBackend):
    """A mail server that quotes whom it does not know."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPRecipientsRefused({to: (550, b"no such user") for message in email_messages for to in message.to})


def test_an_address_that_anybody_may_have_typed_is_sent_one_acknowledgement_an_hour(cast: Cast) -> None:
    for subject, typed in (
        ("first", "victim@example.org"),
        ("second", "Victim@Example.ORG"),
        ("third", " victim@example.org"),
    ):
        make_case(subject=subject, email=typed)
    carry(now=after(1))
    carry(now=after(30))
    assert [message.to[0].casefold() for message in mail.outbox] == ["victim@example.org"]
    assert Letter.objects.count() == 3  # written, and shown with their cases
    carry(now=after(62))
    assert len(mail.outbox) == 2
    waiting = Message.objects.get(state=Message.State.QUEUED)
    assert waiting.attempts == 0
