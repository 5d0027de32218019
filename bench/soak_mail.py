"""A mail server that takes its time, and breaks off when it is told to; it notes under which ids mails came."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from bench import place


class SlowMail:
    """Takes every mail, each after `delay` seconds."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.taken: Counter[tuple[str, str]] = Counter()  # (Message-ID, recipient)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # as aiosmtpd calls it
        """Take a mail, slowly; whoever hangs up meanwhile sends it again."""
        await asyncio.sleep(self.delay)
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken.update((name, each) for each in envelope.rcpt_tos)
        return "250 taken"

    @property
    def again(self) -> int:
        """Return how many mails came more than once under one id: a server that knows ids shows them once."""
        return sum(count - 1 for count in self.taken.values())


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[SlowMail, int]]:
    """Yield the mail server and its port."""
    slow, port = SlowMail(), place.free_port()
    controller = Controller(slow, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield slow, port
    finally:
        controller.stop()
