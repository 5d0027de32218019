"""What a figure is asked for: whose eyes, which policy, span and part, and by which sides it may be taken apart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDay, TruncMonth, TruncWeek
from django.db.models.lookups import Contains, In
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.cases.access.permissions import Permissions
from ombud.cases.models import Case, Duty
from ombud.cases.reading.paging import NotOurs, by_id
from ombud.insight.eyes import ALL, Eyes, eyes_of, is_seen
from ombud.insight.measuring import TOP, is_counted
from ombud.insight.models import Measured
from ombud.insight.registry import Rows
from ombud.insight.spans import Span
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN

Words = str | Promise
#: What figures can be taken apart by, beside every further fact with a list of values, which goes by its own id.
DIMENSIONS: Mapping[str, Words] = {
    "category": _("Category"),
    "grade": _("Grade"),
    "outcome": _("Outcome"),
    "satisfaction": _("Satisfaction"),
    "channel": _("Channel"),
    "department": _("Department"),
    "office": _("Office"),
    "handler": _("Handler"),
    "version": _("Version"),
    "month": _("Month"),
    "week": _("Week"),
    "day": _("Day"),
    "age": _("Age"),
}
NAMED = ("category", "grade", "outcome", "satisfaction")  # only where the pack's `figures` name them
PHASE = "case.phase"  # of what ended, one in which it stood: narrows, and takes nothing apart; no id has a point
KEYED = ("department", "office", "handler", "version")  # by the key of a row
#: How old what is open may be: from so many days until before so many.
AGES: Mapping[str, tuple[int, int | None]] = {
    "0-2": (0, 3),
    "3-7": (3, 8),
    "8-15": (8, 16),
    "16-30": (16, 31),
    "31-": (31, None),
}
TIMES = {"month": TruncMonth, "week": TruncWeek, "day": TruncDay}


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One value of a dimension: how it is asked for, and how it reads."""

    id: str  # empty: none
    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is counted. `reader` None counts every case: for the system's own reports."""

    reader: Permissions | None
    policy: str
    span: Span
    department: int | None = None  # Department.pk: where the case lies; of duties, who bore them
    office: int | None = None  # Office.pk
    procedure: str = MAIN
    only: Mapping[str, str] = field(default_factory=dict)  # dimension (no time) -> Key.id
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)  # what is asked once a page

    def within(self, span: Span) -> Scope:
        """Return the same for another span."""
        return replace(self, span=span)

    def without(self, cases: frozenset[int]) -> Scope:
        """Return the same of the system's own, less some cases."""
        assert self.reader is None, "what is kept from a reader is found out, not told"
        return replace(self, known={Eyes: Eyes(without=cases)})

    def narrowed(self, dimension: str, id: str) -> Scope:
        """Return the same for one value of a dimension only."""
        return replace(self, only={**self.only, dimension: id})


def is_known(dimension: str, pack: Pack) -> bool:
    """Return whether figures of the policy can be taken apart by a dimension."""
    if dimension in NAMED:
        return getattr(pack.figures, dimension) is not None
    if dimension == TOP:
        return pack.causes.field is not None
    return dimension in DIMENSIONS or is_counted(pack, dimension)


def ever(scope: Scope, now: datetime) -> QuerySet[Measured]:
    """Return the complaints in scope, whatever its span, unordered."""
    found = Measured.objects.filter(policy=scope.policy, procedure=scope.procedure)
    found = found.filter(seen_in(scope, case="pk"))
    if scope.department is not None:
        found = found.filter(department=scope.department)
    if scope.office is not None:
        found = found.filter(office=scope.office)
    for dimension, id in scope.only.items():
        found = found.filter(_is(dimension, id, now))
    return found


def is_open_at(end: datetime, now: datetime) -> Q:
    """Return the condition that a complaint was open at an instant; of one that lies ahead, that it is open now."""
    known = Q(closed_at=None) if end > now else Q(closed_at=None) | Q(closed_at__gte=end)
    return Q(received_at__lt=end) & known


def measured(scope: Scope, rows: Rows, now: datetime, spans: Sequence[Span] = ()) -> QuerySet[Measured]:
    """Return the complaints that a measure counts, unordered; `spans` in place of the span of the scope."""
    found, end = ever(scope, now), scope.span.end
    if rows is Rows.OPEN:
        return found.filter(is_open_at(end, now))
    if rows is Rows.OVERDUE:
        return found.filter(closed_at=None, next_due_at__lt=now)
    return found.filter(is_within(rows.value, spans or (scope.span,)))


def is_within(at: str, spans: Iterable[Span]) -> Q:
    """Return the condition that an instant lies in one of some spans."""
    found = Q(pk__in=[])
    for each in spans:
        found |= Q(**{f"{at}__gte": each.begin, f"{at}__lt": each.end})
    return found


