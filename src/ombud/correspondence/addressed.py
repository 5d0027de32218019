"""A letter that goes out: kept as it was written, and one message for everybody whom it goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.models import Case
from ombud.correspondence import accounts, going_out, wording
from ombud.correspondence.models import Message
from ombud.correspondence.reaching import NOWHERE, Reach
from ombud.notices.models import Letter
from ombud.policy.model.records import Document
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.sealing import Vault

NO_ADDRESS, NO_ACCOUNT = "no-address", "no-account"  # why a message failed before anybody carried it


_SENT = (
    "letter", "language", "account", "way", "state", "settled_at", "awaits_enclosures", "address", "said_at", "had_at",
    "send_at", "by", "sealed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says."""

    language: str
    subject: str
    body: str


def keep(case: Case, document: Document, words: Words, vault: Vault, *, seq: int, dedupe: str, now: datetime) -> Letter:
    """Keep a letter of a case, sealed; `vault` is the case's, `seq` the event that asked for it."""
    where = f"letter:{document.id}"
    return Letter.objects.create(
        case=case,
        document=document.id,
        language=words.language,
        seq=seq,
        sealed={
            "subject": vault.seal(seq, f"{where}:subject", words.subject),
            "body": vault.seal(seq, f"{where}:body", words.body),
        },
        is_to_complainant=document.to == COMPLAINANT,
        written_at=now,
        dedupe=dedupe,
    )


def draft_of(case: Case, document: Document, *, to: str, act: str, seq: int, now: datetime) -> Message:
    """Return the message, not saved, in which a letter of a case goes to a role."""
    message = going_out.of_case(case, Message.State.DRAFTED, to=to, act=act, seq=seq, now=now)
    message.document = document.id
    return message


def queue(
    case: Case,
    document: Document,
    letter: Letter,
    key: bytes,
    reaches: Sequence[Reach],
    *,
    to: str,
    act: str,
    now: datetime,
    draft: Message | None = None,
) -> None:
    """Queue a letter to each of these addresses, the first as the draft that it was.

    Without an address, or without an account that sends, it has failed at once.
    """
    for number, reach in enumerate(reaches or [NOWHERE]):
        message = draft if draft is not None and not number else None
        if message is None:
            message = draft_of(case, document, to=to, act=act, seq=letter.seq, now=now)
            message.dedupe = f"{letter.dedupe}/{number}"
        account = accounts.speaking(case, reach.address)
        message.letter, message.language, message.account = letter, letter.language, account
        message.way = accounts.way_of(account.kind) if account is not None else Message.Way.MAIL
        failure = NO_ADDRESS if not reach.address else NO_ACCOUNT if account is None else ""
        message.state = Message.State.FAILED if failure else Message.State.QUEUED
        message.settled_at = now if failure else None
        takes_files = message.way == Message.Way.MAIL and not failure
        message.awaits_enclosures = bool(document.is_enclosed or document.signed or document.encloses) and takes_files
        message.address = wording.blind_address(reach.address)
        message.said_at = message.had_at = message.send_at = now
        parts = {wording.NAME: reach.name, wording.ADDRESS: reach.address, wording.FAILURE: failure}
        wording.seal(message, key, {**parts, wording.PASSED_OVER: list(reach.passed_over)})
        if draft is message:
            # No `save`: where the answer of the database is not waited for, it would take the row for missing.
            Message.objects.filter(pk=message.pk).update(**{name: getattr(message, name) for name in _SENT})
        else:
            message.save(force_insert=True)
