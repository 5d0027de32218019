"""The outbox: everything that is to be told is told once, to whoever holds the role now."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import COMPLAINT, START, after, do, make_case, make_history
from cast import Cast
from ombud.cases import outbox
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.fold import folded
from ombud.cases.models import Case, Duty, Outbox, Recusal
from ombud.clock.sweep import sweep
from ombud.engine import Notification
from ombud.notices import by_case, reading
from ombud.notices.carrying import TOGETHER, carry
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import Membership
from ombud.organisation.staff import Roster
from ombud.policy.model.duties import Bearer

pytestmark = pytest.mark.django_db


def test_an_act_tells_the_roles_that_it_names_but_not_who_did_it(cast: Cast) -> None:
    make_history(cast, "route")
    carry(now=after(41))
    told = set(Notice.objects.filter(act="route", person__isnull=False).values_list("person__username", flat=True))
    assert "wei" in told
    assert "lin" not in told
    assert not Outbox.objects.filter(done_at=None).exists()


def test_carrying_twice_tells_once(cast: Cast) -> None:
    make_history(cast, "route")
    carry(now=after(41))
    number = Notice.objects.count()
    Outbox.objects.update(done_at=None)  # as if the process had died before it wrote this down
    carry(now=after(42))
    assert Notice.objects.count() == number


def test_however_much_is_to_be_told_the_statements_are_the_same_and_all_of_it_is_told(cast: Cast) -> None:
    def waiting(number: int) -> int:
        for _ in range(number):
            make_case()
        sweep(now=after(61))
        Outbox.objects.filter(kind=outbox.LETTER).delete()  # each is mailed on its own
        return Outbox.objects.filter(done_at=None).count()

    def statements(number: int) -> int:
        told = waiting(number)
        with CaptureQueriesContext(connection) as captured:
            assert carry(now=after(61)) == told < TOGETHER
        return len(captured)

    statements(1)  # what is kept once read
    assert statements(1) == statements(9)
    told = waiting(TOGETHER)
    assert carry(now=after(61)) == told > TOGETHER


def test_an_empty_role_is_told_through_its_boss_and_the_recused_are_not_told(cast: Cast) -> None:
    case = make_history(cast, "route")
    Membership.objects.filter(person=cast.wei).delete()
    Recusal.objects.create(case=case, person=cast.gao, reason="亲属", at=START)
    carry(now=after(41))
    assert not Notice.objects.filter(person__in=[cast.wei, cast.gao]).exists()


def test_notices_are_read_in_the_readers_words_and_counted_until_read(cast: Cast) -> None:
    case = make_history(cast, "route")
    carry(now=after(41))
    (group,) = by_case.notices_of(cast.wei).rows
    assert reading.unread_count(cast.wei) == len(group.told) > 0
    assert group.case == case
    assert group.told[0].line.words
    reading.mark_read(cast.wei, now=after(42))
    assert reading.unread_count(cast.wei) == 0


def test_a_letter_is_written_in_the_language_of_the_case_mailed_once_and_kept_sealed(cast: Cast) -> None:
    zh, en = make_case().case, make_case(language="en", email="li@example.com").case
    carry(now=after(1))
    carry(now=after(1))
    assert len(mail.outbox) == 2
    sent = {message.subject.split("]")[0][1:]: message for message in mail.outbox}
    assert sent[zh.reference].to == ["Wang@Example.com"]
    assert "我们已收到您的投诉" in sent[zh.reference].subject
    said = sent[zh.reference].body
    assert zh.reference in said
    assert said.startswith("尊敬的王小明：")
    assert f"/track/{zh.reference}/" in said
    assert said.rstrip().endswith("客服部")
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


def test_a_mail_server_that_is_down_is_tried_again_later_and_the_letter_written_once(cast: Cast, settings: Any) -> None:
    case = make_case().case
    settings.EMAIL_BACKEND = "no.such.Backend"
    carry(now=after(1))
    row = Outbox.objects.get(kind="letter")
    assert (row.attempts, row.done_at) == (1, None)
    assert row.available_at > after(1)
    assert "no" in row.error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    carry(now=after(1))
    assert mail.outbox == []
    carry(now=after(10))
    assert len(mail.outbox) == 1
    assert Letter.objects.filter(case=case).count() == 1


def test_a_letter_that_never_goes_out_is_given_up_with_its_reason(client: Client, cast: Cast, settings: Any) -> None:
    make_case()
    settings.EMAIL_BACKEND = "no.such.Backend"
    for day in range(outbox.ATTEMPTS + 3):
        carry(now=START + timedelta(days=day + 1))
    row = Outbox.objects.get(kind="letter")
    assert row.attempts == outbox.ATTEMPTS
    assert client.get("/readyz").json()["given_up"] == 1
    assert row.error


def test_a_lease_that_another_process_holds_is_respected_until_it_ends(cast: Cast) -> None:
    make_case()
    Outbox.objects.filter(kind="letter").update(lease_until=after(5))
    carry(now=after(1))
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


def test_notices_of_a_case_are_gone_for_who_was_taken_out_of_it_since(cast: Cast) -> None:
    case = make_history(cast, "route")
    carry(now=after(41))
    assert reading.unread_count(cast.wei) > 0
    Recusal.objects.create(case=case, person=cast.wei, reason="亲属", at=after(42))
    assert reading.unread_count(cast.wei) == 0
    assert by_case.notices_of(cast.wei).rows == ()


def test_a_letter_to_a_role_is_mailed_to_those_who_hold_it_for_this_case(cast: Cast) -> None:
    case = make_history(cast, "accept_work")
    carry(now=after(61))
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


def test_why_a_letter_could_not_be_sent_is_kept_without_the_address(cast: Cast, monkeypatch: Any) -> None:
    from django.core.mail.backends import locmem

    def refuse(self: Any, messages: Any) -> int:
        raise OSError(f"550 no such user {messages[0].to[0]}")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    make_case()
    carry(now=after(1))
    error = Outbox.objects.get(kind="letter").error
    assert "550" in error
    assert "Example.com" not in error


def test_whoever_holds_a_role_that_is_told_is_not_told_of_what_they_did_themselves(cast: Cast) -> None:
    wei = Membership.objects.get(person=cast.wei)
    Membership.objects.create(person=cast.lin, policy=wei.policy, role=wei.role, department=wei.department)
    make_history(cast, "route")
    carry(now=after(41))
    told = set(Notice.objects.filter(act="route", person__isnull=False).values_list("person__username", flat=True))
    assert "wei" in told
    assert "lin" not in told  # who did it


def _told(cast: Cast, why: str) -> Case:
    """Return a case of whose first open duty somebody is to be told, 23:00 in the evening, after their quiet time."""
    case = make_case().case
    state = folded(case)
    duty = next(view for view in state.duties() if view.status == "open")
    tell = Notification(
        to=Bearer(kind="role", name="supervisor"), department="service", why=why,
        at=int(after(14 * 60).timestamp()), not_before=int(after(22 * 60).timestamp()),
        duty=duty.duty, instance=duty.instance, rung=0,
    )  # fmt: skip
    case.seq += 1  # as if the rung had just been recorded
    rows = outbox.rows(case, [tell], state, Roster(case.policy), actors={}, now=after(14 * 60))
    Outbox.objects.bulk_create(rows)
    return case


def _heard(why: str) -> int:
    return Notice.objects.filter(kind=why, person__isnull=False).count()


@pytest.mark.parametrize("why", ["warning", "breach"])
def test_what_somebody_hears_in_their_quiet_time_is_carried_when_it_is_over(cast: Cast, why: str) -> None:
    _told(cast, why)
    carry(now=after(22 * 60 - 1))
    assert _heard(why) == 0
    carry(now=after(22 * 60))
    assert _heard(why) == 1
    assert Notice.objects.get(kind=why).at == after(14 * 60)  # when it was so, not when it was told


def test_a_warning_that_waited_is_dropped_once_the_duty_is_done_and_a_breach_is_not(cast: Cast) -> None:
    for why in ("warning", "breach"):
        case = _told(cast, why)
        Duty.objects.filter(case=case).update(status=Duty.Status.MET)
    carry(now=after(23 * 60))
    assert (_heard("warning"), _heard("breach")) == (0, 1)
    assert not Outbox.objects.filter(kind="tell", done_at=None).exists()


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
    assert case.reference in caplog.text
    said = caplog.text + "".join(capfd.readouterr())
    assert not [word for word in (*COMPLAINT.values(), "wang@example.com") if word.lower() in said.lower()]


def test_an_address_that_a_mail_server_refuses_stands_in_no_log(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    make_case()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    carry(now=after(1))
    assert "SMTPRecipientsRefused" in caplog.text
    assert "wang@example.com" not in caplog.text.lower()


class Refusing(BaseEmailBackend):
    """A mail server that quotes whom it does not know."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPRecipientsRefused({to: (550, b"no such user") for message in email_messages for to in message.to})


def test_an_address_that_anybody_may_have_typed_is_sent_one_acknowledgement_an_hour(cast: Cast) -> None:
    for subject in ("first", "second", "third"):
        make_case(subject=subject, email="victim@example.org")
    carry(now=after(1))
    carry(now=after(30))
    assert [message.to for message in mail.outbox] == [["victim@example.org"]]
    assert Letter.objects.count() == 3  # written, and shown with their cases
    carry(now=after(62))
    assert len(mail.outbox) == 2
    row = Outbox.objects.get(kind="letter", done_at=None)
    assert (row.attempts, row.error) == (0, "")
