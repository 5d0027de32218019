"""Says whose a message is that came in: a case's, a new complaint's, nobody's yet, or suspect."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from ombud.cases.errors import AttachmentRefused, NoPolicy, Refused
from ombud.cases.models import Case
from ombud.channels import confirming, filing
from ombud.channels.filing import Sent
from ombud.correspondence import attaching, outcomes, settling, talks, wording
from ombud.correspondence.models import Account, Message
from ombud.privacy import throttle
from ombud.privacy.keys import key_of

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
EACH, AN_ACCOUNT = 20, 1_000  # messages that one sender, and all together, have sorted by themselves within an hour
State = Message.State
# Why a message waits, or is suspect; shown in words on its page.
STRANGER, FORGED, TOO_MANY, INCOMPLETE, NOT_FILED, ERASED, SEVERAL, UNANSWERED, ASKED = (
    "stranger", "forged", "too-many", "incomplete", "not-filed", "erased", "several", "unanswered", "asked",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Clues:
    """What the way of a message knows of it that tells whose it is."""

    reference: str = ""  # a signed token of ours names this case
    answers: Sequence[str] = ()  # ids there of what it answers, nearest first
    about: Sequence[str] = ()  # ids of messages of ours that it reports on
    outcome: str = ""  # what it reports: FAILED, DELIVERED, READ; anything else changes nothing
    failure: str = ""  # in whose words
    is_talk: bool = False  # who says it goes on in the open case that they spoke on last
    is_automatic: bool = False  # a machine said it that nobody listens to
    is_unanswered: bool = False  # it asks not to be answered by a machine: people look at it first
    is_forged: bool = False  # our own server says that its sender is not who they say
    files: Sequence[Sent] = ()


def sort(message: Message, clues: Clues, *, now: datetime) -> Message.State:
    """Return what becomes of a message that arrived; done once, in one transaction each."""
    if clues.about:
        case = report(message.account, clues.about, clues.outcome, clues.failure, now=now)
        return _automatic(message, case, now)
    case = _case_of(message, clues) or (talks.case_of(message) if clues.is_talk else None)
    if clues.is_automatic:
        return _automatic(message, case, now)
    if case is not None:
        return _of_case(message, case, clues, now)
    if message.account is None or not message.account.files or not message.account.policy:
        return leave(message, State.WAITING, NOT_FILED, now=now)
    if clues.is_talk and not (confirming.is_yes(_text(message)) and len(talks.together(message)) > 1):
        confirming.ask(message, now=now)
        return leave(message, State.WAITING, ASKED, now=now)
    if clues.is_unanswered:
        return leave(message, State.WAITING, UNANSWERED, now=now)
    if _is_too_much(message, message.account, now):
        return leave(message, State.WAITING, TOO_MANY, now=now)
    state = _file(message, clues, now)
    if clues.is_talk and state == State.FILED:
        confirming.tell_filed(message, now=now)
    return state


def report(account: Account | None, about: Sequence[str], outcome: str, failure: str, *, now: datetime) -> Case | None:
    """Write down what became of messages of ours, and return the case of one of them.

    Who reports names them by ids that only who had them can know.
    """
    sent = Message.objects.filter(is_out=True, account=account, external_id__in=list(about)[:50])
    case = None
    for each in sent.select_related("keeper", "case__complainant"):
        case = each.case or case
        outcomes.apply(each, outcome, failure, now=now)
    return case


def leave(message: Message, state: Message.State, why: str, *, now: datetime, suspects: str = "") -> Message.State:
    """Leave a message to people, with the reason and the case that it may belong to; return how it stands.

    Whoever said meanwhile whose it is has the last word.
    """
    with transaction.atomic():
        try:
            row = settling.locked(message, (State.ARRIVED,))
        except settling.SettledMeanwhile:
            message.refresh_from_db(fields=["state", "case", "keeper", "sealed"])
            return State(message.state)
        key = key_of(row.keeper)
        assert key is not None, "it is not erased before it is sorted"
        details = dict(wording.part(row, wording.DETAILS) or {})
        wording.seal(row, key, {wording.DETAILS: {**details, "why": why, "suspects": suspects}})
        Message.objects.filter(pk=row.pk).update(state=state, sealed=row.sealed)
    message.state, message.sealed = state, row.sealed
    return state


def _case_of(message: Message, clues: Clues) -> Case | None:
    """Return the case that a token of ours names, else that of a message that we sent and this one answers."""
    if clues.reference:
        found = Case.objects.select_related("complainant", "office").filter(reference=clues.reference).first()
        if found is not None:
            return found
    if not clues.answers:
        return None
    sent = {
        each.external_id: each.case
        for each in Message.objects.filter(account=message.account, external_id__in=list(clues.answers)[:50])
        .filter(is_out=True)
        .select_related("case__complainant", "case__office")
    }
    return next((sent[each] for each in clues.answers if sent.get(each) is not None), None)


def _of_case(message: Message, case: Case, clues: Clues, now: datetime) -> Message.State:
    if clues.is_forged or not attaching.is_of(message, case):
        why = FORGED if clues.is_forged else STRANGER
        return leave(message, State.QUARANTINED, why, now=now, suspects=case.reference)
    try:
        attaching.attach(message, case, now=now)
    except attaching.Erased:
        return leave(message, State.WAITING, ERASED, now=now, suspects=case.reference)
    return State.ATTACHED


def _automatic(message: Message, case: Case | None, now: datetime) -> Message.State:
    """Keep what a program sent with its case, without a word to anybody; nobody answers it."""
    if case is not None:
        try:
            attaching.attach(message, case, now=now, state=State.AUTOMATIC, is_telling=False)
        except attaching.Erased:
            pass
        else:
            return State.AUTOMATIC
    Message.objects.filter(pk=message.pk, state=State.ARRIVED).update(state=State.AUTOMATIC, settled_at=now)
    return State.AUTOMATIC


def _is_too_much(message: Message, account: Account, now: datetime) -> bool:
    """Return whether so much came within the hour that people are to look first: nobody fills the register by mail.

    What is too much of one sender does not count for all: or whoever sends a thousand would shut out the others.
    """
    with transaction.atomic():
        of_one = throttle.attempt(f"sender:{message.address}"[:100], limit=EACH, window=HOUR, now=now)
        return not (of_one and throttle.attempt(f"account:{account.pk}", limit=AN_ACCOUNT, window=HOUR, now=now))


def _text(message: Message) -> str:
    return str(wording.part(message, wording.TEXT))


def _file(message: Message, clues: Clues, now: datetime) -> Message.State:
    try:
        filing.file(message, clues.files, now=now)
    except (Refused, NoPolicy, AttachmentRefused) as error:
        log.info("message %s is no complaint by itself: %s", message.pk, type(error).__name__)
        return leave(message, State.WAITING, INCOMPLETE, now=now)
    except IntegrityError:  # a complaint was filed of it before, by somebody else
        return leave(message, State.WAITING, SEVERAL, now=now)
    return State.FILED
