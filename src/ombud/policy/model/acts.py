"""What can be done in a case, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.event_names import event_name
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit
from ombud.policy.model.source import Place
from ombud.policy.model.values import Value
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A fact that an act sets: `fact` from `kind` and `value`."""

    fact: str
    kind: str  # constant, actor, actor_department, actor_office, actor_role, instant, text, name (field or table)
    value: Value = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition of an act, with what to say where it does not hold."""

    guard: Guard
    why: Text = field(default_factory=dict)  # empty = the condition itself is shown
    cite: tuple[str, ...] = ()  # empty = the act's clauses


@dataclass(frozen=True, kw_only=True, slots=True)
class Power:
    """What an act does to the open instances of a duty; behind a chain that it starts, only on approval."""

    kind: str  # extend, waive, transfer
    duty: str
    to: str | None = None  # the field with the new date (extend), or the department or person (transfer)
    at_most: Limit | None = None  # a length: no extension beyond so long after the duty's own due time


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Another matter that an act opens: a case of `procedure`, begun by its act of the clock."""

    procedure: str
    copies: tuple[str, ...] = ()  # fields whose values it takes along (written `with`)
    where: Guard | None = None  # written `if`
    then: str | None = None  # act of the clock on this case once the other has ended


@dataclass(frozen=True, kw_only=True, slots=True)
class Spreading:
    """An act on a lead case that is performed on every linked member too."""

    act: str
    copies: tuple[str, ...] = ()  # the lead's facts that go along beside the act's own data (written `with`)
    lead: bool = False  # also on the lead case itself, whose complainant belongs to the group too


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """An entry that an act writes into a ledger about a person."""

    ledger: str
    person: str  # field of type person
    points: str | None = None  # number: field or table
    where: Guard | None = None  # written `if`


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    id: str
    title: Text
    by: tuple[str, ...]  # roles; "clock" for an act of a rung, "system" for automatic ones
    from_phases: tuple[str, ...]  # resolved: never empty
    to: str | None = None  # phase, "back", or None when it stays or `choice` decides
    choice: str | None = None  # the field that decides the phase
    choices: Mapping[str, str] = field(default_factory=dict)  # value -> phase ("stay" = where it is)
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    when: Guard | None = None  # all of `conditions` in one
    conditions: tuple[Condition, ...] = ()
    sets: tuple[Setting, ...] = ()
    same_as: str | None = None
    tells: tuple[str, ...] = ()
    contacts: str | None = None
    awaits: str | None = None
    starts: str | None = None  # a chain
    resets: str | None = None
    distinct_from: tuple[str, ...] = ()
    qualified: str | None = None  # the exam that its actor, and whoever it makes handler, must have passed
    affects: tuple[Power, ...] = ()
    opens: Opening | None = None
    links: str | None = None  # field that names the lead case to which this one is linked
    unlinks: bool = False
    spreads: Spreading | None = None
    recuses: tuple[str, ...] = ()  # whoever last performed these acts has nothing more to do with the case
    records: Recording | None = None
    is_auto: bool = False
    is_public: bool = False  # the complainant sees it on the timeline
    explained_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> answers that want it
    asked_in: str | None = None  # the field that lists which of what it may take was asked for
    told_as: Text = field(default_factory=dict)  # how the complainant is told that it was done; empty = the title
    offered_as: Text = field(default_factory=dict)  # how it is offered to the complainant; empty = the title
    help: Text = field(default_factory=dict)
    script: Text = field(default_factory=dict)  # what is said to the complainant, line by line; read out while one acts
    hands_in: str | None = None  # written `report`: the report that comes with it
    cite: tuple[str, ...]
    at: Place

    @property
    def outcomes(self) -> tuple[str, ...]:
        """`answer.accepted` ... for an act whose phase hangs on a choice."""
        return tuple(event_name(self.id, value) for value in self.choices)
