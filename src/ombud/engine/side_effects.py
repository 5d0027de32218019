"""What an act means beyond its own case: matters to open, groups, ledgers, and the language spoken."""

from __future__ import annotations

from typing import Any

from ombud.engine.messages import say
from ombud.engine.model import Event, Link, Matter, Record, Refusal, Spread
from ombud.engine.state import State
from ombud.policy.model.acts import Act
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import LANGUAGE, MESSAGE_LANGUAGE


def matter_of(state: State, act: Act, event: Event) -> Matter | None:
    """Return the case that an act opens; the state is the one that the act led to."""
    opening = act.opens
    if opening is None or (opening.where is not None and not opening.where.holds(state)):
        return None
    return Matter(
        procedure=opening.procedure,
        data=_copied(state, opening.copies),
        department=state.department,
        office=state.office,
        then=opening.then,
        act=event.act,
        seq=event.seq,
        at=event.occurred,
        clauses=act.cite,
    )


def link_of(act: Act, event: Event) -> Link | None:
    """Return which group the case joins by an act, or that it leaves its group."""
    if act.links is not None and act.links in event.data:
        return Link(lead=event.data[act.links], act=event.act, seq=event.seq)
    return Link(lead=None, act=event.act, seq=event.seq) if act.unlinks else None


def spread_of(state: State, act: Act, event: Event) -> Spread | None:
    """Return what an act on a lead case performs on every member: the lead's facts and the act's own data."""
    if act.spreads is None:
        return None
    spread = state.program.procedure.acts[act.spreads.act]
    own = {name: value for name, value in event.data.items() if name in (*spread.needs, *spread.may)}
    return Spread(
        act=spread.id,
        data={**_copied(state, act.spreads.copies), **own},
        asked_by=event.act,
        seq=event.seq,
        at=event.occurred,
        lead_too=act.spreads.lead,
    )


def record_of(state: State, act: Act, event: Event) -> Record | None:
    """Return what an act writes into a ledger."""
    entry = act.records
    if entry is None or (entry.where is not None and not entry.where.holds(state)):
        return None
    said = {**state.facts, **event.data}  # its own words, also where something newer holds
    person: Value = said.get(entry.person)
    if person is None:
        return None  # only in `observe`: the act was performed without naming anybody
    points: Value = said.get(entry.points) if entry.points else None
    return Record(
        ledger=entry.ledger,
        person=person,
        points=None if points is None else int(points),
        act=event.act,
        seq=event.seq,
        at=event.occurred,
        clauses=act.cite,
    )


def languages_of(state: State) -> tuple[str, ...]:
    """Return the languages in which to speak to the complainant: the one agreed on, then those of the office."""
    agreed = state.facts.get(LANGUAGE)
    office = state.program.pack.offices.get(state.office or "")
    return tuple(dict.fromkeys((*([agreed] if agreed else ()), *(office.languages if office else ()))))


def language_report(state: State, act: Act, data: dict[str, Any]) -> Refusal | None:
    """Return a warning where a message to the complainant is in none of these languages."""
    spoken = data.get(MESSAGE_LANGUAGE)
    if not is_foreign(state, act, spoken):
        return None
    message = say("language", act=act.title, language=str(spoken), languages=", ".join(languages_of(state)))
    return Refusal(code="language", message=message, clauses=act.cite, field=MESSAGE_LANGUAGE)


def is_foreign(state: State, act: Act, spoken: object) -> bool:
    """Return whether an act speaks to somebody outside in a language that is neither agreed nor the office's."""
    if not act.contacts or not isinstance(spoken, str) or not (known := languages_of(state)):
        return False
    return _stem(spoken) not in {_stem(each) for each in known}


def _stem(language: str) -> str:
    """Return the language without script and region: who agreed on German is content with Austrian German."""
    return language.partition("-")[0]


def _copied(state: State, names: tuple[str, ...]) -> dict[str, Value]:
    return {name: state.facts[name] for name in names if state.facts.get(name) is not None}
