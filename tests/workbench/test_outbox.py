"""The outbox: whoever runs it sees what has not gone out and why, and decides; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from builders import COMPLAINT, START, after, make_case, make_history
from carried import carry
from cast import Cast
from notices.alerts.ways import make_way
from ombud.cases import outbox as rows
from ombud.cases.models import Outbox
from ombud.cases.reading.paging import NotOurs
from ombud.correspondence import unsettled
from ombud.correspondence.models import Message
from ombud.notices.alerts import sending
from ombud.notices.alerts.models import Alert, Way
from ombud.organisation.models import ADMINISTRATOR, Change, Membership
from ombud.papers.errors import PaperError

pytestmark = pytest.mark.django_db


def failed_alert(cast: Cast, settings: Any) -> Alert:
    """Return an alert that was given up: there is no mail server."""
    settings.OMBUD_SENDS_MAIL = False
    make_way(cast.chen, Way.Kind.MAIL, "chen@example.com")
    make_history(cast, "route")
    carry(now=after(41))
    for hour in range(sending.ATTEMPTS):
        sending.send(now=after(41) + timedelta(hours=2 * hour))
    return Alert.objects.get(state=Alert.State.FAILED)


def failed_letter(settings: Any) -> Message:
    """Return a letter to the complainant that no server took."""
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    make_case()
    carry(now=after(1))
    return Message.objects.get(state=Message.State.FAILED)


class Refusing(BaseEmailBackend):
    """A mail server that quotes whom it does not know."""

    def send_messages(self, email_messages: Any) -> int:
        raise SMTPRecipientsRefused({to: (550, f"no {to}".encode()) for message in email_messages for to in message.to})


def test_what_was_given_up_is_listed_with_its_reason_and_sent_again(cast: Cast, sign_in: Any, settings: Any) -> None:
    alert = failed_alert(cast, settings)
    manager = sign_in("mo")
    page = manager.get("/desk/outbox/", {"show": "alerts"}).content.decode()
    assert alert.notice.case.reference in page
    assert "no mail server is set up" in page
    manager.post("/desk/outbox/?show=alerts", {"do": "again", "row": alert.pk})
    alert.refresh_from_db()
    assert (alert.state, alert.attempts) == (Alert.State.QUEUED, 0)
    settings.OMBUD_SENDS_MAIL = True
    sending.send(now=after(41) + timedelta(days=3))
    alert.refresh_from_db()
    assert alert.state == Alert.State.SENT
    change = Change.objects.get(kind="outbox")
    assert (change.by, change.content) == (cast.mo, {"did": "again"})


def test_giving_up_needs_a_reason_which_is_kept(cast: Cast, sign_in: Any) -> None:
    make_case()
    row = Outbox.objects.filter(done_at=None).first()
    Outbox.objects.filter(pk=row.pk).update(attempts=rows.ATTEMPTS, error="boom")
    manager = sign_in("mo")
    address = "/desk/outbox/?show=tasks"
    assert "boom" in manager.get(address).content.decode()
    assert (
        "Say why"
        in manager.post(address, {"do": "give-up", "row": row.pk, "reason": " "}, follow=True).content.decode()
    )
    assert Outbox.objects.get(pk=row.pk).done_at is None
    manager.post(address, {"do": "give-up", "row": row.pk, "reason": "Told by telephone"})
    row.refresh_from_db()
    assert (row.done_at is None, row.error) == (False, "Told by telephone")
    assert rows.given_up() == 0
    assert Change.objects.get(kind="outbox").content == {"did": "gave up", "reason": "Told by telephone"}
    stale = manager.post(address, {"do": "again", "row": row.pk}, follow=True).content.decode()
    assert "stays as it is" in stale


def test_a_message_that_failed_is_listed_without_what_it_says_and_goes_out_again(
    cast: Cast, sign_in: Any, settings: Any
) -> None:
    message = failed_letter(settings)
    manager = sign_in("mo")
    page = manager.get("/desk/outbox/").content.decode()
    assert message.case.reference in page
    for personal in (COMPLAINT["email"].lower(), COMPLAINT["name"], COMPLAINT["subject"]):
        assert personal not in page.lower()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    manager.post("/desk/outbox/", {"do": "again", "row": str(message.pk)})
    carry(now=START + timedelta(days=10))
    message.refresh_from_db()
    assert message.state == Message.State.HANDED_OVER


def test_auditors_look_and_others_do_not_even_that(cast: Cast, sign_in: Any, settings: Any) -> None:
    alert = failed_alert(cast, settings)
    auditor = sign_in("ai")
    assert "Send again" not in auditor.get("/desk/outbox/?show=alerts").content.decode()
    assert auditor.post("/desk/outbox/?show=alerts", {"do": "again", "row": alert.pk}).status_code == 403
    assert sign_in("lin").get("/desk/outbox/").status_code == 403
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    assert sign_in("nobody").post("/desk/outbox/?show=alerts", {"do": "again", "row": alert.pk}).status_code == 302


def test_states_are_told_apart_and_kinds_filtered(cast: Cast, settings: Any) -> None:
    failed_alert(cast, settings)
    for source in unsettled.SOURCES:
        for state in unsettled.STATES:
            assert unsettled.unsettled(source, state).rows is not None
    assert len(unsettled.unsettled(unsettled.ALERTS, unsettled.GIVEN_UP, kind="mail").rows) == 1
    assert unsettled.unsettled(unsettled.ALERTS, unsettled.GIVEN_UP, kind="slack").rows == ()
    assert unsettled.given_up()[unsettled.ALERTS] == 1
    for wrong in ({"source": "x"}, {"state": "x"}, {"cursor": "x"}):
        given = {"source": unsettled.MESSAGES, "state": unsettled.WAITS, **wrong}
        with pytest.raises(NotOurs):
            unsettled.unsettled(given.pop("source"), given.pop("state"), **given)


def test_pages_follow_each_other_without_gaps(cast: Cast) -> None:
    for minute in range(5):
        make_case(minutes=minute, email=None)
    seen, cursor = [], None
    while True:
        page = unsettled.unsettled(unsettled.TASKS, unsettled.WAITS, cursor=cursor, limit=2)
        seen += [line.key for line in page.rows]
        if (cursor := page.after) is None:
            break
    waiting = Outbox.objects.filter(done_at=None).order_by("-pk").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in waiting]
    carry(now=after(6))
    seen, cursor = [], None
    while True:
        page = unsettled.unsettled(unsettled.MESSAGES, unsettled.GIVEN_UP, cursor=cursor, limit=2)
        seen += [line.key for line in page.rows]
        if (cursor := page.after) is None:
            break
    failed = Message.objects.filter(state=Message.State.FAILED).order_by("-had_at", "-pk")
    assert len(seen) == 5
    assert seen == [str(row.pk) for row in failed]


def test_a_letter_that_went_without_its_paper_is_sent_with_it_from_the_outbox_and_from_its_case(
    cast: Cast, sign_in: Any, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_history(cast, "communicate")

    def failing(paper: Any) -> bytes:
        raise PaperError

    monkeypatch.setattr("ombud.papers.going_along.letter_pdf", failing)
    carry(now=after(209))
    monkeypatch.undo()
    message, manager, lin = Message.objects.get(lacks=True), sign_in("mo"), sign_in("lin")
    page = manager.get("/desk/outbox/").content.decode()
    assert "It went out without files that belong to it." in page
    assert f"{case.reference}-proposal-20260303.pdf" in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    again = f"/desk/cases/{case.reference}/messages/{message.pk}/again/"
    assert "Try again, and send it with them" in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert sign_in("deng").post(again).status_code == 404
    assert "sent with them" in lin.post(again, follow=True).content.decode()
    assert "done already" in lin.post(again, follow=True).content.decode()
    change = Change.objects.get(kind="outbox")
    assert (change.key, change.content["did"], change.by) == (f"messages/{message.pk}", "again", cast.lin)
    mail.outbox.clear()
    carry(now=after(215))
    [sent] = mail.outbox
    assert [name for name, *_ in sent.attachments] == [f"{case.reference}-proposal-20260303.pdf"]
    Message.objects.filter(pk=message.pk).update(lacks=True)
    manager.post("/desk/outbox/", {"do": "give-up", "row": str(message.pk), "reason": "she does not need it"})
    assert not Message.objects.filter(lacks=True).exists()
    assert Message.objects.get(pk=message.pk).state == Message.State.HANDED_OVER


@pytest.mark.parametrize(
    "asked",
    [
        "cursor=1-" + "9" * 5000,
        "cursor=999999999999999999-1",
        "cursor=1-%00",
        "kind=%00",
        "kind=pigeon",
        "show=tasks&kind=mail",
        "show=%00",
        "state=%00",
    ],
)
def test_an_address_of_nobodys_is_not_there(cast: Cast, sign_in: Callable[[str], Client], asked: str) -> None:
    assert sign_in("mo").get(f"/desk/outbox/?{asked}").status_code == 404


def test_a_code_that_could_not_be_sent_is_named_in_words(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    Outbox.objects.create(kind="code", payload={}, dedupe="code/1", available_at=after(0), attempts=8, error="x")
    assert "New tracking code" in sign_in("mo").get("/desk/outbox/?show=tasks").content.decode()
