"""Brings in the mail of an account: waits where the server says when there is some, else looks now and then."""

from __future__ import annotations

import threading

from django.utils import timezone
from imap_tools import BaseMailBox

from ombud.channels.mail import fetching, ingest, servers
from ombud.correspondence import delivery
from ombud.correspondence.models import Account

STAY = 60.0  # seconds with one connection
LISTEN = 5.0  # seconds between two looks whether the process is to end


class Mailbox:
    """The receiver of mail."""

    def receive(self, account: Account, stop: threading.Event) -> None:
        """Take in and sort what is new, then wait for more, for a minute. Raises AccountFailed."""
        with servers.incoming(account) as mailbox:
            delivery.recover(account)
            _take_in(mailbox, account, stop)
            can_idle = "IDLE" in mailbox.client.capabilities
            for _ in range(int(STAY / LISTEN)):
                if stop.is_set():
                    return
                if not can_idle:
                    stop.wait(LISTEN)
                elif mailbox.idle.wait(timeout=LISTEN):
                    _take_in(mailbox, account, stop)


def _take_in(mailbox: BaseMailBox, account: Account, stop: threading.Event) -> None:
    fetching.fetch_from(mailbox, account, stop.is_set)
    while ingest.sort_arrived(account, now=timezone.now()) >= ingest.BATCH:
        pass
