"""Viber: what people write to a bot."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api
from ombud.channels.viber import incoming, outgoing

PROVIDER = Provider(
    title="Viber",
    entries=(
        Entry(
            name="token",
            label=_("Token of the bot"),
            is_secret=True,
            help=_("The test tells Viber our address."),
        ),
        Entry(name="sender", label=_("Name of the sender"), help=_("As people see it; 28 letters at most.")),
        api(outgoing.API),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=7000,
)
