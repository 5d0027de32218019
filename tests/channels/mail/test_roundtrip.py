"""Mail from outside becomes a case with its duties, and what the policy answers arrives outside with its state here."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import post_offices
from carried import carry
from cast import Cast
from ombud.cases.models import Case, Duty
from ombud.channels.mail import fetching, ingest, reading, receiving
from ombud.channels.mail import threading as threads
from ombud.correspondence import delivery, taking_in, wording
from ombud.correspondence.models import Account, Message
from post_offices import USER, PostOffice, account_at, mail_of

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(scope="module", params=["in_memory", "dovecot"])
def office(request: pytest.FixtureRequest) -> Iterator[PostOffice]:
    """A real server for mailboxes."""
    if request.param == "in_memory":
        with post_offices.in_memory() as found:
            yield found
        return
    if not post_offices.HAS_DOVECOT:
        post_offices.miss("Dovecot", "apt-get install dovecot-imapd, and run as root")
    # Not among pytest's own folders: whichever pytest begins next to this one shuts them again for all but root.
    with tempfile.TemporaryDirectory(prefix="ombud-dovecot-") as folder, post_offices.dovecot(Path(folder)) as found:
        yield found


@pytest.fixture
def account(office: PostOffice, cast: Cast, media: Path) -> Account:
    office.empty()
    return account_at(office)


def come_in(account: Account) -> int:
    account.refresh_from_db()
    taken = fetching.fetch(account)
    ingest.sort_arrived(account, now=timezone.now())
    return taken


def test_a_mail_is_a_case_with_its_duties_and_its_answer_arrives_outside(office: PostOffice, account: Account) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "李娜 <li@example.org>", USER, "水壶漏水"
    mail["Message-ID"] = "<kettle@example.org>"
    mail.set_content("昨天买的水壶漏水。\n")
    mail.add_attachment(b"receipt number 7", maintype="text", subtype="plain", filename="发票.txt")
    before = timezone.now().replace(microsecond=0)
    office.put(mail.as_bytes())
    assert come_in(account) == 1
    case = Case.objects.get()
    assert (case.channel, case.source) == ("email", "box/kettle@example.org")
    assert before <= case.received_at <= timezone.now()
    assert case.attachments.count() == 1
    register = Duty.objects.get(case=case, duty="register")  # 1.1.6: within one hour of its arrival
    assert register.due_at == case.received_at + timedelta(hours=1)
    carry(now=timezone.now())
    sent = Message.objects.get(is_out=True)
    assert (sent.case, sent.state, sent.account) == (case, State.HANDED_OVER, account)
    if not office.smtp_port:
        return  # it went to the mail server of the settings
    account.refresh_from_db()
    assert account.failure == ""
    with office.box() as box:
        _, found = box.uid("SEARCH", "ALL")
        _, last = box.uid("FETCH", found[0].split()[-1].decode(), "(BODY.PEEK[])")
    arrived = reading.read(last[0][1])
    assert arrived.recipients == ("li@example.org",)
    assert threads.reference_of(arrived.subject) == case.reference
    assert case.reference in arrived.text


def test_an_answer_is_known_by_its_token_and_by_what_we_sent_never_by_its_subject(
    office: PostOffice, account: Account
) -> None:
    office.put(mail_of())
    come_in(account)
    case = Case.objects.get()
    carry(now=timezone.now())
    sent = Message.objects.get(is_out=True)
    mark = threads.subject_mark(case.reference)
    office.put(
        mail_of("by token", id="<2@example.org>", Subject=f"Re: {mark} your complaint"),
        mail_of("by reference", id="<3@example.org>", References=f"<x@y> <{sent.external_id}>"),
        mail_of("by words alone", id="<4@example.org>", Subject=f"Re: [{case.reference}] your complaint"),
        mail_of("stranger", id="<5@example.net>", sender="mallory@example.net", Subject=f"Re: {mark} x"),
    )
    come_in(account)
    states = {wording.said(row)[1].strip(): (row.state, row.case) for row in Message.objects.filter(is_out=False)}
    assert states["by token"] == (State.ATTACHED, case)
    assert states["by reference"] == (State.ATTACHED, case)
    assert states["by words alone"][0] == State.FILED
    assert states["by words alone"][1] != case
    assert states["stranger"] == (State.QUARANTINED, None)


def test_what_was_read_is_not_read_again_and_nothing_is_twice_where_the_server_counts_anew(
    office: PostOffice, account: Account
) -> None:
    office.put(mail_of(), mail_of(id="<2@example.org>"))
    assert come_in(account) == 2
    assert come_in(account) == 0
    Account.objects.update(place={"validity": 1, "uid": 99})  # as if the mailbox had been made anew
    assert come_in(account) == 0
    office.put(mail_of(id="<3@example.org>"))
    assert come_in(account) == 1
    assert Case.objects.count() == 3


def test_a_mailbox_that_somebody_else_emptied_is_read_on(office: PostOffice, account: Account) -> None:
    office.put(mail_of())
    come_in(account)
    office.empty()
    assert come_in(account) == 0
    office.put(mail_of(id="<2@example.org>"))
    assert come_in(account) == 1


class Killed(BaseException):
    """What ends a process at a place."""


STEPS = [
    ("ombud.channels.mail.ingest.take_in", "before"),
    ("ombud.channels.mail.ingest.take_in", "after"),
    ("ombud.correspondence.originals.store", "after"),
    ("ombud.channels.mail.fetching._go_on", "before"),
    ("ombud.channels.sorting.sort", "before"),
    ("ombud.channels.sorting.sort", "after"),
    ("ombud.channels.filing._evidence", "after"),
    ("ombud.cases.commands.receive", "after"),
    ("ombud.correspondence.attaching.attach", "after"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("place", "when"), STEPS)
def test_killed_between_fetch_and_commit_nothing_is_lost_or_twice(
    office: PostOffice, account: Account, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    from django.utils.module_loading import import_string

    real = import_string(place)

    def dies(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        raise Killed

    office.put(mail_of(), mail_of("Second.", id="<2@example.org>"))
    with monkeypatch.context() as patched:
        patched.setattr(place, dies)
        with pytest.raises(Killed):
            come_in(account)
    Message.objects.update(lease_until=None)  # two minutes later
    come_in(account)
    assert Case.objects.count() == 2
    assert Message.objects.filter(is_out=False, state=State.FILED).count() == 2
    assert Message.objects.filter(is_out=False).count() == 2
    for message in Message.objects.filter(is_out=False):
        assert taking_in.original_of(message)


def test_our_own_mail_come_back_files_nothing_and_is_not_answered(office: PostOffice, account: Account) -> None:
    office.put(mail_of(sender=USER), mail_of(id="<2@x>", Auto_Submitted="auto-replied"))
    come_in(account)
    assert Case.objects.count() == 0
    assert {row.state for row in Message.objects.all()} == {State.AUTOMATIC}


def test_a_mail_that_asks_for_no_answer_waits_for_people(office: PostOffice, account: Account) -> None:
    office.put(mail_of(sender="Web form <no-reply@partner.example>"))
    come_in(account)
    assert Case.objects.count() == 0
    message = Message.objects.get()
    assert message.state == State.WAITING
    assert wording.part(message, wording.DETAILS)["why"] == "unanswered"


def test_an_account_whose_server_is_away_rests_and_others_go_on(account: Account) -> None:
    from ombud.channels import carrying

    account.options = {**account.options, "imap_port": post_offices.free_port()}
    account.save()
    carrying.receive(account, threading.Event())
    account.refresh_from_db()
    assert account.failures == 1
    assert account.paused_until is not None
    assert "refused" in account.failure.lower()


def test_waiting_for_mail_ends_when_the_process_does(
    office: PostOffice, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.put(mail_of())
    stop = threading.Event()
    stop.set()
    receiving.Mailbox().receive(account, stop)
    assert Case.objects.count() == 1


def test_sending_is_cut_short_between_two_messages(account: Account, office: PostOffice) -> None:
    office.put(mail_of(), mail_of(id="<2@example.org>", sender="b@example.org"))
    come_in(account)
    from ombud.correspondence import letters

    letters.write_waiting(now=timezone.now())
    asked = iter([False, True])
    account.refresh_from_db()
    assert delivery.deliver(account, now=timezone.now(), until=lambda: next(asked)) == 1
    assert Message.objects.filter(state=State.QUEUED).count() == 1
