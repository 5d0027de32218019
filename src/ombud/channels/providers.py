"""What a provider of messages is to us: what is entered for it, how its calls are read, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.correspondence import accounts, talks
from ombud.correspondence.carriers import Parcel
from ombud.correspondence.models import Account

Words = str | Promise


class NotTheirs(Exception):
    """The call was not signed by the provider, or is an old one."""


class Unreadable(Exception):
    """The call is not of the form that the provider documents."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing that is entered for an account of a provider."""

    name: str
    label: Words
    help: Words = ""
    usual: str = ""  # what holds where nothing is entered
    is_secret: bool = False  # sealed, and never shown again
    is_address: bool = False  # a server that the secrets are told to
    is_needed: bool = True
    is_long: bool = False
    is_json: bool = False  # a list or an object, as what is usual
    choices: tuple[tuple[str, Words], ...] = ()


def api(usual: str) -> Entry:
    """Return the entry for where a provider is called, usually there."""
    return Entry(name="api", label=_("Address of the API"), usual=usual, is_needed=False, is_address=True)


def parameters(usual: str, help: Words, *, is_needed: bool = True) -> Entry:
    """Return the entry for what is filled into a provider's template: JSON of the form of what is usual."""
    return Entry(
        name="parameters",
        label=_("Parameters of the template"),
        is_long=True,
        is_json=True,
        is_needed=is_needed,
        usual=usual,
        help=help,
    )


def template(label: Words, usual: str, help: Words) -> tuple[Entry, Entry]:
    """Return what is entered for the template that goes out where the platform lets nobody be answered freely."""
    by_name = Entry(
        name=talks.TEMPLATE, label=label, is_needed=False, help=_("Without it, the next way is taken then.")
    )
    return by_name, parameters(usual, help, is_needed=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An account with what was entered for it, in clear: it lives as long as one call takes."""

    account: Account
    values: Mapping[str, Any]
    now: datetime

    def __getitem__(self, name: str) -> str:
        return str(self.values.get(name) or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of a provider as it came; names of headers are in small letters."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A file that came with a message and has still to be fetched."""

    name: str
    source: str  # what its provider fetches it by


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One message as its provider tells it."""

    id: str
    sender: str  # who said it, by their id there
    text: str = ""
    name: str = ""
    at: datetime | None = None
    language: str = ""
    answers: str = ""  # id there of the message that it answers
    media: Sequence[Media] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What became of a message of ours."""

    id: str  # there
    outcome: str  # of outcomes: FAILED, DELIVERED, READ
    words: str = ""  # why it failed
    is_late: bool = False  # it failed because the platform lets nobody be answered so late


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a call tells, and what is answered to it."""

    heard: Sequence[Heard] = ()
    reports: Sequence[Report] = ()
    answer: str = "{}"
    content_type: str = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A provider; what it does raises as the functions say that are named in the comments."""

    title: Words
    entries: tuple[Entry, ...]
    read: Callable[[Call, Held], Taken]  # NotTheirs, Unreadable
    send: Callable[[Parcel, Held], str]  # returns the id there; carriers.Refused, TryAgain, AccountFailed, WindowClosed
    check: Callable[[Held], None]  # carriers.AccountFailed, with the provider's words, where we are not let in
    fetch: Callable[[Media, Held], bytes] | None = None  # carriers.TryAgain, Refused
    # Sends what the platform lets us send at any time, as `send`; where an account has a `template` entered.
    send_template: Callable[[Parcel, Held], str] | None = None
    longest: int = 2000  # letters of a text; a longer one is told by a link
    takes_files: bool = False  # otherwise a link leads to them
    is_by_number: bool = False  # senders are telephone numbers, +8613800138000


def held(provider: Provider, account: Account, *, now: datetime) -> Held:
    """Return an account of a provider with what was entered for it."""
    usual = {entry.name: entry.usual for entry in provider.entries if entry.usual}
    options = {name: value for name, value in account.options.items() if value}
    return Held(account=account, values={**usual, **options, **accounts.secrets_of(account)}, now=now)
