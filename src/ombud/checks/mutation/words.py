"""How a change is told: roles, phases and values by their titles."""

from __future__ import annotations

from ombud.checks.messages import phrase
from ombud.checks.wording import role_title, value_title
from ombud.policy.limitwords import fact_title
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import BEARER, BOSS, CLOCK, COMPLAINANT, HANDLER
from ombud.texts import Text, same

SPOKEN = (BOSS, BEARER, HANDLER, COMPLAINANT, CLOCK)


def role_word(pack: Pack, name: str) -> Text:
    """Return a role's title, or the word for boss, bearer, handler, complainant."""
    if name in SPOKEN and name not in pack.roles:
        return phrase(f"role-{name}")
    return role_title(pack, name)


def phase_word(procedure: Procedure, phase: str | None) -> Text:
    """Return a phase's title, or the words for staying and going back."""
    if phase in (None, "stay"):
        return phrase("stays")
    assert phase is not None, "None stays"
    return procedure.phases[phase].title if phase in procedure.phases else phrase("goes-back")


def value_word(pack: Pack, fact: str, value: Value) -> Text:
    """Return a value of a fact as its field or table titles it."""
    source = pack.fields.get(fact) or pack.tables.get(fact)
    if value is None:
        return phrase("absent")
    return value_title(source, value) if source else same(str(value))


def fact_word(pack: Pack, fact: str) -> Text:
    """Return the title of a field or table."""
    return fact_title(fact, pack)
