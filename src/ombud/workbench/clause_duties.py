"""The duties under a clause that an address asks for: of one month, kind and state, for the page and its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ombud.cases.access.permissions import Permissions
from ombud.cases.models import Duty
from ombud.cases.reading.paging import NotOurs
from ombud.insight import compliance, spans
from ombud.insight.compliance import SEVERAL
from ombud.organisation.models import words
from ombud.policy.compare.naming import Names
from ombud.workbench.figures import STATES, Asked

MONTH, STATE, DUTY = "month", "state", "duty"
MATTERS = "matters"  # duties of all that a policy has us do are meant, not those of complaints alone


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseDuties:
    """Duties under one clause, and which of them are asked for."""

    every: QuerySet[Duty]
    shown: QuerySet[Duty]  # of the month and duty; those of the state are `compliance.listed`
    months: dict[str, spans.Span]
    month: str
    state: str
    duty: str  # what it is called; empty: of every kind


def asked_duties(reader: Permissions, wanted: Asked, ref: str, now: datetime) -> ClauseDuties:
    """Return the duties of the clause that the address asks for. Raises NotOurs for a month or state there is not."""
    state, month, kind = (wanted.query.get(each, "") for each in (STATE, MONTH, DUTY))
    months = {f"{each.begin:%Y-%m}": each for each in spans.months(wanted.span)}
    if (state and state not in {*STATES, *SEVERAL}) or (month and month not in months):
        raise NotOurs(state or month)
    everything = compliance.owed(reader, policy=wanted.pack.id, span=wanted.span, only=wanted.only)
    every = compliance.under(everything, ref, now)
    shown = compliance.within(every, [months[month]]) if month else every
    procedure, _slash, duty = kind.partition("/")
    if kind:
        shown = shown.filter(case__procedure=procedure, duty=duty)
    title = words(dict(Names(wanted.pack, wanted.pack.procedures.get(procedure)).owed(duty))) if duty else ""
    return ClauseDuties(every=every, shown=shown, months=months, month=month, state=state, duty=title)
