"""Whom letters go to where somebody complains for another: the representative, or the person; chosen by staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ombud.cases.commands import beside
from ombud.cases.models import Case, Event
from ombud.engine import State
from ombud.engine.model import Actor
from ombud.policy.event_names import LETTERS_TO
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import EMAIL, REASON, REPRESENTATIVE
from ombud.privacy.sealing import Vault, is_sealed

REPRESENTED = "person"  # for whom somebody complains; otherwise it is the representative, at the address that was given
TO = "to"


class NoAddress(ValueError):
    """The person for whom somebody complains has no mail address to write to."""


def is_for_another(state: State) -> bool:
    """Return whether somebody complains for another person, as far as the reader may know it."""
    said = state.facts.get(REPRESENTATIVE)
    return bool(said) and not is_sealed(said)


def choose(case: Case, *, to_person: str, actor: Actor, reason: str = "", now: datetime) -> None:
    """Let letters go to the person at this mail address, or where it is empty to the representative again.

    Raises NoAddress, Forbidden after an erasure.
    """
    address, reason = plain(to_person), plain(reason)
    if address:
        try:
            validate_email(address)
        except ValidationError as error:
            raise NoAddress from error
    said: dict[str, Any] = {TO: REPRESENTED, EMAIL: address} if address else {TO: REPRESENTATIVE}
    beside(case, LETTERS_TO, actor=actor, said=lambda _fresh: said | ({REASON: reason} if reason else {}), now=now)


def person_of(rows: Iterable[Event], vault: Vault) -> str:
    """Return the person's mail address, where the events of a case say that letters go there; else nothing."""
    last = next((row for row in sorted(rows, key=lambda row: -row.seq) if row.act == LETTERS_TO), None)
    if last is None or last.data[TO] != REPRESENTED:
        return ""
    found = vault.open(last.seq, EMAIL, last.data[EMAIL])
    return found if isinstance(found, str) else ""  # erased
