"""The names that a pack declares, collected before its rules are read, so that order does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.event_names import VERDICTS, event_name
from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.source import BASE_REF
from ombud.policy.model.values import FieldType, Kind
from ombud.policy.problems import Problems
from ombud.policy.vocabulary import BEARER, BOSS, COMPLAINANT, HANDLER
from ombud.texts import Text
from ombud.worktime import Cutoff, Mode, Unit

BASE_FILE = "base/pack.yaml"


@dataclass(frozen=True, slots=True)
class Counting:
    """What the units mean by default, and on which calendar."""

    modes: Mapping[Unit, Mode]
    calendar: str
    cite: tuple[str, ...] = ()
    whose: str | None = None  # instead, where a limit names no calendar: that of the "office", "department" or "bearer"
    cutoff: Cutoff | None = None  # what comes after it counts from the next working day on


@dataclass(kw_only=True)
class ProcedureSymbols:
    """The names of one procedure."""

    phases: dict[str, tuple[bool, bool]]  # id -> (is start, is end)
    acts: set[str]
    outcomes: set[str]  # answer.accepted, plan.approved
    chains: set[str]
    duties: set[str]  # those of the stages, plan.1, too

    @property
    def performed(self) -> set[str]:
        """What somebody performs: the acts, and the verdicts on approvals such as plan.approve."""
        return self.acts | {event_name(chain, verdict) for chain in self.chains for verdict in VERDICTS}

    @property
    def events(self) -> set[str]:
        """What `after`, `do` and `until` may name."""
        return self.acts | self.outcomes


@dataclass(kw_only=True)
class SymbolTable:
    """Everything that a rule may refer to."""

    problems: Problems
    currency: str = "CNY"
    clauses: set[str] = field(default_factory=set)
    base_clauses: set[str] = field(default_factory=set)
    parameters: dict[str, str] = field(default_factory=dict)  # id -> value as written
    calendars: set[str] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)
    offices: tuple[str, ...] = ()
    own_calendars: set[str] = field(default_factory=set)  # of "office" and "department", those where an entry has one
    exams: set[str] = field(default_factory=set)
    ledgers: set[str] = field(default_factory=set)
    reports: set[str] = field(default_factory=set)
    surveys: set[str] = field(default_factory=set)
    roles: dict[str, bool] = field(default_factory=dict)  # id -> is external
    channels: set[str] = field(default_factory=set)
    causes: dict[str, Text] = field(default_factory=dict)  # id -> title with all that stands above it
    fields: set[str] = field(default_factory=set)
    kinds: dict[str, Kind] = field(default_factory=dict)  # fields, tables and facts that acts set
    counting: Counting = field(default_factory=lambda: Counting({}, ""))
    procedures: dict[str, ProcedureSymbols] = field(default_factory=dict)

    @property
    def internal_roles(self) -> tuple[str, ...]:
        return tuple(role for role, is_external in self.roles.items() if not is_external)

    @property
    def dates(self) -> set[str]:
        """The declared fields that a limit or an anchor may count with."""
        return {name for name in self.fields if self.kinds[name].type in (FieldType.DATE, FieldType.INSTANT)}

    @property
    def told(self) -> set[str]:
        """Whom a rung or an act may tell."""
        return {*self.roles, COMPLAINANT, BOSS, BEARER, HANDLER}

    def is_closed(self, fact: str) -> bool:
        """Return whether a known fact has a list of values and is not personal, so that it can be counted by."""
        return bool(self.kinds[fact].choices) and not self.kinds[fact].is_personal

    def cite(self, form: MappingReader) -> tuple[str, ...]:
        """Return the clauses that an entry cites; one of the base pack cites the base's own clauses."""
        found = []
        for scalar in form.scalars("cite"):
            ref, known = scalar.text, self.clauses
            if scalar.place.file == BASE_FILE:
                ref, known = f"{BASE_REF}{ref.removeprefix(BASE_REF)}", self.base_clauses
            elif ref.startswith(BASE_REF):
                known = self.base_clauses
            if ref in known:
                found.append(ref)
            else:
                self.problems.unknown(scalar.place, f'clause in "cite" of {form.what}', ref, known)
        return tuple(found)
