"""What is owed, and by whom: duties of a case and duties of the calendar."""

from __future__ import annotations

from dataclasses import dataclass, field

from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.source import Place
from ombud.texts import Text


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
    told_as: Text = field(default_factory=dict)  # what the complainant is promised, or asked for; empty = the title
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Periodic:
    """An organisational duty of the calendar; each occurrence is a case of `procedure`."""

    id: str
    title: Text
    bearer: str  # role
    every: str  # day, workday, week, month, quarter, half-year, year
    year_from: tuple[int, int] = (1, 1)  # month and day on which the year begins that months to years are parts of
    on: str | None  # "17:00", "mon", "5", "last workday": when an occurrence falls due
    calendar: str
    per: str | None = None  # "office" or "department": one occurrence for each
    on_own_calendar: bool = False  # `per` without a calendar: on that of each; `calendar` where it has none
    procedure: str
    hands_in: str | None = None  # written `report`: what its matters hand in, instead of the report that the act names
    cite: tuple[str, ...]
    at: Place
