"""What people decide about a message that came in and is nobody's yet: whose it is, or that it is no complaint."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.correspondence import wording
from ombud.correspondence.models import Message
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.keys import key_of

State = Message.State
OPEN = (State.ARRIVED, State.WAITING, State.QUARANTINED)  # somebody has still to say whose it is


class SettledMeanwhile(Exception):
    """Somebody else has settled the message since it was looked at."""


class ReasonMissing(Exception):
    """A message is put aside for a reason only."""


def dismiss(message: Message, *, reason: str, by: Person, now: datetime) -> None:
    """Say that a message is no complaint, and why. Raises ReasonMissing, SettledMeanwhile."""
    reason = plain(reason, lines=True)[:1000]
    if not reason:
        raise ReasonMissing
    with transaction.atomic():
        row = locked(message)
        key = key_of(row.keeper)
        if key is not None:
            wording.seal(row, key, {wording.REASON: reason})
        _settle(row, State.DISMISSED, by=by, now=now)


def restore(message: Message, *, by: Person, now: datetime) -> None:
    """Take back that a message is no complaint: it waits again. Raises SettledMeanwhile."""
    with transaction.atomic():
        _settle(locked(message, (State.DISMISSED,)), State.WAITING, by=by, now=None)


def release(message: Message, *, by: Person, now: datetime) -> None:
    """Let a message out of quarantine: it waits among the others. Raises SettledMeanwhile."""
    with transaction.atomic():
        _settle(locked(message, (State.QUARANTINED,)), State.WAITING, by=by, now=None)


def locked(message: Message, states: tuple[State, ...] = OPEN) -> Message:
    """Return the message as it is now, locked. Raises SettledMeanwhile where it is in none of these states."""
    row = Message.objects.select_for_update(of=("self",)).select_related("keeper", "account").get(pk=message.pk)
    if row.is_out or row.state not in states:
        raise SettledMeanwhile
    return row


def _settle(row: Message, state: State, *, by: Person, now: datetime | None) -> None:
    Message.objects.filter(pk=row.pk).update(state=state, settled_at=now, by=by, sealed=row.sealed)
