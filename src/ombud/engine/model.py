"""What goes into a step and what comes out of it: frozen values, instants in epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ombud.policy.model import Bearer, Limit, Text

SYSTEM = "system"  # actor of automatic acts and rungs
RUNG, OPEN, MIGRATE, RECALENDAR = "rung", "open", "migrate", "recalendar"
RESERVED_EVENTS = frozenset({RUNG, OPEN, MIGRATE, RECALENDAR})


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts, in which of their roles."""

    person: str  # opaque key; SYSTEM for the machine, "complainant" for the complainant
    role: str
    department: str | None = None
    office: str | None = None


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
    schema: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One failed condition of an act, with its clauses."""

    code: str  # role, phase, guard, needs, unknown-field, value, four-eyes, order, ended, awaited, ...
    message: Text
    clauses: tuple[str, ...] = ()
    field: str | None = None  # the field at fault, for the form


@dataclass(frozen=True, kw_only=True, slots=True)
class Tell:
    """Somebody is to be told; the outbox carries it. `to` is a role, boss-resolved already,
    `bearer` resolved to what holds it, or "complainant"."""

    to: Bearer
    department: str | None  # whose department, where the role is one of a department
    why: str  # act, warning, breach, rung-refused, document, due-moved, provisional
    at: int
    act: str | None = None
    duty: str | None = None
    instance: int | None = None
    rung: int | None = None
    due_at: int | None = None
    document: str | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a step led to. With refusals nothing else is set (in `enforce`)."""

    events: tuple[Event, ...] = ()  # to append, in order: rungs and openings due before, the act, automatic acts
    tells: tuple[Tell, ...] = ()
    refused: tuple[Refusal, ...] = ()
    deviations: tuple[Refusal, ...] = ()  # in `observe`: what enforce would have refused
    reports: tuple[Refusal, ...] = ()  # no obstacle but worth telling: `backdated`, recorded long after it happened


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
    is_outsiders: bool  # an external role owes it: left out of compliance figures

    def is_overdue(self, now: int) -> bool:
        """Return whether it is still owed after its time (derived, never stored)."""
        return self.status == "open" and self.due_at is not None and now > self.due_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
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
    """Who is there, for four eyes; stories and the register each have one."""

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]: ...
