"""What a loaded pack is: frozen values, every one with its clauses and its place in the source.

Instants are integer seconds since the epoch; lengths carry their unit. Texts are mappings
from a language tag ("zh", "en") to words. Identifiers are the pack's own keys.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from ombud.policy.event_names import APPROVE, APPROVED, REJECT, REJECTED, event_name
from ombud.texts import Text
from ombud.worktime import CalendarSpec, Cutoff, Mode, Unit

Value = Any  # bool, int, str, Decimal-free money mapping, list: whatever a field's type stores as JSON

MAIN = "complaint"  # the procedure that the top-level phases, acts, chains and duties belong to


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the pack something is written."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Reader(Protocol):
    """What a guard may ask about a case (the engine's state answers)."""

    @property
    def facts(self) -> Mapping[str, Value]: ...  # fields, set facts and table outputs; an absent one has no key

    def done(self, act: str) -> bool: ...
    def done_since(self, act: str, since: str) -> bool: ...
    def count(self, act: str) -> int: ...
    def is_open(self, duty: str) -> bool: ...
    def is_overdue(self, duty: str) -> bool: ...
    def is_passed(self, duty: str) -> bool: ...
    def is_approved(self, chain: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled condition; call `holds(case)`."""

    source: str
    tree: ast.expr  # allow-listed nodes only; checks walk it
    names: frozenset[str]  # fields and table outputs that it reads
    acts: frozenset[str]  # acts and outcomes that it asks about
    duties: frozenset[str]
    chains: frozenset[str]
    holds: Callable[[Reader], bool]
    at: Place


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    BOOL = "bool"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    PERSON = "person"
    DEPARTMENT = "department"
    COUNTRY = "country"
    LANGUAGE = "language"
    FILES = "files"
    CASE = "case"  # another case, by its reference
    LIST = "list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One clause of the written policy."""

    ref: str
    text: Text
    kind: str  # duty, act, record, channel, grade, role, calendar, approval, periodic, privacy, statement
    is_statement: bool
    is_completed: bool  # the document breaks off here and we filled it in
    quote: str | None = None
    source: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    id: str
    type: FieldType
    title: Text
    help: Text = field(default_factory=dict)
    of: Mapping[str, Text] = field(default_factory=dict)  # choices, or the item type's for a list
    item: FieldType | None = None  # type of a list's items
    domain: str | None = None  # an interval such as "[0,inf)" for numbers and money
    is_personal: bool = False
    is_past: bool = False  # a date or instant that cannot lie ahead of the act that tells it
    is_anew: bool = False  # an act that needs it wants it said with that very act: an old value is none
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand in a fact: a field's type, or that of a table's outputs."""

    type: FieldType
    choices: tuple[str, ...] = ()  # the only values, where there is a closed list
    item: FieldType | None = None
    domain: str | None = None
    is_ordered: bool = False  # may be compared with < and >; choices then in the order given
    is_personal: bool = False
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a decision table, already typed."""

    kind: str  # "any" (-), "absent" (?), "is" (one value), "in" (several), "interval"
    values: tuple[Value, ...] = ()
    low: Decimal | None = None  # None = no end on this side
    high: Decimal | None = None
    low_closed: bool = False
    high_closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    output: Value
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A decision table; `decide(facts)` returns its output or None."""

    id: str
    title: Text
    inputs: tuple[str, ...]
    hit: str  # unique, first, max
    rows: tuple[Row, ...]
    of: Mapping[str, Text]  # titles of the outputs, in order of gravity for `max`
    cite: tuple[str, ...]
    decide: Callable[[Mapping[str, Value]], Value | None]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How long a duty has: exactly one of `length`, `by`, `field`."""

    length: int | None = None  # in `unit`s
    unit: Unit | None = None
    mode: Mode | None = None  # resolved from the unit and the pack's `counting`
    calendar: str | None = None
    whose: str | None = None  # instead of `calendar`: that of the case's "office" or "department", or of the "bearer"
    roll: bool = True  # natural and calendar limits: over holidays to the next working day
    cutoff: Cutoff | None = None  # what comes after it counts from the next working day on
    by: str | None = None  # a field or table whose value picks one of `cases`
    cases: Mapping[str, Limit] = field(default_factory=dict)
    field: str | None = None  # a date or instant that others set
    otherwise: Limit | None = None  # `else` of `by` or `field`
    parameter: str | None = None  # the parameter that the length came from, if any
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One step of a ladder: tells, performs an act, or repeats."""

    offset: Limit | None = None  # from due; None with `every`
    is_before: bool = False  # the offset is taken backwards from due
    every: Limit | None = None  # from opening until the instance closes or is due
    tell: tuple[str, ...] = ()  # roles, `boss`, `bearer`, `complainant`, `handler`
    act: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearer:
    """Who owes a duty."""

    kind: str  # role, handler, actor (of an act), field, nobody; department or person for what was transferred
    name: str  # role id, act id, field id, or who it was transferred to


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    id: str
    title: Text
    bearer: Bearer
    after: tuple[str, ...]  # acts and outcomes
    where: Guard | None = None
    do: tuple[str, ...] = ()
    limit: Limit
    react: Limit | None = None  # the least time that whoever owes it has, from when an entry made later was found
    is_recurring: bool = False  # `every` instead of `within`
    recurs_from: str = "last"  # or "schedule"
    until: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()  # phases that stop its clock
    breach: tuple[Rung, ...] = ()
    anchor: str | None = None  # act, outcome or field; "trigger": the latest `after`; None: the event that opens it
    anchor_is_field: bool = False
    if_past: str = "overdue"  # overdue, now, skip
    early: bool = False
    retrigger: str = "keep"  # keep, restart, stack
    then: str | None = None  # reparation duty that opens when this one is breached
    cite: tuple[str, ...]
    at: Place


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
    help: Text = field(default_factory=dict)
    cite: tuple[str, ...]
    at: Place

    @property
    def outcomes(self) -> tuple[str, ...]:
        """`answer.accepted` ... for an act whose phase hangs on a choice."""
        return tuple(event_name(self.id, value) for value in self.choices)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    title: Text = field(default_factory=dict)  # empty = the chain's, numbered where several stages apply
    role: str
    where: Guard | None = None  # written `if`
    within: Limit | None = None
    quorum: int = 1
    needs: tuple[str, ...] = ()  # fields that approving must bring, such as whether the matter is grave
    may: tuple[str, ...] = ()
    breach: tuple[Rung, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    id: str
    title: Text
    starts: str
    stages: tuple[Stage, ...]
    distinct_from: tuple[str, ...] = ()
    are_stages_distinct: bool = True  # nobody approves two stages of one run
    rejected: str | None  # phase to go to at a rejection; None = stay
    approved: str | None = None  # phase to go to at approval; None = stay
    cite: tuple[str, ...]
    at: Place

    @property
    def verdicts(self) -> tuple[str, str]:
        """The acts that approve and that reject: `plan.approve`, `plan.reject`."""
        return event_name(self.id, APPROVE), event_name(self.id, REJECT)

    @property
    def approval(self) -> str:
        """The outcome `plan.approved`."""
        return event_name(self.id, APPROVED)

    @property
    def rejection(self) -> str:
        """The outcome `plan.rejected`."""
        return event_name(self.id, REJECTED)

    def stage_duty(self, number: int) -> str:
        """Return the duty of a stage, the first being 1: `plan.1`."""
        return event_name(self.id, number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    id: str
    title: Text
    is_start: bool = False
    is_end: bool = False
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """One kind of matter; "complaint" is the main one."""

    id: str
    title: Text
    phases: Mapping[str, Phase]
    acts: Mapping[str, Act]
    chains: Mapping[str, Chain]
    duties: Mapping[str, Duty]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """The hours of each day in which rungs that only tell a role wait."""

    windows: tuple[tuple[int, int], ...]  # minutes of the local day, in order; none = told at any hour, on purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    id: str
    title: Text
    boss: str | None = None
    of: str = "organisation"  # organisation, department, office, handler
    department: str | None = None  # the one department that holds the role, if the pack says so
    is_external: bool = False
    quiet: Quiet | None = None
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    id: str
    title: Text
    calendar: str | None = None
    is_service: bool = False  # the service department sees all cases of the policy
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    id: str
    title: Text
    calendar: str | None = None
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    place: str | None = None  # where it is, in words that no one computes with
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class FormStep:
    """One screen of a filing form."""

    title: Text
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    id: str
    title: Text
    kind: str  # phone, web, store, social, email, ...
    hours: str | None = None  # calendar of its staffed hours
    is_portal: bool = False  # complainants may file through it themselves
    form: tuple[FormStep, ...] = ()
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    id: str
    title: Text
    value: str
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How an ambiguous clause is read; the reader sees it as an assumption."""

    clauses: tuple[str, ...]
    text: Text
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """The pack's answer to a check's warning."""

    code: str
    clauses: tuple[str, ...]
    because: str
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Periodic:
    """An organisational duty of the calendar; each occurrence is a case of `procedure`."""

    id: str
    title: Text
    bearer: str  # role
    every: str  # day, week, month, quarter, half-year
    on: str | None  # "17:00", "mon", "5", "last workday": when an occurrence falls due
    calendar: str
    per: str | None = None  # "office" or "department": one occurrence for each
    on_own_calendar: bool = False  # `per` without a calendar: on that of each; `calendar` where it has none
    procedure: str
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Exam:
    """What must be passed before certain acts, or before being given a case."""

    id: str
    title: Text
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What is written down about people: performance, negative incentives."""

    id: str
    title: Text
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A letter that an act produces; one template per language in letters/."""

    id: str
    title: Text
    after: tuple[str, ...]
    to: str  # complainant or a role
    templates: Mapping[str, str]  # language -> template text
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    id: str  # case, evidence
    keep: Limit  # natural days, weeks, months or years
    since: str = "end"  # or "receipt"; written `from`. What has not ended is kept anyway
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Which roles see personal data unmasked, and which fields let people or departments in."""

    unmasked: tuple[str, ...]
    members: tuple[str, ...] = ()  # fields of persons or departments (or lists of them) who see the case as handlers do
    cite: tuple[str, ...]
    at: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LateEntries:
    """What was written down long after it happened: what is reported, and what needs a second person."""

    report: Limit  # a longer gap is reported and shown
    decide: Limit | None = (
        None  # how late a decision may be entered that would be refused today; None: the same workday
    )
    confirm: str | None = None  # the act by which a second person vouches for a later one
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A dated story with what it must lead to; `log` and `expect` are the contract's STORY."""

    name: str
    story: Mapping[str, Any]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    id: str
    version: str
    title: Text
    about: Text  # whose complaints these are, for who chooses where to complain; may be empty
    effective: str  # ISO date
    on_upgrade: str  # pin or migrate
    clauses: Mapping[str, Clause]
    base_clauses: Mapping[str, Clause]  # cited as "base:N", counted apart
    parameters: Mapping[str, Parameter]
    readings: tuple[Reading, ...]
    explanations: tuple[Explanation, ...]
    calendars: Mapping[str, CalendarSpec]
    calendar_places: Mapping[str, Place]
    calendar_cites: Mapping[str, tuple[str, ...]]
    calendar_titles: Mapping[str, Text]  # what each is called: its id where the pack gives no title
    counting_calendar: str  # the default one
    counting_cite: tuple[str, ...]
    departments: Mapping[str, Department]
    roles: Mapping[str, Role]
    channels: Mapping[str, Channel]
    fields: Mapping[str, Field]
    kinds: Mapping[str, Kind]  # of every fact: fields, tables, and facts that acts set
    tables: Mapping[str, Table]
    table_order: tuple[str, ...]  # each table after those that it reads
    procedures: Mapping[str, Procedure]
    periodic: Mapping[str, Periodic]
    documents: Mapping[str, Document]
    retention: Mapping[str, Retention]
    access: Access
    late_entries: LateEntries
    scenarios: tuple[Scenario, ...]
    offices: Mapping[str, Office]
    exams: Mapping[str, Exam] = field(default_factory=dict)
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    currency: str
    reference_prefix: str  # of case references, two letters
    hash: str  # SHA-256 of the resolved pack
    sources: Mapping[str, str]  # file -> text, base files included; enough to load it again

    @property
    def main(self) -> Procedure:
        return self.procedures[MAIN]
