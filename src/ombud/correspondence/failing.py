"""Tells a case that a message reached nobody: an event of its policy's base, with the duty to try another way."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from ombud.cases import commands
from ombud.cases.errors import Refused
from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.correspondence import invitations
from ombud.correspondence.models import Message
from ombud.engine.model import CLOCK_ACTOR
from ombud.notices.alerts.asking import tell
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice
from ombud.policy.vocabulary import COMPLAINANT, REPORT_UNDELIVERED, UNDELIVERED
from ombud.texts import Text, same

log = logging.getLogger(__name__)

BATCH = 200
NO_EVENT = 0  # instead of the event's number: the case takes none any more, or its policy knows no such act


def report(*, now: datetime) -> int:
    """Tell the cases of messages that failed, and return of how many."""
    rows = Message.objects.filter(state=Message.State.FAILED, failed_seq=None).order_by("id")
    found = list(rows.values_list("pk", flat=True)[:BATCH])
    for pk in found:
        with transaction.atomic():
            _tell(Message.objects.select_related("case", "letter").get(pk=pk), now)
    return len(found)


def _tell(message: Message, now: datetime) -> None:
    """Write the event, or where none can be written tell the service department; both once."""
    seq = NO_EVENT
    if invitations.is_invitation(message):  # it was a question, and nothing that has to be said otherwise
        Message.objects.filter(pk=message.pk).update(failed_seq=NO_EVENT)
        return
    if message.case is not None and message.to == COMPLAINANT:
        try:
            performed = commands.perform(
                message.case,
                REPORT_UNDELIVERED,
                actor=CLOCK_ACTOR,
                at=now,
                now=now,
                data={UNDELIVERED: _called(message, message.case)},
            )
        except Refused as refused:
            log.debug("message %s: %s", message.pk, refused.refusals[0].code if refused.refusals else "refused")
        else:
            seq = performed.events[-1].seq
    if message.case is not None and seq == NO_EVENT:
        tell(_notices(message, now), now=now)
    Message.objects.filter(pk=message.pk).update(failed_seq=seq)


def _called(message: Message, case: Case) -> Text:
    """Return what the message was, in every language that there is: each reads it in their own."""
    program = program_of(case)
    document = program.pack.documents.get(message.letter.document) if message.letter else None
    if document:
        return dict(document.title)
    return dict(program.title_of(message.act)) if message.act else same(message.way)


def _notices(message: Message, now: datetime) -> list[Notice]:
    assert message.case is not None, "only a case has a service department"
    return [
        Notice(
            person=person,
            case=message.case,
            kind=Notice.Kind.UNDELIVERED,
            act=message.act,
            at=now,
            dedupe=f"message/{message.pk}/{person.pk}",
        )
        for person in Readers().serving(message.case)
    ]
