"""WhatsApp, through Meta's Cloud API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels import meta
from ombud.channels.providers import Entry, Provider
from ombud.channels.whatsapp import incoming, outgoing

PROVIDER = Provider(
    title="WhatsApp",
    entries=(
        Entry(name="phone_number_id", label=_("Phone number id")),
        *meta.ENTRIES,
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=4000,
)
