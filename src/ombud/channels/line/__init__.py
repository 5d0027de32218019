"""LINE: what people write to an official account."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.line import incoming, outgoing
from ombud.channels.providers import Entry, Provider, api

PROVIDER = Provider(
    title="LINE",
    entries=(
        Entry(name="channel_secret", label=_("Channel secret"), is_secret=True),
        Entry(name="token", label=_("Channel access token"), is_secret=True),
        api(outgoing.API),
        Entry(
            name="data_api",
            label=_("Address of the API for files"),
            usual=outgoing.DATA_API,
            is_needed=False,
            is_address=True,
        ),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=5000,
)
