"""What carries messages out: one carrier for each kind of account, named in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ombud.correspondence.models import Account


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A message with everything that its carrier needs, in clear: it lives as long as the sending takes."""

    id: str
    address: str
    name: str
    subject: str
    text: str  # plain, with Markdown's lists and links as letters have them
    language: str
    reference: str  # of its case, or empty
    link: str = ""  # to its case
    is_letter: bool = False  # of the policy's, with a subject that says what it is
    answers: str = ""  # id there of the message that it answers
    thread: tuple[str, ...] = ()  # ids there of what was said before, oldest first
    enclosures: Sequence[Enclosure] = ()
    signature: Sequence[str] = ()  # lines of who writes
    is_automatic: bool = False  # nobody of ours wrote it or did what it tells of


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What is known of a message once its carrier took it."""

    id: str  # there
    template: str = ""  # by which of the account's it went, where the platform lets nobody be answered freely


class Refused(Exception):
    """The other side does not take it, now or later; the words are the provider's."""


class WindowClosed(Refused):
    """The platform lets us answer only for some hours after somebody spoke, and these are over."""


class TemplateRefused(WindowClosed):
    """Nor does the platform take the template that may go out then; the words are the provider's."""


class TryAgain(Exception):
    """It could not be handed over now; the words are the provider's."""


class AccountFailed(TryAgain):
    """Nothing can be handed over through this account now."""


class Session(Protocol):
    """An open way out."""

    def send(self, parcel: Parcel) -> HandedOver:
        """Hand a message over. Raises Refused, TryAgain, AccountFailed."""


class Carrier(Protocol):
    """Carries the messages of a kind of account."""

    def session(self, account: Account) -> AbstractContextManager[Session]:
        """Open a way out. Raises AccountFailed."""


def carrier_of(kind: str) -> Carrier:
    """Return what carries messages of a kind of account. Raises KeyError."""
    made: Carrier = import_string(settings.MESSAGE_CARRIERS[kind])()
    return made
