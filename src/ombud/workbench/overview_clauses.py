"""What an overview says of clauses: those broken most often, and those that nothing counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from ombud.insight import clause_counts
from ombud.insight.clause_counts import OfClauses
from ombud.insight.compliance import BROKEN, Counts
from ombud.insight.scopes import Scope
from ombud.policy.model.source import Clause
from ombud.workbench.clause_duties import STATE
from ombud.workbench.compliance import silent_clauses
from ombud.workbench.figures import Asked

WORST = 5
_FOUND = "clauses"  # the counts are asked for once a page


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """One clause with how often it was broken, and where its duties are."""

    clause: Clause
    counts: Counts
    href: str  # empty: they are not for the reader


def broken(wanted: Asked, scope: Scope, now: datetime, *, most: int = WORST) -> list[Broken]:
    """Return the clauses that were broken most often."""
    found = _counted(wanted, scope, now)
    sums = {ref: found.of(ref) for ref in found.by_month}
    clauses = {**wanted.pack.clauses, **wanted.pack.base_clauses}
    worst = sorted(
        ((ref, counts) for ref, counts in sums.items() if counts.late + counts.overdue and ref in clauses),
        key=lambda each: (-(each[1].late + each[1].overdue), each[0]),
    )
    return [
        Broken(
            clause=clauses[ref],
            counts=counts,
            href=_href(ref, wanted) if scope.reader else "",
        )
        for ref, counts in worst[:most]
    ]


def _href(ref: str, wanted: Asked) -> str:
    return f"{reverse('desk_compliance_clause', args=[ref])}?{wanted.address}&{STATE}={BROKEN}#duties"


def silent(wanted: Asked, scope: Scope, now: datetime) -> list[tuple[Clause, str]]:
    """Return the clauses of which there is no duty in the span, each with why."""
    return silent_clauses(wanted.pack, _counted(wanted, scope, now).by_month)


def _counted(wanted: Asked, scope: Scope, now: datetime) -> OfClauses:
    if _FOUND not in scope.known:
        scope.known[_FOUND] = clause_counts.counted(
            scope.reader, policy=wanted.pack.id, span=wanted.span, only=wanted.only, now=now, page=scope
        )
    found: OfClauses = scope.known[_FOUND]
    return found
