"""A loaded pack, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ombud.policy.model.causes import Causes
from ombud.policy.model.distribution import DistributionRule
from ombud.policy.model.duties import Periodic
from ombud.policy.model.people import Channel, Course, Department, Exam, Office, Role
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.records import Access, Document, Figures, LateEntries, Ledger, Retention
from ombud.policy.model.reports import Report
from ombud.policy.model.source import Clause, Explanation, Parameter, Place, Reading
from ombud.policy.model.surveys import Survey
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Field, Kind
from ombud.policy.model.watching import Watch
from ombud.texts import Text
from ombud.worktime import CalendarSpec

COMPLAINT, REQUEST = "complaint", "request"  # what a policy's matters are called to whoever files them


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A dated story with what it must lead to; `log` and `expect` are the contract's STORY."""

    name: str  # in English where it has several languages: what reports and stories call it
    title: Text  # what people read
    story: Mapping[str, Any]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    id: str
    version: str
    title: Text
    about: Text  # whose complaints these are, for who chooses where to complain; may be empty
    called: str = COMPLAINT  # or REQUEST
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
    courses: Mapping[str, Course] = field(default_factory=dict)
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    reports: Mapping[str, Report] = field(default_factory=dict)
    distribution: Mapping[str, DistributionRule] = field(default_factory=dict)  # in the order in which they are asked
    watch: Watch = field(default_factory=Watch)
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    causes: Causes = field(default_factory=Causes)
    currency: str
    reference_prefix: str  # of case references, two letters
    hash: str  # SHA-256 of the resolved pack
    sources: Mapping[str, str]  # file -> text, base files included; enough to load it again

    @property
    def main(self) -> Procedure:
        return self.procedures[MAIN]
