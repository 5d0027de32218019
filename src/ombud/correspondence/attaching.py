"""Makes a message that came in a case's: sealed anew under its complainant's key, and told to who handles it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from ombud.cases.models import Case
from ombud.correspondence import originals, settling, talks, wording
from ombud.correspondence.models import Message
from ombud.notices.alerts.asking import tell
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy import keys
from ombud.privacy.models import BlindIndex

_CHANGED = ("case", "to", "policy", "office", "state", "seq", "settled_at", "by", "keeper", "sealed", "stored_as")


class Erased(Exception):
    """The case's complainant was erased: nothing personal is taken in any more."""


def attach(
    message: Message,
    case: Case,
    *,
    now: datetime,
    state: Message.State = Message.State.ATTACHED,
    seq: int | None = None,
    by: Person | None = None,
    is_telling: bool = True,
) -> None:
    """Make a message belong to a case. Raises Erased, and SettledMeanwhile where somebody said whose it is before.

    `seq` is the event that took up what it says, where there is one.
    """
    if case.complainant is None or case.complainant.wrapped_key is None:
        raise Erased
    with transaction.atomic():
        locked = settling.locked(message)
        own, before = locked.keeper, ""
        if own.pk != case.complainant.pk:
            before = wording.hand_over(locked, case.complainant)
        locked.case, locked.policy, locked.office = case, case.policy, case.office
        locked.state, locked.seq, locked.settled_at = state, seq, now
        locked.by = by or locked.by
        if talks.is_talk(locked) and (state == Message.State.FILED or talks.is_complainants(locked, case)):
            locked.to = COMPLAINANT  # it is their own word, whatever they are known by otherwise
        # No `save`: where the answer of the database is not waited for, it would take the row for missing.
        Message.objects.filter(pk=locked.pk).update(**{name: getattr(locked, name) for name in _CHANGED})
        if own.pk != case.complainant.pk and not own.messages.exists():
            keys.destroy(own, now=now)
        if is_telling:
            _tell(locked, case, now)
        # Only once it stands: whoever undoes this needs the original under the key that it had.
        transaction.on_commit(partial(originals.remove, before))
    for name in _CHANGED:
        setattr(message, name, getattr(locked, name))


def is_of(message: Message, case: Case) -> bool:
    """Return whether the other side of a message is somebody whom the case knows: its complainant, or who was told."""
    if not message.address:
        return False
    known_by = wording.known_by(message)
    known = BlindIndex.objects.filter(complainant=case.complainant, digest__in=known_by)
    told = Message.objects.filter(case=case, address__in=known_by, is_out=True)
    return known.exists() or told.exists() or talks.is_complainants(message, case)


def _tell(message: Message, case: Case, now: datetime) -> None:
    """Tell the handler, or where there is none the service department, that something was said."""
    readers = Readers()
    people = [case.handler] if case.handler is not None else readers.serving(case)
    notices = [
        Notice(person=person, case=case, kind=Notice.Kind.MESSAGE, at=now, dedupe=f"message/{message.pk}/{person.pk}")
        for person in people
    ]
    tell(notices, now=now)
