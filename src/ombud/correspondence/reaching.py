"""How the complainant of a case is reached: where they speak with us, else by mail, else by SMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ombud.cases import letters_to
from ombud.cases.models import Case, Event
from ombud.correspondence import accounts, talks, wording
from ombud.correspondence.models import Account, Message
from ombud.engine import State
from ombud.notices import addressing
from ombud.organisation.models import Person
from ombud.organisation.offices import region_of
from ombud.policy.event_names import LETTERS_TO
from ombud.policy.vocabulary import COMPLAINANT, COUNTRY, NAME, PHONE
from ombud.privacy import contacts
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault, is_sealed

SPOKEN = 20  # of the newest that were said by messaging, in which addresses are looked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """One way to the complainant that is open now."""

    name: str
    address: str  # as messages have it: a mail address, a number, or KIND:ID
    passed_over: tuple[str, ...] = ()  # accounts that they would rather be told through, and may not now


NOWHERE = Reach(name="", address="")


def receivers(
    payload: Mapping[str, Any],
    case: Case,
    state: State,
    present: Callable[[], State],
    people: Callable[[], Iterable[Person]],
    *,
    now: datetime,
) -> list[Reach]:
    """Return whom a letter goes to and how: the complainant by the first of their ways, all others by mail."""
    if payload.get("complainant"):
        return list(complainant(case, state, now=now)[:1])
    return [
        Reach(name=name, address=address) for name, address in addressing.receivers(payload, state, present, people)
    ]


def mailed(case: Case, state: State) -> list[addressing.Receiver]:
    """Return whom the mail to a case's complainant goes to: the address on record, or the person represented."""
    person = _person(case, state)
    return [(_text(state, NAME), person)] if person else addressing.complainant(state)


def _person(case: Case, state: State) -> str:
    """Return the address of the person for whom somebody complains, where letters go to them; else nothing."""
    key = key_of(case.complainant)
    if key is None or not letters_to.is_for_another(state):
        return ""
    rows = Event.objects.filter(case=case, act=LETTERS_TO).order_by("-seq")[:1]
    return letters_to.person_of(rows, Vault(key, case.reference))


def complainant(case: Case, state: State, *, now: datetime) -> tuple[Reach, ...]:
    """Return the ways to a case's complainant, the one to take first; where the person represented is, no other."""
    if person := _person(case, state):
        return (Reach(name=_text(state, NAME), address=person),)
    closed: list[str] = []
    found: dict[str, str] = {}
    for account, address, name in _talks(case):
        if talks.may_tell(account, address, now=now):
            found.setdefault(address, name)
        else:
            closed.append(str(account))
    for name, address in mailed(case, state):
        found.setdefault(address, name)
    if (number := number_of(case, state)) and accounts.speaking(case, number) is not None:
        found.setdefault(number, _text(state, NAME))
    passed = tuple(dict.fromkeys(closed))
    return tuple(Reach(name=name, address=address, passed_over=passed) for address, name in found.items())


def _talks(case: Case) -> Iterator[tuple[Account, str, str]]:
    """Yield account, address and name where the complainant spoke by messaging, the last one first."""
    key = key_of(case.complainant)
    rows = Message.objects.filter(case=case, is_out=False, to=COMPLAINANT, way__in=talks.WAYS)
    rows = rows.filter(account__is_active=True, account__sends=True).select_related("account", "keeper")
    for row in rows.order_by("-said_at", "-id")[:SPOKEN]:
        vault = wording.vault_of(row, key)
        address = str(wording.part(row, wording.ADDRESS, vault))
        if row.account is not None and address:
            yield row.account, address, str(wording.part(row, wording.NAME, vault))


def number_of(case: Case, state: State) -> str:
    """Return the number on file if it may take an SMS, as it is dialled from abroad."""
    country = state.facts.get(COUNTRY)
    region = region_of(state.program.pack, state.office, None if is_sealed(country) else country)
    return contacts.mobile(_text(state, PHONE), region)


def _text(state: State, name: str) -> str:
    value = state.facts.get(name)
    return value if isinstance(value, str) and not is_sealed(value) else ""
