"""Messenger: what people write to a page on Facebook."""

from __future__ import annotations

from ombud.channels import meta
from ombud.channels.messenger import incoming, outgoing
from ombud.channels.providers import Provider

PROVIDER = Provider(
    title="Messenger",
    entries=meta.ENTRIES,
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=2000,
)
