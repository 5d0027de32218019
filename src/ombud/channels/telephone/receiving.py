"""Sorts what a telephone system told: a voicemail files a complaint where the account does, a call waits for people."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial

from django.utils import timezone

from ombud.channels import arrived, sorting
from ombud.channels.message_files import files_of
from ombud.channels.sorting import Clues
from ombud.channels.telephone import calls
from ombud.channels.telephone.events import Kind
from ombud.correspondence.models import Account, Message

STAY, LOOK = 60, 1.0  # looks, and seconds between them
CALLED, MISSED = "called", "missed"  # why a call waits


class Telephone:
    """The receiver of calls: they come by themselves, it only sorts them."""

    def receive(self, account: Account, stop: threading.Event) -> None:
        """Sort what came, for a minute."""
        for _ in range(STAY):
            if stop.is_set():
                return
            sort_arrived(account, now=timezone.now())
            stop.wait(LOOK)


def sort_arrived(account: Account, *, now: datetime) -> int:
    """Say of each call that is over what becomes of it, and return how many."""
    return arrived.sort(account, partial(_decide, now=now), now=now, is_whole=partial(calls.is_over, now=now))


def _decide(message: Message, account: Account, *, now: datetime) -> None:
    call = calls.details_of(message)
    if call.get("kind") == Kind.VOICEMAIL:
        sorting.sort(message, Clues(files=files_of(message)), now=now)
    else:
        why = MISSED if call.get("answered") is False else CALLED
        sorting.leave(message, Message.State.WAITING, why, now=now)
