"""How long something has, and what happens on the way: limits and the rungs of ladders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.model.source import Place
from ombud.worktime import Cutoff, Mode, Unit

ORDERS = (EARLIEST, LATEST) = ("earliest", "latest")  # of several limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How long a duty has: exactly one of `length`, `by`, `field`, `order`."""

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
    order: str | None = None  # "earliest" or "latest" of `cases`, which are then numbered "1", "2", ...
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