def duties(scope: Scope, now: datetime, spans: Sequence[Span] = ()) -> QuerySet[Duty]:
    """Return the duties of ours that began in the span, or in one of `spans`, unordered."""
    found = _of_scope(scope).filter(is_within("opened_at", spans or (scope.span,)), case__procedure=scope.procedure)
    for dimension, id in scope.only.items():
        found = found.filter(_is(dimension, id, now, of_case="case__measured__"))
    return found


def owed_now(scope: Scope, now: datetime, holders: Sequence[str] | None = None) -> QuerySet[Duty]:
    """Return the duties of ours that are owed at this moment, whatever the span, unordered; `holders`: what they owe.

    Matters are few beside complaints: which cases are none of the procedure is asked once, not of each duty.
    """
    of_policy = Case.objects.filter(policy=scope.policy).values("pk")
    before, after = of_policy.filter(procedure__lt=scope.procedure), of_policy.filter(procedure__gt=scope.procedure)
    found = _of_scope(scope) if holders is None else _held_by(holders, scope)
    found = found.exclude(case__in=before).exclude(case__in=after).filter(status=Duty.Status.OPEN)
    for dimension, id in scope.only.items():
        found = found.filter(_is(dimension, id, now, of_case="case__measured__"))
    return found


def _held_by(holders: Sequence[str], scope: Scope) -> QuerySet[Duty]:
    """Return what these owe along their index, which knows no policy. Whoever owes something may see its case."""
    of_policy = In(Coalesce(F("policy"), Value("")), [scope.policy])
    found = Duty.objects.filter(of_policy, holder__in=holders, is_outsiders=False)
    eyes = seen_by(scope)
    return _there(found.filter(seen_in(scope, case="case") if eyes is None else eyes.admits(case="case")), scope)


def _of_scope(scope: Scope) -> QuerySet[Duty]:
    seen = seen_in(scope, case="case", measured="case__measured__")
    return _there(Duty.objects.filter(seen, policy=scope.policy, is_outsiders=False), scope)


def _there(found: QuerySet[Duty], scope: Scope) -> QuerySet[Duty]:
    if scope.department is not None:
        found = found.filter(department=scope.department)
    return found if scope.office is None else found.filter(case__office=scope.office)


def seen_in(scope: Scope, *, case: str, measured: str = "") -> Q:
    """Return the condition that a row's case is the reader's to see."""
    return is_seen(scope.reader, seen_by(scope), case=case, measured=measured)


def seen_by(scope: Scope) -> Eyes | None:
    """Return what is seen in scope, asked once a page; None: each case has to be asked for.

    Whoever handles a case sees it, whatever circle it is of.
    """
    if Eyes not in scope.known:
        scope.known[Eyes] = eyes_of(scope.reader, scope.policy)
    found: Eyes | None = scope.known[Eyes]
    is_own = scope.reader is not None and scope.only.get("handler") == str(scope.reader.person.pk)
    return Eyes(without=found.without) if found is not None and is_own else found


def sees_all(reader: Permissions | None, policy: str) -> bool:
    """Return whether no case of the policy is kept from the reader, so that none need be asked for it."""
    return eyes_of(reader, policy) == ALL


def column(dimension: str, rows: Rows, span: Span | None = None) -> Any:
    """Return the expression by whose values rows are taken apart; times are those of a span's zone."""
    if span is not None and dimension in TIMES:
        return TIMES[dimension](rows.value, tzinfo=span.begin.tzinfo)
    return _column(dimension, "case__measured__" if rows is Rows.DUTIES else "")


def _column(dimension: str, of_case: str) -> Any:
    if of_case and dimension == "department":
        return F("department")  # of who bore the duty
    if dimension in DIMENSIONS:
        return F(f"{of_case}{dimension}")
    return Coalesce(KeyTextTransform(dimension, f"{of_case}choices"), Value("", output_field=TextField()))


def is_aged(id: str, now: datetime, *, of_case: str = "") -> Q:
    """Return the condition that a case is so old. Raises NotOurs for an age that there is not."""
    if id not in AGES:
        raise NotOurs(id)
    youngest, oldest = AGES[id]
    found = Q(**{f"{of_case}received_at__lte": now - timedelta(days=youngest)})
    return found if oldest is None else found & Q(**{f"{of_case}received_at__gt": now - timedelta(days=oldest)})


def _is(dimension: str, id: str, now: datetime, *, of_case: str = "") -> Q:
    """Return the condition that a dimension has this value. Raises NotOurs for what none can have."""
    if dimension == "age":
        return is_aged(id, now, of_case=of_case)
    if dimension in KEYED:
        name = dimension if of_case and dimension == "department" else f"{of_case}{dimension}"
        return Q(**{name: by_id(id)}) if id else Q(**{f"{name}__isnull": True})
    if dimension == PHASE:
        stays = Cast(F(f"{of_case}stays"), TextField())
        return Q(Contains(stays, f"[{json.dumps(id)}, "))
    if dimension in DIMENSIONS:
        return Q(**{f"{of_case}{dimension}": id})
    here = f"{of_case}choices__"
    return Q(**{f"{here}{dimension}": id}) if id else Q(**{f"{here}{dimension}__isnull": True})
