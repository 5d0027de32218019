"""What goes into a step and what comes out of it: frozen values, instants in epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ombud.policy.model.duties import Bearer
from ombud.policy.model.limits import Limit
from ombud.policy.vocabulary import BEHALF, CLOCK, COMPLAINANT, SYSTEM
from ombud.texts import Text

# How an event is read (`Event.schema`): what it changes was found when it happened (imported history, and what
# releases before 0.7 wrote), or when it was written down; since IN_TIME an end or a pause that came in time takes back
# the breach noted meanwhile, and everybody who performed what others are recused for is; since LATE_ANCHOR nothing is
# due before it was written down what its limit counts from.
BY_OCCURRENCE, BY_RECORDING, IN_TIME, LATE_ANCHOR = 1, 2, 3, 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts, in which of their roles."""

    person: str  # opaque key; SYSTEM for the machine, COMPLAINANT for whoever filed the case
    role: str
    department: str | None = None
    office: str | None = None
    behalf: str | None = None  # the absent person whose deputy acts, in a role of theirs

    @property
    def hands(self) -> tuple[str, ...]:
        """Return whose hands are in what is done: a deputy's own, and those of the person whom they stand in for."""
        return (self.person,) if self.behalf is None else (self.person, self.behalf)

    @property
    def principal(self) -> str:
        """Return for whom it counts what is done: the case is theirs, also when they are back."""
        return self.behalf or self.person


CLOCK_ACTOR = Actor(person=SYSTEM, role=CLOCK)
COMPLAINANT_ACTOR = Actor(person=COMPLAINANT, role=COMPLAINANT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """An act that somebody wants to perform."""

    act: str  # an act's id, or CHAIN.approve / CHAIN.reject
    actor: Actor
    occurred: int
    recorded: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in the order of recording; never changed."""

    seq: int  # from 1
    act: str
    occurred: int
    recorded: int
    actor: str = SYSTEM
    role: str = SYSTEM
    department: str | None = None
    office: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    schema: int = LATE_ANCHOR

    @property
    def found(self) -> int:
        """Return the instant at which what it changes was found."""
        return self.recorded if self.schema >= BY_RECORDING else self.occurred

    @property
    def hands(self) -> tuple[str, ...]:
        """Return whose hands are in it: the actor's, and those of the absent person whose deputy they were."""
        behalf = self.data.get(BEHALF)
        return (self.actor,) if behalf is None else (self.actor, behalf)

    @property
    def principal(self) -> str:
        """Return for whom it counts: the actor, or the absent person whose deputy they were."""
        return self.data.get(BEHALF) or self.actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One failed condition of an act, with its clauses: put into words when somebody reads it."""

    code: str  # role, phase, guard, needs, unknown-field, value, four-eyes, office, qualified, recused, extend, ...
    message: Text
    clauses: tuple[str, ...] = ()
    field: str | None = None  # the field at fault, for the form


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """Somebody is to be told; the outbox carries it. `to` is a role, boss-resolved already,
    `bearer` resolved to what holds it, or "complainant"."""

    to: Bearer
    department: str | None  # whose department, where the role is one of a department
    office: str | None = None  # whose office, where the role is one of an office
    why: str  # act, warning, breach, rung-refused, document, due-moved, provisional
    at: int
    act: str | None = None
    duty: str | None = None
    instance: int | None = None
    rung: int | None = None
    due_at: int | None = None
    document: str | None = None
    clauses: tuple[str, ...] = ()
    not_before: int | None = None  # where `at` lies in the quiet time of whoever is told: when that ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """Another case that an act opens; its first act is by the clock, which brings department and office along."""

    procedure: str
    data: Mapping[str, Any]
    department: str | None
    office: str | None
    then: str | None  # the clock's act on this case once the other has ended
    act: str  # that opened it
    seq: int  # of that act's event
    at: int
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A case joins the group of a lead case, or leaves its group."""

    lead: str | None  # the lead case's reference; None = it leaves
    act: str
    seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """What an act on a lead case performs on every member of its group."""

    act: str
    data: Mapping[str, Any]  # the act's own, with the lead's facts that go along
    asked_by: str  # the act on the lead
    seq: int
    at: int
    lead_too: bool = False  # it is performed on the lead case as well


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """An entry in a ledger about a person."""

    ledger: str
    person: str
    points: int | None
    act: str
    seq: int
    at: int
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a step led to. With refusals nothing else is set (in `enforce`)."""

    events: tuple[Event, ...] = ()  # to append, in order: rungs and openings due before, the act, automatic acts
    notifications: tuple[Notification, ...] = ()
    refused: tuple[Refusal, ...] = ()
    deviations: tuple[Refusal, ...] = ()  # in `observe`: what enforce would have refused
    # No obstacle but worth telling: `backdated`, recorded long after it happened; `language`, not one agreed on.
    reports: tuple[Refusal, ...] = ()
    # Beyond this case: what the register does about other cases and ledgers, in the order of the events.
    openings: tuple[Matter, ...] = ()
    links: tuple[Link, ...] = ()
    spreads: tuple[Spread, ...] = ()
    records: tuple[Record, ...] = ()


class DutyView(NamedTuple):  # a case may have hundreds, and every read of a case makes them
    """One duty instance as everybody outside the engine sees it."""

    duty: str  # duty id, or CHAIN.N for a stage of an approval
    instance: int  # from 1, per duty
    revision: int  # grows when due changes
    title: Text
    clauses: tuple[str, ...]
    bearer: Bearer
    do: tuple[str, ...]
    status: str  # open, paused, met, late, ended, cancelled, waived
    opened_at: int
    opened_seq: int
    due_at: int | None  # None while paused
    done_at: int | None
    breached_at: int | None
    is_provisional: bool
    limit: Limit | None
    is_outsiders: bool  # an external role owes it, or nobody: left out of compliance figures

    def is_overdue(self, now: int) -> bool:
        """Return whether it is still owed after its time (derived, never stored)."""
        return self.status == "open" and self.due_at is not None and now > self.due_at


@dataclass(frozen=True, kw_only=True, slots=True)
class AvailableAct:
    """An act that an actor may perform now, or what stands in the way."""

    act: str
    title: Text
    needs: tuple[str, ...]
    may: tuple[str, ...]
    choice: str | None
    clauses: tuple[str, ...]
    blocked: tuple[Refusal, ...]  # empty = it can be done, given its data
    discharges: tuple[str, ...]  # open duties that it would discharge


class Staff(Protocol):
    """Who is there, and who has passed what; stories and the register each have one."""

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]: ...
    def is_qualified(self, person: str, exam: str, at: int) -> bool: ...
