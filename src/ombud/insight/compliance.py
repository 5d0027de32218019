"""What was owed under each clause and what became of it, counted from the duties as the engine judged them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import TruncMonth

from ombud.cases.access.permissions import Permissions
from ombud.cases.models import WAS_LATE, Duty
from ombud.cases.reading.paging import PAGE, Page, by_instant, instant_cursor
from ombud.insight.eyes import eyes_of, is_seen
from ombud.insight.rates import Rate, rank
from ombud.insight.scopes import is_within
from ombud.insight.spans import Span

OF_CASE = "case__measured__"  # from a duty to what is measured of its case
_OVER = Q(status__in=[Duty.Status.ENDED, Duty.Status.CANCELLED])


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many duties came to each end, or how they stand. Every duty is in exactly one."""

    met: int = 0  # done in time
    late: int = 0  # done after its time, or withdrawn after it without having been done
    overdue: int = 0  # still owed after its time
    running: int = 0  # owed, its time not over
    paused: int = 0  # owed, its clock stands still
    waived: int = 0
    gone: int = 0  # withdrawn in time: the case went another way, so nothing was owed any more

    @property
    def total(self) -> int:
        return sum(getattr(self, each.name) for each in fields(self))

    @property
    def applied(self) -> int:
        """How many were to be done: all but those withdrawn in time."""
        return self.total - self.gone

    @property
    def on_time(self) -> Rate:
        """Of those whose time has told, how many were done in it."""
        return Rate(number=self.met, of=self.met + self.late + self.overdue)

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


