"""Messages that people write: queued for some seconds, in which they can be called back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases import outbox
from ombud.cases.commands import Performed, perform
from ombud.cases.models import Case
from ombud.correspondence import accounts, attempts, enclosures, going_out, originals, settling, wording
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.models import Account, Message
from ombud.engine.model import Actor
from ombud.organisation.models import Person
from ombud.policy.model.pack import Pack
from ombud.policy.model.records import Document
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import key_of

State = Message.State


class Unsendable(Exception):
    """Nothing can be sent: no address, or no account that sends."""


class GoneAlready(Exception):
    """The message has left the house: it can be called back no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What somebody wrote, and to whom."""

    name: str
    address: str
    subject: str
    text: str
    language: str
    to: str = COMPLAINANT  # the role that it goes to
    files: Sequence[Enclosure] = ()
    answers: Message | None = None
    passed_over: Sequence[str] = ()  # accounts that its receiver would rather be told through


def letter_of(pack: Pack, act: str, to: str) -> Document | None:
    """Return the letter to a role that an act sends by itself, None where it sends none."""
    written = (each for each in pack.documents.values() if act in each.after and each.to == to)
    return next(written, None)


def tell(
    case: Case,
    draft: Draft | None,
    act: str,
    *,
    actor: Actor,
    data: Mapping[str, Any],
    seen: int,
    by: Person,
    now: datetime,
) -> Performed:
    """Perform the act that a message is, and queue the message with its event: both or neither.

    Without a draft the act's own letter is what goes out. Raises what `perform` and `queue` raise.
    """
    with transaction.atomic():
        performed = perform(case, act, actor=actor, at=now, now=now, data=data, seen=seen)
        if draft is not None:
            seq = next((event.seq for event in performed.events if event.act == act), None)
            queue(case, draft, by=by, now=now, send_at=now, act=act, seq=seq)
    return performed


def queue(
    case: Case, draft: Draft, *, by: Person, now: datetime, send_at: datetime, act: str = "", seq: int | None = None
) -> Message:
    """Queue a message to somebody outside, sealed under the complainant's key.

    `act` is what it performs and `seq` its event. Raises Unsendable, TooLarge.
    """
    account, keeper = accounts.speaking(case, draft.address), case.complainant
    key = key_of(keeper)
    if account is None or not draft.address or keeper is None or key is None:
        raise Unsendable
    message = going_out.of_case(case, State.QUEUED, to=draft.to, act=act, seq=seq, now=now)
    _address(message, draft, account, by=by, send_at=send_at)
    _keep(message, key, draft)
    return message


def answer(incoming: Message, draft: Draft, *, by: Person, now: datetime, send_at: datetime) -> Message:
    """Answer a message that is no case's, which is settled by that. Raises Unsendable, TooLarge, SettledMeanwhile."""
    with transaction.atomic():
        row = settling.locked(incoming)
        key = key_of(row.keeper)
        account = row.account if row.account is not None and row.account.sends else None
        account = account or accounts.sending(row.policy, office=row.office_id)
        if account is None or not draft.address or key is None:
            raise Unsendable
        message = going_out.of_nobody(row.keeper, State.QUEUED, now=now)
        _address(message, draft, account, by=by, send_at=send_at)
        message.policy, message.office, message.answers = row.policy, row.office, row
        _keep(message, key, draft)
        Message.objects.filter(pk=row.pk).update(state=State.ANSWERED, settled_at=now, by=by)
    return message


def say_back(incoming: Message, text: str, *, language: str, now: datetime) -> None:
    """Queue what the program says back by itself to who said a message; it is not settled by that."""
    key, account = key_of(incoming.keeper), incoming.account
    if account is None or not account.sends or key is None:
        return
    address, name = (str(wording.part(incoming, each)) for each in (wording.ADDRESS, wording.NAME))
    draft = Draft(name=name, address=address, subject="", text=text, language=language, answers=incoming)
    message = going_out.of_nobody(incoming.keeper, State.QUEUED, now=now)
    _address(message, draft, account, by=None, send_at=now)
    message.policy, message.office, message.case = incoming.policy, incoming.office, incoming.case
    message.to = incoming.to
    _keep(message, key, draft)


def note(
    case: Case,
    way: Message.Way,
    *,
    is_out: bool,
    text: str,
    said_at: datetime,
    by: Person,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    act: str = "",
) -> Message:
    """Write down what was said elsewhere: on the telephone, at the counter, in a letter. Raises Unsendable once erased.

    It stands in the conversation at the time at which it was said, for staff only. A call that is to be tried again,
    for that `act`, reminds who wrote it down at that time.
    """
    key = key_of(case.complainant)
    if key is None or case.complainant is None:
        raise Unsendable
    message = Message(
        is_out=is_out,
        way=way,
        state=State.DELIVERED if is_out else State.ATTACHED,
        case=case,
        policy=case.policy,
        office=case.office,
        keeper=case.complainant,
        language=case.language,
        said_at=said_at,
        had_at=now,
        to=COMPLAINANT,
        by=by,
        settled_at=now,
    )
    wording.seal(message, key, {wording.TEXT: text, wording.DETAILS: details})
    tried = attempts.read(details or {})
    with transaction.atomic():
        message.save(force_insert=True)
        if tried is not None:
            outbox.forget_calls(case, now=now)
        if tried is not None and tried[1] is not None:
            outbox.call_again(case, by, act, attempt=str(message.pk), at=tried[1], now=now)
    return message


def call_back(message: Message, *, now: datetime) -> None:
    """Take back what has not been sent yet; what it answered waits again. Raises GoneAlready."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, is_out=True, state=State.QUEUED, letter=None, lease_until=None)
        if not waiting.filter(send_at__gt=now).update(state=State.WITHDRAWN, settled_at=now):
            raise GoneAlready
        if message.answers_id is not None and message.case_id is None:
            answered = Message.objects.filter(pk=message.answers_id, state=State.ANSWERED)
            answered.update(state=State.WAITING, settled_at=None)


def _address(message: Message, draft: Draft, account: Account, *, by: Person | None, send_at: datetime) -> None:
    """Say through which account and when a message goes to the address of a draft, and who wrote it."""
    message.way, message.account = accounts.way_of(account.kind), account
    message.address, message.language = wording.blind_address(draft.address), draft.language[:16]
    message.answers, message.by, message.send_at = draft.answers, by, send_at


def _keep(message: Message, key: bytes, draft: Draft) -> None:
    files = enclosures.enclose(message, key, draft.files) if draft.files else []
    parts = {
        wording.ADDRESS: draft.address,
        wording.NAME: draft.name,
        wording.SUBJECT: draft.subject,
        wording.TEXT: draft.text,
        wording.FILES: files,
        wording.PASSED_OVER: list(draft.passed_over),
    }
    wording.seal(message, key, parts)
    try:
        message.save(force_insert=True)
    except BaseException:
        originals.remove(message.stored_as)
        raise
