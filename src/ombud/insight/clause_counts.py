"""The counts of every clause over a span, by month: from the sums of its days, and from the duties of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from ombud.cases.access.permissions import Permissions
from ombud.insight import sums
from ombud.insight.compliance import NOTHING, OF_CASE, STATES, Counts, Line, Narrowing, lines_of, owed_whenever, within
from ombud.insight.daily import CLAUSES, OF_DUTIES
from ombud.insight.scopes import Scope, seen_in
from ombud.insight.spans import Span, months, shared


@dataclass(frozen=True, kw_only=True, slots=True)
class OfClauses:
    """What became of the duties of a span."""

    total: Counts
    by_month: dict[str, dict[datetime, Counts]]  # by clause, and by the first instant of the month they began in

    def of(self, clause: str) -> Counts:
        return sum(self.by_month.get(clause, {}).values(), NOTHING)


def counted(
    reader: Permissions | None, *, policy: str, span: Span, only: Narrowing, now: datetime, page: Scope | None = None
) -> OfClauses:
    """Return what `compliance.owed` and `compliance.lines` count of the duties, without reading each of them.

    `page` is what the same page asked for already, of this reader and policy: what it knows is not asked again.
    """
    total, found = NOTHING, defaultdict[str, dict[datetime, Counts]](dict)
    for month, line in _lines(reader, policy, span, only, now, page):
        total += line.counts
        for clause in line.clauses:
            found[clause][month] = found[clause].get(month, NOTHING) + line.counts
    return OfClauses(total=total, by_month=dict(found))


def _lines(
    reader: Permissions | None, policy: str, span: Span, only: Narrowing, now: datetime, page: Scope | None
) -> Iterable[tuple[datetime, Line]]:
    sides = {"grade": only.grade, "version": None if only.version is None else str(only.version)}
    scope = Scope(
        reader=reader,
        policy=policy,
        span=span,
        department=only.department,
        office=only.office,
        only={name: value for name, value in sides.items() if value is not None},
        known=page.known if page is not None else {},
    )
    part = sums.of(scope, CLAUSES, span, now, sides=OF_DUTIES)
    yield from _summed(part.sums, span)
    # Along the index of when they began, and of the stretches alone: bounds of the whole span beside them would make
    # SQLite look through all of it.
    duties = owed_whenever(seen_in(scope, case="case", measured=OF_CASE), policy=policy, only=only)
    pieces = {month: [one for each in part.rest if (one := shared(month, each))] for month in months(span)}
    rest = {month.begin: within(duties, each) for month, each in pieces.items() if each}
    begins = list(rest)
    yield from ((begins[place], line) for place, line in lines_of(list(rest.values()), now))


def _summed(days: Iterable[tuple[date, Any, Any]], span: Span) -> Iterable[tuple[datetime, Line]]:
    told = defaultdict[tuple[date, str, str, tuple[str, ...]], list[int]](lambda: [0] * len(STATES))
    for day, _key, kinds in days:
        first = day.replace(day=1)
        for procedure, duty, clauses, *numbers in kinds:
            mine = told[first, procedure, duty, tuple(clauses)]
            for place in range(len(STATES)):
                mine[place] += numbers[place]
    for (first, procedure, duty, clauses), numbers in told.items():
        if not any(numbers):
            continue  # of cases alone that are kept from the reader
        counts = Counts(**dict(zip(STATES, numbers, strict=True)))
        month = datetime.combine(first, time.min, span.begin.tzinfo)
        yield month, Line(procedure=procedure, duty=duty, clauses=clauses, counts=counts)
