"""By what the complainant of a case, or an order, is known again: blind, for the index of people and for search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ombud.cases import search
from ombud.engine.model import Event
from ombud.organisation.offices import region_of
from ombud.policy.event_names import RUNG
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COUNTRY, SYSTEM
from ombud.privacy import blind, contacts
from ombud.privacy.blind import Blinded
from ombud.privacy.contacts import EMAIL, ORDER, PHONE
from ombud.privacy.models import BlindIndex, Complainant
from ombud.privacy.sealing import is_sealed

#: What tells that two cases are of one person or one order. A number without its country is not enough for that.
SAME = (PHONE, EMAIL, ORDER)


def noted(pack: Pack, events: Iterable[Event], facts: Mapping[str, Any], office: str | None) -> list[Blinded]:
    """Return what people said in these events by which the case is known; `facts` are those after them.

    A country that comes later tells how a number said before is dialled, so it is read again then.
    """
    said = [event.data for event in events if event.actor != SYSTEM and event.act != RUNG]
    names = {name for data in said for name in data if name in contacts.FIELDS or name == COUNTRY}
    if not names:
        return []
    country = facts.get(COUNTRY)
    region = region_of(pack, office, None if is_sealed(country) else country)
    older = [{name: value for name, value in data.items() if facts.get(name) != value} for data in said]
    return list(dict.fromkeys(each for data in (*older, facts) for each in of(data, region)))


def of(data: Mapping[str, Any], region: str | None) -> list[Blinded]:
    """Return by what the fields of a submission are known."""
    return blind.blinded(contacts.keys_of(data, region))


def asked(text: str, regions: Iterable[str]) -> list[str]:
    """Return the terms of the search index that a piece of a query may be known by."""
    return terms(blind.blinded(contacts.asked(text, regions)))


def rows(complainant: Complainant, known: Iterable[Blinded]) -> list[BlindIndex]:
    """Return the rows, not saved, by which the complainant is known again; search needs none for the rest."""
    return blind.rows(complainant, [each for each in known if each.kind in SAME])


def terms(known: Iterable[Blinded]) -> list[str]:
    """Return the terms of the search index."""
    return [search.known_as(kind, digest) for kind, digest, _under in known]
