"""Sorts what providers' calls brought in, beside the requests: files are fetched first, then it is said whose it is."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial

from django.utils import timezone

from ombud.channels import arrived, providers, sorting
from ombud.channels.mail import threading as tokens
from ombud.channels.message_files import files_of
from ombud.channels.providers import Media
from ombud.channels.registry import PROVIDERS
from ombud.channels.sorting import Clues
from ombud.correspondence import enclosures, wording
from ombud.correspondence.carriers import AccountFailed, Enclosure, Refused, TryAgain
from ombud.correspondence.models import Account, Message

STAY, LOOK = 60, 1.0  # seconds: with one account, and between two looks at what came in
TOGETHER = 100 * 1024 * 1024  # bytes of one message's files: beyond, no other is fetched, as all are held in memory


class Hearing:
    """The receiver of what providers' calls bring."""

    def receive(self, account: Account, stop: threading.Event) -> None:
        """Sort what comes in for a minute. Raises AccountFailed."""
        for _ in range(int(STAY / LOOK)):
            while sort_arrived(account, now=timezone.now()) >= arrived.BATCH:
                pass
            if stop.wait(LOOK):
                return


def sort_arrived(account: Account, *, now: datetime) -> int:
    """Say of each message that arrived whose it is, and return how many; call again while it is a full batch."""
    return arrived.sort(account, partial(_decide, now=now), now=now)


def _decide(message: Message, account: Account, *, now: datetime) -> None:
    sorting.sort(message, clues_of(message, account, now=now), now=now)


def clues_of(message: Message, account: Account, *, now: datetime) -> Clues:
    """Return what a message tells of whose it is, with its files fetched. Raises TryAgain."""
    details = dict(wording.part(message, wording.DETAILS) or {})
    if media := [Media(**each) for each in details.get("media", ())]:
        _fetch(message, account, media, now)
    return Clues(
        reference=tokens.reference_of(str(wording.part(message, wording.TEXT))) or "",
        answers=tuple(filter(None, [details.get("answers")])),
        is_talk=True,
        files=tuple(files_of(message)),
    )


def _fetch(message: Message, account: Account, media: list[Media], now: datetime) -> None:
    """Fetch the files of a message and keep them with it, once; what cannot be had is named."""
    provider = PROVIDERS[account.kind]
    if provider.fetch is None or wording.part(message, wording.FILES):
        return
    held = providers.held(provider, account, now=now)
    files: list[Enclosure] = []
    lost: list[str] = []
    for each in media:
        try:
            if sum(len(file.content) for file in files) > TOGETHER:
                raise Refused("Too many files.")
            files.append(Enclosure(each.name, provider.fetch(each, held), ""))
        except (Refused, AccountFailed):
            lost.append(each.name)
        except TryAgain:
            if message.attempts < arrived.ATTEMPTS:
                raise
            lost.append(each.name)
    enclosures.add(message, files, lost)
