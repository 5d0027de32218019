"""Whom a letter goes to: the complainant, or a role outside as its case says, else as the organisation does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ombud.engine import State
from ombud.engine.addresses import address_of
from ombud.organisation.models import Person
from ombud.policy.outsiders import CONTACT
from ombud.policy.vocabulary import ADDRESS, EMAIL, NAME
from ombud.privacy.sealing import is_sealed

Receiver = tuple[str, str]  # name and mail address


def receivers(
    payload: Mapping[str, Any], written: State, present: Callable[[], State], holders: Callable[[], Iterable[Person]]
) -> list[Receiver]:
    """Return whom a letter is mailed to; none where nobody has an address.

    An authority or partner that the case names has the address that it is named with, and no other: without an e-mail
    the letter goes by post, and never to another authority. Only where the case names none are those meant who hold
    the role. `written` is the case as the letter was asked for, `present` the one of now, in which an address may have
    been added.
    """
    if payload.get("complainant"):
        return complainant(written)
    outsider = payload.get("outsider")
    own = _own(written, present(), outsider) if outsider else {}
    if is_named(own):
        return outsider_of(own)
    return _mailed((str(person), person.email) for person in holders() if person.is_active)


def complainant(state: State) -> list[Receiver]:
    """Return the complainant of a case as whom mail goes to; none without an address."""
    return _mailed([(state.facts.get(NAME), state.facts.get(EMAIL))])


def outsider_of(own: Mapping[str, Any]) -> list[Receiver]:
    """Return whom mail goes to of an authority or partner that a case names; nobody without an address."""
    return _mailed([(own.get(CONTACT) or own.get(NAME), own.get(EMAIL))])


def _own(written: State, present: State, outsider: str) -> Mapping[str, Any]:
    """Return the address of now, unless another one is named there than the letter was written to."""
    then, now = address_of(written, outsider), address_of(present, outsider)
    return now if then.get(NAME) in (None, now.get(NAME)) else then


def is_named(own: Mapping[str, Any]) -> bool:
    """Return whether the case says itself whom an outside role stands for, or where letters to it go."""
    return bool({NAME, EMAIL, ADDRESS} & own.keys())


def is_address(text: object) -> bool:
    """Return whether a text is one mail address: what somebody typed may be several, or break a header."""
    try:
        validate_email(text if isinstance(text, str) else None)
    except ValidationError:
        return False
    return True


def _mailed(given: Iterable[tuple[object, object]]) -> list[Receiver]:
    """Return those of the given who have a mail address, each address once."""
    found: dict[str, str] = {}
    for name, address in given:
        email = address.strip() if isinstance(address, str) else ""
        if is_address(email):
            found.setdefault(email, name if isinstance(name, str) and not is_sealed(name) else "")
    return [(name, email) for email, name in found.items()]
