"""A letter that stands as a draft: Anna sends a legal document, Lau advises on law and has to approve its letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from carried import carry
from cast import COMPLAINANT
from ombud.cases import attachments
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.correspondence.models import Message
from overseas import POLICY, Overseas

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
PDF = b"%PDF-1.4\n%the brief\n"
SAID = {
    "country": "DE", "customer_kind": "end_customer", "name": "Atelier Kern", "email": "kern@example.com",
    "subject": "The film was taken down", "object": "Autumn campaign", "occurred_on": "2026-11-20T10:00+08:00",
    "narrative": "Its music has no licence.", "demand": "A licensed version", "loss": "400 EUR",
}  # fmt: skip


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after MONDAY."""
    return MONDAY + timedelta(minutes=minutes)


def drafted_letter(cast: Overseas, **facts: Any) -> Message:
    """Return the draft that the clock made of the letter, on a case that Anna took."""
    said = {**SAID, **facts}
    data = {name: value for name, value in said.items() if value is not None}
    case = receive(POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=at(-60), now=at(-60)).case
    brief = attachments.store(BytesIO(PDF), name="brief.pdf", uploaded_by=cast.anna.key, now=at(-30))
    for minutes, who, act, needs in (
        (-50, "anna", "take", {}),
        (-30, "anna", "submit_document", {"legal_document": [str(brief.pk)]}),
        (-20, "lau", "clear_document", {}),
        (-10, "anna", "send_document", {"message_language": "en"}),
    ):
        fresh = Case.objects.get(pk=case.pk)
        perform(fresh, act, actor=cast.actor(who), at=at(minutes), now=at(minutes), data=needs)
    carry(now=at(0))
    return Message.objects.get(case=case, document="legal_letter")
