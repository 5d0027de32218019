"""A confidential case: what the log says of who may know of it."""

from __future__ import annotations

from ombud.engine.model import Event
from ombud.engine.state import State
from ombud.policy.event_names import CONFIDE, LET_IN, OPEN_UP, SHUT_OUT

PEOPLE = "people"  # of the event: keys of the people whom it names


def confide(state: State, event: Event) -> None:
    """Change the list of the people who may know of the case by one event of CONFIDING."""
    named = frozenset(event.data.get(PEOPLE, ()))
    if event.act == CONFIDE:
        state.confidants = named
    elif event.act == LET_IN:
        state.confidants |= named
    elif event.act == SHUT_OUT:
        state.confidants -= named
    elif event.act == OPEN_UP:
        state.confidants = frozenset()
