"""Puts into letters that go by mail what goes along with them: beside the clock, outside of any transaction."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from ombud.cases.fold import program_of
from ombud.correspondence import enclosures, lacking, wording
from ombud.correspondence.lacking import NOT_SET, TOO_LARGE, Lack
from ombud.correspondence.models import Message
from ombud.papers import going_along, letter_papers
from ombud.papers.going_along import Along
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

log = logging.getLogger(__name__)

BATCH, LEASE = 100, timedelta(minutes=2)
PATIENCE = timedelta(minutes=10)  # a storage that is away may be back by then; limits of policies go on meanwhile


def enclose_waiting(*, now: datetime) -> int:
    """Put in what goes along with letters that wait for it, each under its own lease, and return of how many."""
    done = 0
    for pk in list(_waiting(now).order_by("send_at", "id").values_list("pk", flat=True)[:BATCH]):
        if not _waiting(now).filter(pk=pk).update(lease_until=now + LEASE):
            continue  # another clock is at it
        message = Message.objects.select_related("keeper", "letter", "case__office", "case__complainant").get(pk=pk)
        try:
            _enclose(message)
        except Exception:
            log.exception("enclosures of message %s", pk)
            if message.send_at is None or now < message.send_at + PATIENCE:
                continue  # tried again when the lease has ended
            _go_without(message)
        Message.objects.filter(pk=pk).update(
            sealed=message.sealed,
            stored_as=message.stored_as,
            lacks=message.lacks,
            awaits_enclosures=False,
            lease_until=None,
        )
        done += 1
    return done


def _waiting(now: datetime) -> QuerySet[Message]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Message.objects.filter(free, awaits_enclosures=True, send_at__lte=now)


def _enclose(message: Message) -> None:
    """Put in what can be had and note what cannot: the letter goes without it rather than not at all."""
    key, case, letter = key_of(message.keeper), message.case, message.letter
    assert case is not None, "a letter is of a case"
    assert letter is not None, "only letters wait for what goes along"
    document = program_of(case).pack.documents.get(letter.document)
    if key is None or document is None:
        return  # erased: it is withdrawn
    along = going_along.of(case, letter, document, Vault(key, case.reference))
    _leave_out_what_is_too_large(along)
    if along.files:
        wording.seal(message, key, {wording.FILES: enclosures.enclose(message, key, along.files)})
    lacking.note(message, key, along.lacks)


def _leave_out_what_is_too_large(along: Along) -> None:
    """Keep what comes first, which is the letter's own paper, as far as mail servers take it."""
    total = 0
    for each in list(along.files):
        if total + len(each.content) > enclosures.MOST_BYTES:
            along.files.remove(each)
            along.lacks.append(Lack(each.name, TOO_LARGE))
        else:
            total += len(each.content)


def _go_without(message: Message) -> None:
    key, case, letter = key_of(message.keeper), message.case, message.letter
    if key is not None and case is not None and letter is not None:
        name = letter_papers.file_name(case.reference, letter.document, letter.written_at)
        lacking.note(message, key, [Lack(name, NOT_SET)])
