"""A post office for each module, and a desk beside it for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

import post_offices
from cast import Cast
from channels.clauses.walking import Begin, Walk
from post_offices import PASSWORD, USER, PostOffice, account_at


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    """A real server for mailboxes, in memory: what is sent to anybody lies in its one mailbox."""
    with post_offices.in_memory() as found:
        yield found


@pytest.fixture
def begin(db: None, office: PostOffice, media: Path, settings: Any) -> Iterator[Begin]:
    """Return a function that makes a desk of a policy's people, whose mailbox takes complaints in."""
    office.empty()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.smtp_port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    settings.OMBUD_SENDS_MAIL = True
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False) as clock:

        def made(make: Callable[[], Cast], policy: str) -> Walk:
            cast, account = make(), account_at(office)
            account.policy, account.channel = policy, "email"
            account.save()
            return Walk(office, account, cast, clock)

        yield made
