"""What a drafted letter says, version by version, who wrote it, and who may approve it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ombud.cases.fold import program_of
from ombud.cases.models import Case, Event
from ombud.correspondence import wording
from ombud.correspondence.models import LetterVersion, Message
from ombud.notices.carrying import Readers
from ombud.organisation.models import Person
from ombud.policy.event_names import EventName
from ombud.policy.model.records import Document
from ombud.privacy.sealing import Vault


def keep(
    message: Message, key: bytes, number: int, subject: str, text: str, *, by: Person | None, now: datetime
) -> LetterVersion:
    """Keep words as the next version of a draft, sealed under its key."""
    version = LetterVersion(message=message, number=number, by=by, at=now)
    vault = Vault(key, place(version))
    said = {wording.SUBJECT: subject, wording.TEXT: text}
    version.sealed = {part: vault.seal(0, part, words) for part, words in said.items()}
    version.save(force_insert=True)
    return version


def document_of(message: Message) -> Document | None:
    """Return what the policy says of a drafted letter; None where its case's version knows it no more."""
    assert message.case is not None, "a draft is of a case"
    return program_of(message.case).pack.documents.get(message.document)


def approver_of(message: Message) -> str:
    """Return the role that has to approve a draft, empty where none has."""
    document = document_of(message)
    return (document.approve if document else None) or ""


def words_of(version: LetterVersion, key: bytes | None) -> tuple[str, str]:
    """Return (subject, text) of a version; empty once erased. `key` is the message's keeper's."""
    vault = Vault(key, place(version))
    subject, text = (wording.opened(vault, 0, part, version.sealed) for part in (wording.SUBJECT, wording.TEXT))
    return subject, text


def reason_of(version: LetterVersion, key: bytes | None) -> str:
    """Return why a version was sent back, empty where it was not."""
    return wording.opened(Vault(key, place(version)), 0, wording.REASON, version.reason)


def authors(message: Message, versions: Iterable[LetterVersion]) -> set[str]:
    """Return the keys of whoever wrote in a draft: with the performer of its act, who gave the facts in it."""
    assert message.case is not None, "a draft is of a case"
    act = EventName.of(message.act).head
    asked = Event.objects.filter(case=message.case, act=act, seq__lte=message.seq).order_by("-seq").first()
    return {version.by.key for version in versions if version.by is not None} | ({asked.actor} if asked else set())


def is_handed_in(version: LetterVersion) -> bool:
    """Return whether a version waits for its approval."""
    return version.handed_in_at is not None and version.decided_at is None


def handling(case: Case) -> list[Person]:
    """Return whoever a draft waits for: the handler of its case, without one the service department."""
    return [case.handler] if case.handler is not None else Readers().serving(case)


def approving(message: Message) -> list[Person]:
    """Return whoever may approve a draft: who holds the role now, or where it is empty its boss."""
    role = approver_of(message)
    assert message.case is not None, "a draft is of a case"
    return Readers().holding(message.case, role) if role else []


def place(version: LetterVersion) -> str:
    """Return what a version's words are sealed for."""
    return f"message {version.message_id} version {version.number}"
