"""The demo's mails: some that wait for somebody to say whose they are, one of a case, and a letter that came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from ombud.cases.models import Case
from ombud.correspondence import attaching, delivery, failing, taking_in, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.project.demo.stories import age_of

REFUSED = "550 5.1.1 The mailbox does not exist"


def arrive(policy: str, mails: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Let the mails arrive at a mailbox that no server stands behind, each sorted as its entry says."""
    account = Account.objects.create(
        key=f"demo-{policy}", kind="mail", address="service@example.com", policy=policy, is_active=False
    )
    for number, entry in enumerate(mails):
        case = _case_of(entry["of"]) if "of" in entry else None
        details = {"why": entry.get("why", ""), "suspects": case.reference if case is not None else ""}
        at = now - timedelta(minutes=age_of(entry))
        incoming = Incoming(
            way=Message.Way.MAIL,
            external_id=f"{number}@demo",
            arrived_at=at,
            address=entry["address"],
            name=entry["name"],
            subject=entry["subject"],
            text=entry["text"],
            language=entry.get("language", "zh"),
            details=details,
            original=_original(entry, at),
        )
        message = taking_in.take_in(account, incoming, now=at)
        assert message is not None, "each comes once"
        if case is not None and entry["state"] == Message.State.ATTACHED:
            attaching.attach(message, case, now=at)
        else:
            Message.objects.filter(pk=message.pk).update(state=entry["state"])


def come_back(*, now: datetime) -> None:
    """Let the newest letter of an open case come back."""
    sent = Message.objects.filter(
        is_out=True, state=Message.State.HANDED_OVER, case__closed_at=None, letter__isnull=False
    )
    letter = sent.select_related("keeper").order_by("-sent_at", "-id").first()
    if letter is not None:
        delivery.fail(letter, REFUSED, now=now)
        failing.report(now=now)


def _case_of(address: str) -> Case:
    digest = wording.blind_address(address)
    cases = Case.objects.select_related("complainant", "office", "handler")
    return cases.filter(complainant__blind_indexes__digest=digest).order_by("-pk")[0]


def _original(entry: Mapping[str, Any], at: datetime) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"<{entry['address']}>", "service@example.com"
    mail["Subject"], mail["Date"] = entry["subject"], at
    mail.set_content(entry["text"])
    return mail.as_bytes()
