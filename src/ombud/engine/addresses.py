"""Whom a role outside stands for in one case, as far as the case says so itself."""

from __future__ import annotations

from ombud.engine.state import State
from ombud.policy.model.values import Value
from ombud.policy.outsiders import BY, address_fields
from ombud.policy.vocabulary import NAME


def address_of(state: State, role: str) -> dict[str, Value]:
    """Return part -> value of what the case keeps of a role outside; empty where it says nothing.

    Facts are never taken away. So what was said before another one was named is the address of the one before, and no
    longer the role's; the day that was set holds all the same.
    """
    fields = address_fields(state.program.pack, role)
    named = state.said.get(fields[NAME], 0) if NAME in fields else 0
    return {
        part: state.facts[field]
        for part, field in fields.items()
        if field in state.facts and (part == BY or state.said.get(field, named) >= named)
    }
