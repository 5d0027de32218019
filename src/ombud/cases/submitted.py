"""What only the register can say of submitted data: what a database holds, and whether the people named are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ombud.cases import addresses, money, promises
from ombud.engine import State
from ombud.engine.messages import say
from ombud.engine.model import Actor, Refusal
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.plain_text import plain, storable
from ombud.policy.vocabulary import CHANNEL, LANGUAGE

_LONGEST = 18  # of a key: more than any number of a row needs, and no more than a database takes


def clean(value: Any) -> Any:
    """Return submitted data without what a database cannot hold: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value


def unknown_people(pack: Pack, data: Mapping[str, Any]) -> list[Refusal]:
    """Return a refusal for every field that names a person who is not there; one query, where any is named."""
    named: dict[str, list[str]] = {}
    for name, value in data.items():
        field = pack.fields.get(name)
        if field is not None and FieldType.PERSON in (field.type, field.item):
            named[name] = list(_keys(value))
    numbers = {int(key[1:]) for keys in named.values() for key in keys if len(key) <= _LONGEST}
    if not any(named.values()):
        return []
    rows = Person.objects.filter(pk__in=numbers, is_active=True)
    known = {f"p{number}" for number in rows.values_list("pk", flat=True)}
    return [
        Refusal(code="value", message=say("value-person", field=pack.fields[name].title), field=name)
        for name, keys in named.items()
        if not known.issuperset(keys)
    ]


def _keys(value: Any) -> Iterator[str]:
    """Yield the keys of people that a value holds; other words are names of people whom nobody employs."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and (key := plain(each))[:1] == "p" and key[1:].isdecimal():
            yield key


def first_data(state: State, act: str, data: dict[str, Any], *, channel: str, language: str) -> dict[str, Any]:
    """Return the data with channel and language where the first act takes them."""
    plan = state.program.procedure.acts.get(act)
    allowed = {*plan.needs, *plan.may} if plan else set()
    given = {name: value for name, value in ((CHANNEL, channel), (LANGUAGE, language)) if name in allowed and value}
    return {**given, **data}


def completed(
    state: State, act: str, data: dict[str, Any], at: datetime, *, actor: Actor, roster: Roster
) -> dict[str, Any]:
    """Return the data with the day's rates, the address of an authority or partner that it names, and whether amounts
    are more than may be promised.

    Amounts known before get their rates when an act takes them up again.
    """
    pack, plan = state.program.pack, state.program.procedure.acts.get(act)
    day = money.day_of(pack, at)
    allowed = {*plan.needs, *plan.may} if plan else set[str]()
    data, fields = addresses.completed(state, data, allowed), allowed - data.keys()
    whole = {**money.completed(pack, fields, state.facts, on=day), **money.rated(pack, data, state.facts, on=day)}
    return promises.judged(state, act, whole, actor=actor, at=at, roster=roster)
