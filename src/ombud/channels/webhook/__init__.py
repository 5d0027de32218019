"""The generic webhook: any app or service that signs its calls with a secret that both sides know."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider
from ombud.channels.webhook import incoming, outgoing

PROVIDER = Provider(
    title=_("Webhook (your own app, or any service)"),
    entries=(
        Entry(
            name="secret",
            label=_("Secret"),
            is_secret=True,
            help=_("At least 16 characters. Both sides sign with it."),
        ),
        Entry(
            name="url",
            label=_("Address that takes our messages"),
            is_needed=False,
            is_address=True,
            help=_("Without one, nothing is sent."),
        ),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=20_000,
    takes_files=True,
)
