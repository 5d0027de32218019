"""Narrowing: what the register can be filtered by, and which of the conditions an index serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone

from ombud.cases import search
from ombud.cases.access import assignees
from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case, Duty, Grade
from ombud.cases.reading.paging import NotOurs
from ombud.organisation.models import Person
from ombud.policy.model.procedures import MAIN

# What a list is walked along: one condition whose index is in the order of the list already, that of receipt. SQLite
# knows no statistics unless somebody gathers them, takes the index with the most equal columns and then sorts 200,000
# rows; so every other condition is written such that no index serves it. PostgreSQL chooses by its statistics.
BY_POLICY, BY_DUE, BY_RECEIPT, NO_INDEX = "policy", "next_due_at", "received_at", ""
_LEADS = ("handler", "phase", "department", "office", "channel")


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What the register can be narrowed by; everything else is unknown and refused by `filters_from`."""

    policy: str | None = None
    procedure: str | None = None  # None = complaints only; "*" = all
    phase: str | None = None
    grades: Mapping[str, str] = field(default_factory=dict)  # severity=major ... any table of the pack
    department: int | None = None  # Department.pk
    office: int | None = None  # Office.pk
    handler: int | None = None  # Person.pk
    channel: str | None = None
    is_open: bool | None = None
    is_overdue: bool = False
    is_breached: bool = False  # a duty of ours was overdue at some time, done, cancelled or withdrawn since or not
    from_at: datetime | None = None  # received at or after
    to_at: datetime | None = None  # received before


def lead_of(filters: Filters, permissions: Permissions) -> str:
    """Return the condition to walk along, newest first: the one that leaves least."""
    for name in _LEADS:
        if getattr(filters, name) is not None:
            return name
    has_one = filters.policy is not None or (permissions.full_policies == tuple(permissions.policies) != ())
    is_one = filters.policy is not None or len(permissions.full_policies) == 1
    return BY_POLICY if has_one and is_one and filters.procedure != "*" and not permissions.sees_all else BY_RECEIPT


def filtered(permissions: Permissions, filters: Filters, now: datetime, lead: str) -> QuerySet[Case]:
    """Return the cases that the reader may see and the filters leave, to be walked along `lead`, unordered."""
    cases = scoped(permissions, is_leading=lead == BY_POLICY)
    exact = {
        "policy": filters.policy,
        "procedure": _procedure(filters),
        **{name: getattr(filters, name) for name in _LEADS},
    }
    leading = (BY_POLICY, "procedure") if lead == BY_POLICY else (lead,)
    for name, value in exact.items():
        if value is not None:
            cases = cases.filter(Q(**{name: value}) if name in leading else unindexed(name, value))
    for name, value in filters.grades.items():
        cases = cases.filter(Exists(Grade.objects.filter(case=OuterRef("pk"), name=name, value=value)))
    if filters.is_open is not None:
        cases = cases.filter(closed_at__isnull=filters.is_open)
    if filters.is_overdue:
        cases = cases.filter(next_due_at__lt=now)
    if filters.is_breached:
        late = Duty.objects.filter(case=OuterRef("pk"), breached_at__isnull=False, is_outsiders=False)
        cases = cases.filter(Q(next_due_at__lt=now) | Exists(late))
    if filters.from_at:
        cases = cases.filter(received_at__gte=filters.from_at)
    if filters.to_at:
        cases = cases.filter(received_at__lt=filters.to_at)
    return cases


def unindexed(name: str, value: str | int) -> Q | Exact:
    """Return the condition name = value in words that SQLite finds no index for."""
    if connection.vendor != "sqlite":
        return Q(**{name: value})
    nothing: str | int = 0 if isinstance(value, int) else ""
    output = BigIntegerField() if isinstance(value, int) else CharField()
    return Exact(Coalesce(F(name), Value(nothing), output_field=output), value)


def marks_of(filters: Filters) -> list[str]:
    """Return the marks that the search index holds of every case that the filters leave; overdue, at least open."""
    exact = {**{name: getattr(filters, name) for name in search.FILTERED}, "procedure": _procedure(filters)}
    found = [search.mark(search.FILTERED[name], value) for name, value in exact.items() if value is not None]
    found += [search.mark(search.GRADE, f"{name}={value}") for name, value in filters.grades.items()]
    is_open = True if filters.is_overdue and filters.is_open is None else filters.is_open
    return found if is_open is None else [*found, search.mark(search.OPENNESS, int(is_open))]


def _procedure(filters: Filters) -> str | None:
    """Return the only procedure whose cases are wanted, complaints where nothing is said; None for all."""
    return None if filters.procedure == "*" else filters.procedure or MAIN


_FLAGS = {"1": True, "0": False}
_GRADE = "grade."


def filters_from(query: Mapping[str, str], reader: Person) -> Filters:
    """Return the filters of a query string: policy, procedure, phase, department, office (a key), handler ("me"
    or a key), channel, open (1, 0), overdue (1), breached (1), from, to (ISO dates of the reader's zone), grade.TABLE.

    Raises NotOurs naming an unknown or bad one.
    """
    found: dict[str, object] = {}
    grades: dict[str, str] = {}
    for name, value in query.items():
        if not value:
            continue
        if "\0" in name + value:  # PostgreSQL takes none
            raise NotOurs(name.replace("\0", ""))
        try:
            if name.startswith(_GRADE):
                grades[name.removeprefix(_GRADE)] = value
            else:
                target, read = _READERS[name]
                found[target] = read(value, reader)
        except (KeyError, ValueError) as error:
            raise NotOurs(f"{name}={value}") from error
    return Filters(grades=grades, **found)  # type: ignore[arg-type]  # each reader returns its field's type


def _flag(value: str, reader: Person) -> bool:
    return _FLAGS[value]


def _number(value: str, reader: Person) -> int:
    if value == "me":
        return reader.pk
    number = value.removeprefix("p")
    if not number.isdecimal() or len(number) > 18:  # more than a key can be
        raise ValueError(value)
    return int(number)


def _office(value: str, reader: Person) -> int:
    found = assignees.office_id(value)
    if found is None:
        raise ValueError(value)
    return found


def _day(value: str, reader: Person) -> datetime:
    zone = ZoneInfo(reader.tz) if reader.tz else timezone.get_default_timezone()
    return datetime.combine(_date(value), datetime.min.time(), zone)


def _day_after(value: str, reader: Person) -> datetime:
    return _day(str(_date(value) + timedelta(days=1)), reader)


def _date(value: str) -> date:
    found = date.fromisoformat(value)
    if not 1900 <= found.year <= 2200:  # beyond, a zone may carry it out of what a database can hold
        raise ValueError(value)
    return found


def _same(value: str, reader: Person) -> str:
    return value


_READERS: Mapping[str, tuple[str, Callable[[str, Person], object]]] = {
    "policy": ("policy", _same),
    "procedure": ("procedure", _same),
    "phase": ("phase", _same),
    "channel": ("channel", _same),
    "department": ("department", _number),
    "office": ("office", _office),
    "handler": ("handler", _number),
    "open": ("is_open", _flag),
    "overdue": ("is_overdue", _flag),
    "breached": ("is_breached", _flag),
    "from": ("from_at", _day),
    "to": ("to_at", _day_after),
}
