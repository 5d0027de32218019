"""Carries messages in and out beside the clock: for each account a thread that fetches and one that sends.

A server that hangs holds up its own account only. Threads of several processes may be at one account: what they claim
is leased, and what comes in is taken in once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from ombud.correspondence import accounts, delivery, outcomes
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account, Message

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two looks at what is to be carried
MOST = 32  # accounts that are carried at the same time, each way


class Receiver(Protocol):
    """Brings in what is new at accounts of a kind."""

    def receive(self, account: Account, stop: threading.Event) -> None:
        """Take in and sort what is new, for a minute at most. Raises AccountFailed."""


class Carrying:
    """The threads of one process."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._running: dict[tuple[str, int], threading.Thread] = {}

    def run(self) -> None:
        """Look every second for what is to be carried, until told to stop."""
        while not self._stop.is_set():
            try:
                close_old_connections()
                self.look()
            except Exception:  # the database may be away for a moment; what waits is still there when it is back
                log.exception("carrying: cannot look")
            self._stop.wait(EVERY)
        self.join()
        connection.close()

    def join(self) -> None:
        """Wait for what is being carried: as long as whoever waits for this thread has patience."""
        for thread in self._running.values():
            thread.join()

    def look(self) -> None:
        """Begin to carry what waits at accounts where nobody is at it."""
        now = timezone.now()
        self._running = {key: thread for key, thread in self._running.items() if thread.is_alive()}
        active = list(Account.objects.filter(is_active=True))
        rested = [each for each in active if each.paused_until is None or each.paused_until <= now]
        queued = set(
            Message.objects.filter(
                state=Message.State.QUEUED, send_at__lte=now, awaits_enclosures=False, account__in=rested
            )
            .values_list("account", flat=True)
            .distinct()
        )
        for account in rested:
            if account.sends and account.pk in queued:
                self._begin("out", account, lambda account: send(account, self._stop))
        # Mail has to be fetched from the server that fails; what a provider's calls brought is here already.
        heard = [*rested, *(each for each in active if each not in rested and each.kind != accounts.MAIL)]
        for account in heard:
            if account.takes_in and account.kind in settings.MESSAGE_RECEIVERS:
                self._begin("in", account, lambda account: receive(account, self._stop))

    def _begin(self, way: str, account: Account, work: Callable[[Account], None]) -> None:
        if (way, account.pk) in self._running or len(self._running) >= 2 * MOST:
            return
        thread = threading.Thread(target=_guarded, args=[work, account], name=f"{way} {account.key}", daemon=True)
        self._running[way, account.pk] = thread
        thread.start()


def start(stop: threading.Event) -> threading.Thread:
    """Begin to carry messages in this process and return the thread that looks after the others."""
    thread = threading.Thread(target=Carrying(stop).run, name="carrying", daemon=True)
    thread.start()
    return thread


def send(account: Account, stop: threading.Event) -> None:
    """Hand over all that waits at an account, and hear what was said of it meanwhile."""
    while delivery.deliver(account, now=timezone.now(), until=stop.is_set) >= delivery.BATCH:
        outcomes.catch_up(account, now=timezone.now())
    outcomes.catch_up(account, now=timezone.now())


def receive(account: Account, stop: threading.Event) -> None:
    """Take in and sort what is new at an account; one that fails rests."""
    receiver: Receiver = import_string(settings.MESSAGE_RECEIVERS[account.kind])()
    try:
        receiver.receive(account, stop)
    except AccountFailed as error:
        delivery.rest(account, error, timezone.now())


def _guarded(work: Callable[[Account], None], account: Account) -> None:
    try:
        work(account)
    except Exception:
        log.exception("account %s", account.key)
        delivery.rest(account, RuntimeError("A fault of the program; the log says more."), timezone.now())
    finally:
        connection.close()
