"""What a letter went out without, because it could not be made: noted with its message, and sent by another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ombud.correspondence import wording
from ombud.correspondence.models import Message
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

NO_FONT, NOT_SET, TOO_LARGE, NOT_STORED = "no-font", "not-set", "too-large", "not-stored"
INFECTED, UNSCANNED = "infected", "unscanned"  # as contents.withheld says


@dataclass(frozen=True, slots=True)
class Lack:
    """A file that could not be put into a letter, and why, in one of the words above."""

    name: str
    why: str


def note(message: Message, key: bytes, lacks: Sequence[Lack]) -> None:
    """Put into a message, not saved, what it goes without."""
    message.lacks = bool(lacks)
    wording.seal(message, key, {wording.LACKING: [[each.name, each.why] for each in lacks]})


def went_without(message: Message) -> bool:
    """Return whether a message has left without something, and nobody decided what becomes of that."""
    return message.lacks and message.state not in (Message.State.QUEUED, Message.State.FAILED)


def of(message: Message, vault: Vault) -> tuple[Lack, ...]:
    """Return what a message went without."""
    return tuple(Lack(str(name), str(why)) for name, why in wording.part(message, wording.LACKING, vault) or ())


def send_again(message: Message, *, now: datetime) -> bool:
    """Queue the letter once more to the same address, for what it lacked to go along; False where that was done.

    Another message, not the same: a mail program that knows the first one's id would not show it.
    """
    key = key_of(message.keeper)
    if key is None:
        return False
    vault = wording.vault_of(message, key)
    kept = {part: wording.part(message, part, vault) for part in (wording.NAME, wording.ADDRESS, wording.PASSED_OVER)}
    with transaction.atomic():
        if not Message.objects.filter(pk=message.pk, lacks=True).update(lacks=False):
            return False
        same = ("way", "account", "case", "policy", "office", "keeper", "address", "language", "to", "letter", "act")
        again = Message(
            is_out=True,
            state=Message.State.QUEUED,
            awaits_enclosures=True,
            seq=message.seq,
            said_at=now,
            had_at=now,
            send_at=now,
            **{name: getattr(message, name) for name in same},
        )
        wording.seal(again, key, kept)
        again.save(force_insert=True)
    return True
