"""Who sends very much, and who does not answer at all, holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

import post_offices
from cast import Cast
from ombud.cases.models import Case
from ombud.channels import carrying, sorting
from ombud.channels.mail import fetching, servers, turns
from ombud.correspondence import letters, wording
from ombud.correspondence.models import Account, Message
from post_offices import PostOffice, account_at, mail_of
from waiting import wait_until

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    """A real server for mailboxes, in memory."""
    with post_offices.in_memory() as found:
        yield found


@pytest.fixture
def account(office: PostOffice, cast: Cast, media: Path) -> Account:
    office.empty()
    return account_at(office)


def test_a_bomb_delays_nobody_who_writes_behind_it_or_meanwhile(
    office: PostOffice, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "AT_ONCE", 10)
    monkeypatch.setattr(sorting, "EACH", 2)
    monkeypatch.setattr(sorting, "AN_ACCOUNT", 5)  # what is too much of one leaves room for the others
    bomb = [mail_of(id=f"<{n}@bomb>", sender="bomb@example.net") for n in range(60)]
    office.put(*bomb, mail_of(id="<behind@example.org>"))
    filed: list[set[str]] = []

    def after_a_batch() -> bool:
        filed.append(set(Case.objects.values_list("source", flat=True)))
        if len(filed) == 1:
            office.put(mail_of(id="<meanwhile@example.com>", sender="Bo <bo@example.com>"))
        return False

    with servers.incoming(account) as mailbox:
        assert fetching.fetch_from(mailbox, account, after_a_batch) == 62
    assert "box/behind@example.org" in filed[0]
    assert "box/meanwhile@example.com" in filed[1]
    of_bomb = Message.objects.filter(external_id__endswith="@bomb")
    assert of_bomb.count() == 60
    assert of_bomb.filter(state=State.FILED).count() == 2
    waiting = of_bomb.filter(state=State.WAITING)
    assert waiting.count() == 58
    assert wording.part(waiting[0], wording.DETAILS)["why"] == "too-many"
    account.refresh_from_db()
    assert "ahead" not in account.place


def test_cut_short_in_the_middle_of_a_bomb_the_rest_is_taken_in_later_and_nothing_twice(
    office: PostOffice, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "AT_ONCE", 3)
    monkeypatch.setattr(sorting, "EACH", 1)
    office.put(*[mail_of(id=f"<{n}@bomb>", sender="bomb@example.net") for n in range(6)], mail_of())
    with servers.incoming(account) as mailbox:
        assert fetching.fetch_from(mailbox, account, lambda: True) == 3
    account.refresh_from_db()
    assert len(account.place["ahead"]) == 1
    assert fetching.fetch(account) == 4
    assert Message.objects.filter(is_out=False).count() == 7


@pytest.mark.parametrize("way", ["imap", "smtp"])
@pytest.mark.django_db(transaction=True)
def test_a_server_that_never_answers_holds_up_its_own_account_only(
    office: PostOffice, account: Account, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(servers, "TIMEOUT", 6)
    monkeypatch.setattr("ombud.channels.mail.receiving.STAY", 0.0)
    stop = threading.Event()
    with post_offices.silent() as port:
        hanging = account_at(office, key="hanging")
        hanging.options = {**hanging.options, f"{way}_host": "127.0.0.1", f"{way}_port": port}
        hanging.takes_in, hanging.sends = way == "imap", way == "smtp"
        hanging.save()
        if way == "smtp":
            _queue_letter(office, account, hanging)
        office.put(mail_of(id="<other@example.org>"))
        looker = carrying.Carrying(stop)
        looker.look()
        wait_until(lambda: Case.objects.filter(source="box/other@example.org").exists())
        wait_until(lambda: Account.objects.filter(key="hanging", failures=1).exists())
        stop.set()
        looker.join()
    hanging.refresh_from_db()
    assert hanging.paused_until is not None
    assert hanging.paused_until > timezone.now()
    account.refresh_from_db()
    assert (account.failures, account.paused_until) == (0, None)


def _queue_letter(office: PostOffice, account: Account, hanging: Account) -> None:
    """Let a letter wait at the hanging account, and none at the other."""
    office.put(mail_of())
    fetching.fetch(account)
    letters.write_waiting(now=timezone.now())
    assert Message.objects.filter(state=State.QUEUED).update(account=hanging) == 1