NOTHING = Counts()
STATES = tuple(each.name for each in fields(Counts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """Which duties are counted, beside policy and span; None leaves a side open."""

    department: int | None = None  # Department.pk, of who bore them
    office: int | None = None  # Office.pk, of the case
    grade: str | None = None  # of the case, as it is now
    version: int | None = None  # PolicyVersion.pk, that the case runs under now


EVERYTHING = Narrowing()


#: What may be asked for beside the states, and which of these it is.
BROKEN, TOLD, OWED = "broken", "told", "owed"
SEVERAL: Mapping[str, tuple[str, ...]] = {
    BROKEN: ("late", "overdue"),
    TOLD: ("met", "late", "overdue"),  # what the rate on time is of
    OWED: tuple(each for each in STATES if each != "gone"),
}


def conditions(now: datetime) -> Mapping[str, Q]:
    """Return for each of Counts which duties it counts at an instant."""
    return {
        "met": Q(status=Duty.Status.MET),
        "late": WAS_LATE & (_OVER | Q(status=Duty.Status.LATE)),
        "overdue": Q(status=Duty.Status.OPEN, due_at__lt=now),
        "running": Q(status=Duty.Status.OPEN) & (Q(due_at__isnull=True) | Q(due_at__gte=now)),
        "paused": Q(status=Duty.Status.PAUSED),
        "waived": Q(status=Duty.Status.WAIVED),
        "gone": _OVER & Q(breached_at__isnull=True),
    }


def is_late(now: datetime) -> Q:
    """Return the condition that a duty was late, or is overdue at an instant."""
    return standing(BROKEN, now)


def standing(state: str, now: datetime) -> Q:
    """Return the condition that a duty is in a state, or in one of SEVERAL, at an instant."""
    ends = conditions(now)
    return reduce(or_, (ends[each] for each in SEVERAL.get(state, (state,))))


def owed(reader: Permissions | None, *, policy: str, span: Span, only: Narrowing = EVERYTHING) -> QuerySet[Duty]:
    """Return the duties of ours that began in the span, of cases that the reader may see, unordered.

    Without a reader they are of every case: for the system's own reports.
    """
    seen = is_seen(reader, eyes_of(reader, policy), case="case", measured=OF_CASE)
    return within(owed_whenever(seen, policy=policy, only=only), [span])


def owed_whenever(seen: Q, *, policy: str, only: Narrowing = EVERYTHING) -> QuerySet[Duty]:
    """Return the duties of ours, of cases for which the condition holds, whenever they began; unordered."""
    rows = Duty.objects.filter(seen, policy=policy, is_outsiders=False)
    if only.department is not None:
        rows = rows.filter(department=only.department)
    if only.office is not None:
        rows = rows.filter(case__office=only.office)
    if only.grade is not None:
        rows = rows.filter(case__measured__grade=only.grade)
    if only.version is not None:
        rows = rows.filter(case__measured__version=only.version)
    return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """The counts of one duty under the clauses that it was owed by."""

    procedure: str
    duty: str
    clauses: tuple[str, ...]
    counts: Counts


def lines(duties: QuerySet[Duty], now: datetime) -> tuple[Line, ...]:
    """Return each kind of duty among them with its counts; one query."""
    return tuple(_line(row) for row in _counted(duties, ("case__procedure", "duty", "clauses"), now))


def lines_of(several: Sequence[QuerySet[Duty]], now: datetime) -> Iterator[tuple[int, Line]]:
    """Yield the same of several sets of duties, each with its place among them; one query."""
    told: list[Any] = [
        _counted(duties.annotate(place=Value(place)), ("place", "case__procedure", "duty", "clauses"), now)
        for place, duties in enumerate(several)
    ]
    for row in told[0].union(*told[1:], all=True) if told else ():
        yield row["place"], _line(row)


def _line(row: Mapping[str, Any]) -> Line:
    return Line(procedure=row["case__procedure"], duty=row["duty"], clauses=tuple(row["clauses"]), counts=_counts(row))


def under(duties: QuerySet[Duty], clause: str, now: datetime) -> QuerySet[Duty]:
    """Return those that were owed under a clause: what each cites stands with it, whatever its version."""
    some = Q(pk__in=[])
    for line in lines(duties, now):
        if clause in line.clauses:
            some |= Q(case__procedure=line.procedure, duty=line.duty, clauses=list(line.clauses))
    return duties.filter(some)


def by_clause(found: Iterable[Line]) -> dict[str, Counts]:
    """Return the counts of each clause: the sum over the duties that it asks for."""
    sums: dict[str, Counts] = {}
    for line in found:
        for clause in line.clauses:
            sums[clause] = sums.get(clause, NOTHING) + line.counts
    return sums


def by_side(duties: QuerySet[Duty], side: str, now: datetime) -> dict[Any, Counts]:
    """Return the counts by department (`department`) or by something of the case (`case__office`), by its key."""
    return {row[side]: _counts(row) for row in _counted(duties, (side,), now)}


def within(duties: QuerySet[Duty], spans: Iterable[Span]) -> QuerySet[Duty]:
    """Return those that began within one of some spans."""
    return duties.filter(is_within("opened_at", spans))


def by_month(duties: QuerySet[Duty], span: Span, now: datetime) -> dict[datetime, Counts]:
    """Return the counts by the month in which the duty began, in the span's zone, by the month's first instant."""
    months = duties.annotate(month=TruncMonth("opened_at", tzinfo=span.begin.tzinfo))
    return {row["month"]: _counts(row) for row in _counted(months, ("month",), now)}


def totals(duties: QuerySet[Duty], now: datetime) -> Counts:
    """Return the counts of all of them."""
    return _counts(duties.aggregate(**_sums(now)))


def _counted(duties: QuerySet[Duty], by: tuple[str, ...], now: datetime) -> Iterable[dict[str, Any]]:
    found: Iterable[dict[str, Any]] = duties.order_by().values(*by).annotate(**_sums(now))
    return found


def _sums(now: datetime) -> dict[str, Count]:
    return {f"n_{name}": Count(Value(1), filter=condition) for name, condition in conditions(now).items()}


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(**{each.name: row[f"n_{each.name}"] for each in fields(Counts)})


def share_used(duties: QuerySet[Duty]) -> tuple[float, float] | None:
    """Return which share of its time the middle one and the slowest tenth of those done took: 1 is all of it.

    By the clock on the wall, pauses and nights included, as both times are. None where none with a limit was done.
    """
    return _middle_and_slow([share for _clauses, share in _shares(duties)])


def share_used_by_clause(duties: QuerySet[Duty]) -> dict[str, tuple[float, float]]:
    """Return the same for each clause that has any done; one query, which reads each of the duties."""
    found = defaultdict[str, list[float]](list)
    for clauses, share in _shares(duties):
        for clause in clauses:
            found[clause].append(share)
    return {clause: told for clause, shares in found.items() if (told := _middle_and_slow(shares)) is not None}


def _shares(duties: QuerySet[Duty]) -> Iterator[tuple[list[str], float]]:
    done_ones = duties.filter(done_at__isnull=False, due_at__gt=F("opened_at")).order_by()
    rows = done_ones.values_list("clauses", "opened_at", "done_at", "due_at")
    for clauses, opened, done, due in rows.iterator(chunk_size=2000):
        if done and due:
            yield clauses, (done - opened) / (due - opened)


def _middle_and_slow(shares: Sequence[float]) -> tuple[float, float] | None:
    return (rank(shares, 5), rank(shares, 9)) if shares else None


def listed(duties: QuerySet[Duty], state: str, now: datetime, cursor: str | None) -> Page[Duty]:
    """Return the duties in a state, or in one of SEVERAL, newest first, with their cases. Raises NotOurs."""
    rows = duties.filter(standing(state, now)) if state else duties
    if (last := by_instant(cursor)) is not None:
        at, key = last
        rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=key))
    found = list(rows.select_related("case", "department", "person").order_by("-opened_at", "-pk")[: PAGE + 1])
    more = len(found) > PAGE
    return Page(
        rows=tuple(found[:PAGE]), after=instant_cursor(found[PAGE - 1].opened_at, found[PAGE - 1].pk) if more else None
    )
