"""Letters that stand as drafts: edited in versions that are kept, approved where the policy asks, sent by a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Outbox
from ombud.cases.outbox import LETTER
from ombud.correspondence import addressed, reaching, wording
from ombud.correspondence.addressed import Words
from ombud.correspondence.letter_versions import (
    approver_of,
    approving,
    authors,
    document_of,
    handling,
    is_handed_in,
    keep,
    place,
    words_of,
)  # fmt: skip
from ombud.correspondence.models import LetterVersion, Message
from ombud.notices.alerts.asking import tell
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.policy.model.records import Document
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

State = Message.State
REMINDED = timedelta(days=1)  # how often its handler is told that a draft waits


class NotADraft(Exception):
    """It was sent or put aside since it was looked at, or somebody wrote in it."""


class NotApproved(Exception):
    """The policy wants somebody else to approve it first."""


class OwnWords(Exception):
    """Whoever wrote in a letter does not approve it."""


class NobodyOutside(Exception):
    """Nobody stands for the outside role that it goes to."""


class NoReason(Exception):
    """It is sent back or put aside for a reason only."""


def begin(
    case: Case, document: Document, words: Words, key: bytes, *, to: str, act: str, seq: int, dedupe: str, now: datetime
) -> None:
    """Keep the policy's words as a draft and tell whoever handles the case; belongs in one transaction, once."""
    if Message.objects.filter(dedupe=f"{dedupe}/0").exists():
        return
    message = addressed.draft_of(case, document, to=to, act=act, seq=seq, now=now)
    message.language, message.send_at, message.dedupe = words.language, now + REMINDED, f"{dedupe}/0"
    message.save(force_insert=True)
    keep(message, key, 1, words.subject, words.body, by=None, now=now)
    _tell(message, handling(case), "begun", now)


def edit(message: Message, subject: str, text: str, *, seen: int, by: Person, now: datetime) -> LetterVersion:
    """Keep somebody's words as a new version, which nobody has approved yet; the same words are none.

    `seen` is the version that they were written over. Raises NotADraft.
    """
    with transaction.atomic():
        row, latest, key = _locked(message, seen)
        if (subject, text) == words_of(latest, key):
            return latest
        try:
            return keep(row, key, latest.number + 1, subject, text, by=by, now=now)
        except IntegrityError as error:  # SQLite locks no rows
            raise NotADraft from error


def hand_in(message: Message, *, seen: int, by: Person, now: datetime) -> None:
    """Ask those for their approval who have to give it, without who wrote in it. Raises NotADraft."""
    with transaction.atomic():
        row, latest, _key = _locked(message, seen)
        if not approver_of(row) or latest.handed_in_at is not None:
            raise NotADraft
        LetterVersion.objects.filter(pk=latest.pk).update(handed_in_at=now)
        wrote = authors(row, row.versions.select_related("by")) | {by.key}
        asked = [each for each in approving(row) if each.key not in wrote]
        _tell(row, asked, f"{latest.number}/handed-in", now)


def decide(message: Message, *, is_approved: bool, reason: str, seen: int, by: Person, now: datetime) -> None:
    """Approve a version that was handed in, or send it back for a reason.

    Raises NotADraft, NotApproved of somebody without the role, OwnWords, NoReason.
    """
    reason = plain(reason, lines=True)[:1000]
    if not is_approved and not reason:
        raise NoReason
    with transaction.atomic():
        row, latest, key = _locked(message, seen)
        if latest.handed_in_at is None or latest.decided_at is not None:
            raise NotADraft
        if by not in approving(row):
            raise NotApproved
        if is_approved and by.key in authors(row, row.versions.select_related("by")):
            raise OwnWords
        sealed = {wording.REASON: Vault(key, place(latest)).seal(0, wording.REASON, reason)}
        LetterVersion.objects.filter(pk=latest.pk).update(
            decided_by=by, decided_at=now, is_approved=is_approved, reason={} if is_approved else sealed
        )
        assert row.case is not None, "a draft is of a case"
        _tell(row, handling(row.case), f"{latest.number}/decided", now)


