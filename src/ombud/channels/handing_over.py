"""Hands messages over to providers: in time, in a length that they take, and to whom they know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.utils import timezone

from ombud.channels import providers
from ombud.channels.providers import Held, Provider
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import accounts, talks
from ombud.correspondence.carriers import HandedOver, Parcel, Refused, Session, TemplateRefused, WindowClosed
from ombud.correspondence.models import Account, Message
from ombud.texts import Catalogue, spoken

WORDS = Catalogue("ombud.channels", "spoken.yaml")


class Messaging:
    """The carrier of every provider of messages."""

    @contextmanager
    def session(self, account: Account) -> Iterator[Session]:
        """Return a way out; each message is a call of its own."""
        yield _Open(account)


class _Open:
    """An account of a provider."""

    def __init__(self, account: Account) -> None:
        self._account, self._provider = account, PROVIDERS[account.kind]

    def send(self, parcel: Parcel) -> HandedOver:
        """Hand a message over. Raises as the provider's `send`.

        Where the platform lets nobody be answered freely any more it goes as the account's template, if it has one.
        """
        now = timezone.now()
        held = providers.held(self._provider, self._account, now=now)
        bare = replace(parcel, address=parcel.address.removeprefix(f"{self._account.kind}:"))
        try:
            if not talks.is_window_open(self._account, parcel.address, now=now):
                raise WindowClosed("window")
            is_sms = accounts.way_of(self._account.kind) == Message.Way.SMS
            there, template = self._provider.send(replace(bare, text=_text(parcel, self._provider, is_sms)), held), ""
        except WindowClosed:
            if self._provider.send_template is None or not talks.has_template(self._account):
                raise
            there, template = _by_template(self._provider.send_template, bare, held), held[talks.TEMPLATE]
        known = Message.objects.filter(account=self._account, is_out=True, external_id=there)
        # A gateway may call all messages the same: then what it reports is of none of them.
        return HandedOver(f"{there[:200]}#{parcel.id}" if there and known.exists() else there, template)


def _by_template(send: Callable[[Parcel, Held], str], parcel: Parcel, held: Held) -> str:
    """Send a template; one that is refused, as a provider may withdraw it at any time, leaves the next way."""
    try:
        return send(parcel, held)
    except Refused as error:
        raise TemplateRefused(str(error)) from error


def _text(parcel: Parcel, provider: Provider, is_sms: bool) -> str:
    """Return what is written: the text with a letter's title, or where it is too long what it is and where it lies."""
    whole = f"{parcel.subject}\n\n{parcel.text}" if parcel.is_letter else parcel.text
    has_files = bool(parcel.enclosures) and not provider.takes_files
    if parcel.reference and (len(whole) > provider.longest or has_files or (is_sms and parcel.is_letter)):
        said = WORDS.say("short", subject=parcel.subject, reference=parcel.reference, link=parcel.link)
        return spoken(said, parcel.language)
    if len(whole) > provider.longest:  # of no case, so that there is no page where it could be read
        raise Refused(f"{len(whole)} > {provider.longest}")
    return whole
