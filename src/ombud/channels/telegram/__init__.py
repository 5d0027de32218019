"""Telegram: what people write to a bot."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api
from ombud.channels.telegram import incoming, outgoing

PROVIDER = Provider(
    title="Telegram",
    entries=(
        Entry(name="token", label=_("Token of the bot"), is_secret=True),
        Entry(
            name="secret",
            label=_("Secret of the webhook"),
            is_secret=True,
            help=_("You make it up: letters and digits. The test tells it to Telegram, with our address."),
        ),
        api(outgoing.API),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=4000,
)