def send(message: Message, *, seen: int, by: Person, now: datetime) -> None:
    """Write the letter in the words of its latest version and queue it.

    Raises NotADraft, NotApproved, NobodyOutside.
    """
    with transaction.atomic():
        row, latest, key = _locked(message, seen)
        case, document = row.case, document_of(row)
        assert case is not None, "a draft is of a case"
        if document is None:
            raise NotADraft
        if document.approve and not latest.is_approved:
            raise NotApproved
        vault, events, seq = Vault(key, case.reference), rows_of(case), row.seq or 0
        payload = {"complainant": True} if row.to == COMPLAINANT else {"outsider": row.to, "office": case.office_id}
        asked = Outbox(kind=LETTER, case=case, payload=payload)
        written = folded_rows(case, [event for event in events if event.seq <= seq], vault)
        present = partial(folded_rows, case, events, vault)
        reaches = reaching.receivers(payload, case, written, present, lambda: Readers([asked]).people(asked), now=now)
        if not reaches and row.to != COMPLAINANT:
            raise NobodyOutside
        words = Words(row.language, *words_of(latest, key))
        dedupe = (row.dedupe or "").removesuffix("/0")
        letter = addressed.keep(case, document, words, vault, seq=seq, dedupe=dedupe, now=now)
        row.by = by
        addressed.queue(case, document, letter, key, reaches, to=row.to, act=row.act, now=now, draft=row)


def put_aside(message: Message, *, reason: str, seen: int, by: Person, now: datetime) -> None:
    """Say that a draft is not sent, and why; words and reason stay with the case. Raises NotADraft, NoReason."""
    reason = plain(reason, lines=True)[:1000]
    if not reason:
        raise NoReason
    with transaction.atomic():
        row, latest, key = _locked(message, seen)
        subject, text = words_of(latest, key)
        parts = {wording.SUBJECT: subject, wording.TEXT: text, wording.FAILURE: reason}
        wording.seal(row, key, parts)
        Message.objects.filter(pk=row.pk).update(
            state=State.WITHDRAWN, sealed=row.sealed, settled_at=now, said_at=now, send_at=None, by=by
        )


def remind(*, now: datetime) -> int:
    """Tell of drafts that have waited for another day, and return of how many; those of erased people end."""
    rows = Message.objects.filter(state=State.DRAFTED, send_at__lte=now).select_related("case__handler", "keeper")
    found = list(rows.order_by("send_at", "id")[:200])
    for row in found:
        assert row.case is not None, "a draft is of a case"
        with transaction.atomic():
            if key_of(row.keeper) is None:
                Message.objects.filter(pk=row.pk).update(state=State.WITHDRAWN, settled_at=now, send_at=None)
                continue
            latest = row.versions.order_by("-number").first()
            assert latest is not None, "a draft begins with the policy's words"
            _tell(row, (is_handed_in(latest) and approving(row)) or handling(row.case), f"{now:%Y-%m-%d}", now)
            Message.objects.filter(pk=row.pk, state=State.DRAFTED).update(send_at=now + REMINDED)
    return len(found)


def _locked(message: Message, seen: int) -> tuple[Message, LetterVersion, bytes]:
    """Return a draft, locked, with its latest version and its key. Raises NotADraft where it is none any more."""
    rows = Message.objects.select_for_update(of=("self",)).select_related(
        "case__complainant", "case__handler", "keeper"
    )
    row = rows.get(pk=message.pk)
    latest, key = row.versions.order_by("-number").first(), key_of(row.keeper)
    if row.state != State.DRAFTED or latest is None or latest.number != seen or key is None:
        raise NotADraft
    return row, latest, key


def _tell(message: Message, people: Iterable[Person], what: str, now: datetime) -> None:
    assert message.case is not None, "a draft is of a case"
    notices = [
        Notice(
            person=person,
            case=message.case,
            kind=Notice.Kind.DRAFT,
            act=message.act,
            at=now,
            dedupe=f"draft/{message.pk}/{what}/{person.pk}",
        )
        for person in people
    ]
    tell(notices, now=now)
