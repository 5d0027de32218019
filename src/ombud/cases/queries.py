"""What pages and API read: scoped, keyset-paged, with a fixed number of queries each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from ombud.cases.access import Accessed
from ombud.cases.models import Attachment, Case, Duty
from ombud.engine.model import Actor, Offer
from ombud.organisation.models import Person
from ombud.policy.model import Text

T = TypeVar("T")
PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """One page of a list; hand `after` back as the cursor for the next."""

    rows: tuple[T, ...]
    after: str | None  # opaque cursor; None on the last page


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What the register can be narrowed by; everything else is unknown and refused by `filters_from`."""

    policy: str | None = None
    procedure: str | None = None  # None = complaints only; "*" = all
    phase: str | None = None
    grades: Mapping[str, str] = field(default_factory=dict)  # severity=major ... any table of the pack
    department: int | None = None  # Department.pk
    handler: int | None = None  # Person.pk
    channel: str | None = None
    is_open: bool | None = None
    is_overdue: bool = False
    from_on: date | None = None  # received on or after, in the reader's zone
    to_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedDuty:
    """One line of my duties."""

    duty: Duty  # with .case loaded
    title: Text
    clauses: tuple[str, ...]
    acts: tuple[tuple[str, Text], ...]  # acts that would discharge it, with their titles
    phase: Text
    subject: str  # masked where the reader sees masked
    is_overdue: bool
    is_mine: bool  # by name, not merely the pool's


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One line of the register."""

    case: Case  # with department, handler loaded
    phase: Text
    grades: Mapping[str, Text]
    subject: str
    complainant: str
    next_duty: Text | None
    is_overdue: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One fact as a reader may see it."""

    field: str
    title: Text
    value: Any  # plain, masked, or None once erased
    is_personal: bool
    is_masked: bool
    is_erased: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One event as a reader may see it."""

    seq: int
    act: str  # an act's id, CHAIN.approve, or rung, open, migrate, recalendar
    title: Text
    occurred_at: datetime
    recorded_at: datetime
    actor: str  # the person's name for staff; empty for the machine and the complainant
    actor_key: str
    role: Text
    department: Text
    facts: tuple[Shown, ...]
    clauses: tuple[str, ...]
    is_public: bool
    duty: str | None  # of a rung or opening
    breached: bool  # a rung at or after the due time


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyLine:
    """One duty instance on the case page."""

    duty: Duty
    title: Text
    bearer: Text  # role, department or person in words
    acts: tuple[tuple[str, Text], ...]
    is_overdue: bool


def my_duties(
    person: Person, *, now: datetime, cursor: str | None = None, limit: int = PAGE, is_paused: bool = False
) -> Page[OwedDuty]:
    """Return what the person owes, earliest due first: their own, their roles', and an empty role's below them."""
    raise NotImplementedError


def my_duty_count(person: Person, *, now: datetime) -> tuple[int, int]:
    """Return how many duties the person owes (at most 1000 are counted), and how many of them are overdue."""
    raise NotImplementedError


def filters_from(query: Mapping[str, str], reader: Person) -> Filters:
    """Return the filters of a query string: policy, procedure, phase, department, handler ("me" or a key), channel,
    open (1, 0), overdue (1), from, to (ISO dates), grade.TABLE. Raises ValueError naming an unknown or bad one."""
    raise NotImplementedError


def register(
    reader: Person,
    *,
    now: datetime,
    filters: Filters | None = None,
    text: str = "",
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[CaseLine]:
    """Return the cases that the reader may see; `sort` is newest, oldest or due; `text` searches, newest first.

    Raises ValueError for an unknown sort or a cursor that is not ours.
    """
    raise NotImplementedError


def by_contact(reader: Person, *, phone: str = "", email: str = "", now: datetime) -> Page[CaseLine]:
    """Return the cases of the complainant with exactly this phone number or address."""
    raise NotImplementedError


def board(
    reader: Person,
    *,
    policy: str,
    now: datetime,
    filters: Filters | None = None,
    limit: int = 20,
) -> tuple[tuple[str, Text, int, tuple[CaseLine, ...]], ...]:
    """Return one column per phase that is no end: id, title, number of cases (at most 1000 counted), the newest."""
    raise NotImplementedError


def timeline(accessed: Accessed) -> tuple[TimelineEntry, ...]:
    """Return the events of a case, oldest first; for a complainant only the public ones."""
    raise NotImplementedError


def facts(accessed: Accessed) -> tuple[Shown, ...]:
    """Return what is known about a case, in the order of the pack's fields."""
    raise NotImplementedError


def duties(accessed: Accessed, *, now: datetime) -> tuple[DutyLine, ...]:
    """Return all duty instances of a case: open ones by due time, then the others, newest first."""
    raise NotImplementedError


def explain(accessed: Accessed, duty: str, instance: int) -> tuple[Text, ...]:
    """Return why a duty is due when it is, line by line."""
    raise NotImplementedError


def offers(accessed: Accessed, *, now: datetime) -> tuple[tuple[Offer, Actor], ...]:
    """Return the acts of the reader's roles with the actor to perform each as; the doable ones first."""
    raise NotImplementedError


def attachments(accessed: Accessed) -> Sequence[tuple[Attachment, str]]:
    """Return the case's attachments with their names (masked readers: a neutral name), oldest first."""
    raise NotImplementedError
