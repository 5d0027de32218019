"""Mail to staff, from the notice to a real server: its envelope, its words in Chinese, and what a refusal says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from builders import after, make_history
from cast import Cast
from notices.alerts.ways import make_way
from ombud.notices.alerts import sending
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.carrying import carry

pytestmark = pytest.mark.django_db


class Mailbox:
    """Takes mail for everybody but those who moved away."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(0)
        if address.startswith("moved"):
            return f"550 5.1.1 <{address}> no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0)
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    server.stop()


def told(minutes: float) -> None:
    carry(now=after(minutes))
    sending.send(now=after(minutes))
    for flight in list(sending._flights.values()):
        assert flight.is_over.wait(10)
    sending.send(now=after(minutes))


def test_an_alert_arrives_at_the_mail_server(cast: Cast, mailbox: Mailbox) -> None:
    make_way(cast.chen, Way.Kind.MAIL, "chen@example.org", language="zh-hans")
    case = make_history(cast, "route")
    told(41)
    ((to, mail),) = mailbox.mails
    assert to == ["chen@example.org"]
    assert mail["Subject"] == f"派单 · {case.reference}"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<alert.{Alert.objects.get().pk}@127.0.0.1>"  # of the sender's domain
    assert mail["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/desk/notices/leave/")
    assert mail["List-Unsubscribe-Post"] is None  # a click goes encrypted only
    assert f"http://127.0.0.1:8000/desk/cases/{case.reference}/" in mail.get_content()
    assert "您应办：" in mail.get_content()
    assert Alert.objects.get().state == Alert.State.SENT


def test_what_the_mail_server_said_is_kept_without_the_address(cast: Cast, mailbox: Mailbox) -> None:
    way = make_way(cast.chen, Way.Kind.MAIL, "moved@example.org")
    make_history(cast, "route")
    told(41)
    way.refresh_from_db()
    assert mailbox.mails == []
    assert "no such user" in way.answer
    assert "moved@example.org" not in way.answer
    assert Alert.objects.get().state == Alert.State.QUEUED
