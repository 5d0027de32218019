"""An account at a provider of messages, with the other side of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.test import Client
from django.utils import timezone

from builders import after
from carried import carry
from ombud.channels import hearing, hook_address
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import wording
from ombud.correspondence.accounts import keep_secrets
from ombud.correspondence.models import Account, Message
from provider_server import ProviderServer
from weixin_calls import AES_KEY


class Provided:
    """One account of a kind; `server` is the provider's."""

    row: Account

    def __init__(self, server: ProviderServer, clock: time_machine.Traveller) -> None:
        self.server, self._clock = server, clock

    @property
    def now(self) -> datetime:
        return timezone.now()

    def at(self, minutes: float) -> None:
        """Let it be so many minutes after START."""
        self._clock.move_to(after(minutes))

    def account(self, kind: str, secrets: Mapping[str, str], *, key: str = "", **options: str) -> Account:
        """Enter an account that files nothing by itself."""
        self.row = Account(
            key=key or kind, kind=kind, title=f"Our {kind}", policy="customer-complaints", channel="social",
            files=False, options=options,
        )  # fmt: skip
        keep_secrets(self.row, secrets)
        self.row.save()
        return self.row

    def complete(self, kind: str, secret: str, *, key: str = "", **options: str) -> Account:
        """Enter an account with all that its provider asks for, the secret wherever nothing else is usual."""
        asked = [each for each in PROVIDERS[kind].entries if each.is_needed or each.is_secret]
        entered = {each.name: AES_KEY if each.name == "aes_key" else each.usual or secret for each in asked} | options
        secrets = {each.name: entered.pop(each.name) for each in asked if each.is_secret}
        return self.account(kind, secrets, key=key, **entered)

    @property
    def path(self) -> str:
        return urlsplit(hook_address.of(self.row)).path

    def call(
        self, body: bytes, headers: Mapping[str, str], query: str = "", content_type: str = "application/json"
    ) -> Any:
        """Call the hook as the provider does."""
        return Client().post(self.path + query, data=body, content_type=content_type, headers=dict(headers))

    def sort(self) -> int:
        """Sort what came in, as the account's thread does."""
        return hearing.sort_arrived(self.row, now=self.now)

    def carry(self) -> None:
        """Tell, write letters and send, as the clock and the carriers do."""
        carry(now=self.now)

    def heard(self) -> list[Message]:
        """Return what came in, oldest first."""
        return list(Message.objects.filter(is_out=False, account=self.row).order_by("had_at", "said_at", "id"))

    def sent(self) -> list[Message]:
        """Return what went out, oldest first."""
        return list(Message.objects.filter(is_out=True).order_by("had_at", "id"))

    def words(self, message: Message, part: str = wording.TEXT) -> Any:
        """Return a part of a message."""
        return wording.part(message, part)
