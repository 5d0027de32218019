"""The register and the board: cases that a reader may see, narrowed, searched, paged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from ombud.cases import search
from ombud.cases.models import Case, Grade, Participation, Recusal
from ombud.cases.paging import PAGE, Page, by_id, by_instant, instant_cursor
from ombud.cases.showing import duty_title, grade_titles, phase_title, program_of, summary
from ombud.cases.standing import Standing, scoped, standing_of
from ombud.organisation import library, publishing
from ombud.organisation.models import Person
from ombud.policy.model import MAIN, Text
from ombud.privacy import blind
from ombud.privacy.models import BlindIndex

NEWEST, OLDEST, DUE = "newest", "oldest", "due"
COUNTED = 1000  # beyond it people need no exact number
_Walk = Callable[[int | None, int], list[int]]  # (below this id, how many) -> ids of cases, newest first


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What the register can be narrowed by; everything else is unknown and refused by `filters_from`."""

    policy: str | None = None
    procedure: str | None = None  # None = complaints only; "*" = all
    phase: str | None = None
    grades: Mapping[str, str] = field(default_factory=dict)  # severity=major ... any table of the pack
    department: int | None = None  # Department.pk
    handler: int | None = None  # Person.pk
    channel: str | None = None
    is_open: bool | None = None
    is_overdue: bool = False
    from_at: datetime | None = None  # received at or after
    to_at: datetime | None = None  # received before


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One line of the register."""

    case: Case  # with department, handler loaded
    phase: Text
    grades: Mapping[str, Text]
    subject: str
    complainant: str
    next_duty: Text | None
    is_overdue: bool


def register(
    reader: Person,
    *,
    now: datetime,
    filters: Filters | None = None,
    text: str = "",
    sort: str = NEWEST,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[CaseLine]:
    """Return the cases that the reader may see; `sort` is newest, oldest or due; `text` searches, newest first.

    Raises ValueError for an unknown sort or a cursor that is not ours.
    """
    if sort not in (NEWEST, OLDEST, DUE):
        raise ValueError(f"sort: {sort}")
    standing = standing_of(reader)
    wanted = filters or Filters()
    if text.strip():
        return _walked(standing, _found(standing, text), wanted, now, by_id(cursor), limit)
    if sort == NEWEST and not standing.sees_all and not standing.full_policies:
        return _walked(standing, _participated(standing), wanted, now, by_id(cursor), limit)
    cases = narrowed(scoped(standing), wanted, now)
    if sort == DUE:
        return _by_due(standing, cases, now, cursor, limit)
    if wanted.from_at or wanted.to_at:
        return _by_received(standing, cases, now, cursor, limit, is_newest=sort == NEWEST)
    last = by_id(cursor)
    if last is not None:
        cases = cases.filter(pk__lt=last) if sort == NEWEST else cases.filter(pk__gt=last)
    rows = list(_whole(cases.order_by("-pk" if sort == NEWEST else "pk"))[: limit + 1])
    return _page(rows, standing, now, limit, lambda row: str(row.pk))


def narrowed(cases: QuerySet[Case], filters: Filters, now: datetime) -> QuerySet[Case]:
    """Return the cases that the filters leave."""
    if filters.procedure != "*":
        cases = cases.filter(procedure=filters.procedure or MAIN)
    exact = {
        "policy": filters.policy,
        "phase": filters.phase,
        "department": filters.department,
        "handler": filters.handler,
        "channel": filters.channel,
    }
    cases = cases.filter(**{name: value for name, value in exact.items() if value is not None})
    for name, value in filters.grades.items():
        cases = cases.filter(pk__in=Grade.objects.filter(name=name, value=value).values("case"))
    if filters.is_open is not None:
        cases = cases.filter(closed_at__isnull=filters.is_open)
    if filters.is_overdue:
        cases = cases.filter(next_due_at__lt=now)
    if filters.from_at:
        cases = cases.filter(received_at__gte=filters.from_at)
    if filters.to_at:
        cases = cases.filter(received_at__lt=filters.to_at)
    return cases


def _found(standing: Standing, text: str) -> _Walk:
    """Return a walk over the cases that hold the words; who may see them is asked of the same index."""
    any_of: list[str] = []
    if not standing.sees_all:
        any_of = [search.mark("q", policy) for policy in standing.full_policies]
        any_of += [search.mark("v", viewer) for viewer in standing.viewers]

    def below(last: int | None, limit: int) -> list[int]:
        return search.find(text, any_of=any_of, below=last, limit=limit)

    return below


def _participated(standing: Standing) -> _Walk:
    """Return a walk over the cases that the reader, or a department of theirs, has or had."""

    def below(last: int | None, limit: int) -> list[int]:
        found: set[int] = set()
        for viewer in standing.viewers:
            rows = Participation.objects.filter(viewer=viewer)
            if last is not None:
                rows = rows.filter(case__lt=last)
            found.update(rows.order_by("-case").values_list("case", flat=True)[:limit])
        return sorted(found, reverse=True)[:limit]

    return below


def _walked(
    standing: Standing, walk: _Walk, filters: Filters, now: datetime, last: int | None, limit: int
) -> Page[CaseLine]:
    """Return a page from a walk: one step where nothing is filtered out, longer steps where much is."""
    rows: list[Case] = []
    size = limit + 1
    mine = Recusal.objects.filter(person=standing.person).values("case")
    while len(rows) <= limit:
        ids = walk(last, size)
        if ids:
            fitting = narrowed(Case.objects.filter(pk__in=ids).exclude(pk__in=mine), filters, now)
            rows.extend(_whole(fitting.order_by("-pk"))[: limit + 1])
        if len(ids) < size:
            break
        last, size = ids[-1], min(size * 4, 4000)
    return _page(rows, standing, now, limit, lambda row: str(row.pk))


def _by_due(standing: Standing, cases: QuerySet[Case], now: datetime, cursor: str | None, limit: int) -> Page[CaseLine]:
    cases = cases.filter(next_due_at__isnull=False)
    if (last := by_instant(cursor)) is not None:
        cases = cases.filter(next_due_at__gte=last[0]).filter(Q(next_due_at__gt=last[0]) | Q(pk__gt=last[1]))
    rows = list(_whole(cases.order_by("next_due_at", "pk"))[: limit + 1])
    return _page(rows, standing, now, limit, lambda row: instant_cursor(row.next_due_at or now, row.pk))


def _by_received(
    standing: Standing, cases: QuerySet[Case], now: datetime, cursor: str | None, limit: int, *, is_newest: bool
) -> Page[CaseLine]:
    """Walk the index of receipt within a span, which the order of ids would have to search for."""
    if (last := by_instant(cursor)) is not None:
        at, pk = last
        if is_newest:
            cases = cases.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=pk))
        else:
            cases = cases.filter(received_at__gte=at).filter(Q(received_at__gt=at) | Q(pk__gt=pk))
    order = ("-received_at", "-pk") if is_newest else ("received_at", "pk")
    rows = list(_whole(cases.order_by(*order))[: limit + 1])
    return _page(rows, standing, now, limit, lambda row: instant_cursor(row.received_at, row.pk))


def _whole(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with all that a line shows, in the one query."""
    return cases.select_related("department", "handler", "complainant")


def _page(
    rows: Sequence[Case], standing: Standing, now: datetime, limit: int, cursor: Callable[[Case], str]
) -> Page[CaseLine]:
    shown = rows[:limit]
    return Page(
        rows=tuple(_line(row, standing, now) for row in shown),
        after=cursor(shown[-1]) if len(rows) > limit else None,
    )


def _line(case: Case, standing: Standing, now: datetime) -> CaseLine:
    program = program_of(case)
    subject, complainant = summary(case, is_masked=standing.is_masked(case.policy))
    return CaseLine(
        case=case,
        phase=phase_title(program, case.phase),
        grades=grade_titles(program.pack, case.grades),
        subject=subject,
        complainant=complainant,
        next_duty=duty_title(program, case.next_duty) if case.next_duty else None,
        is_overdue=case.next_due_at is not None and now > case.next_due_at,
    )


def by_contact(reader: Person, *, phone: str = "", email: str = "", now: datetime) -> Page[CaseLine]:
    """Return the newest cases of the complainant with exactly this phone number or address."""
    standing = standing_of(reader)
    wanted = Q(pk__in=())
    for name, value in (("phone", phone), ("email", email)):
        if value.strip():
            wanted |= Q(kind=name, digest=blind.look_up(name, value))
    people = BlindIndex.objects.filter(wanted).values("complainant")
    rows = list(_whole(scoped(standing).filter(complainant__in=people).order_by("-pk"))[:PAGE])
    return _page(rows, standing, now, PAGE, lambda row: str(row.pk))


def board(
    reader: Person, *, policy: str, now: datetime, filters: Filters | None = None, limit: int = 20
) -> tuple[tuple[str, Text, int, tuple[CaseLine, ...]], ...]:
    """Return one column per phase that is no end: id, title, number of cases, those due first."""
    standing = standing_of(reader)
    version = publishing.latest(policy)
    if version is None:
        return ()
    wanted = filters or Filters()
    procedure = library.pack(version.hash).procedures[wanted.procedure or MAIN]
    phases = [phase for phase in procedure.phases.values() if not phase.is_end and not phase.is_start]
    cases = narrowed(scoped(standing).filter(policy=policy), wanted, now)
    counts = dict(
        cases.filter(phase__in=[phase.id for phase in phases])
        .order_by()
        .values_list("phase")
        .annotate(number=Count("pk"))
    )
    columns = []
    for phase in phases:
        rows: list[Case] = []
        if counts.get(phase.id):
            rows = list(_whole(cases.filter(phase=phase.id).order_by("-pk"))[:limit])
        lines = tuple(_line(row, standing, now) for row in rows)
        columns.append((phase.id, phase.title, counts.get(phase.id, 0), lines))
    return tuple(columns)


_FLAGS = {"1": True, "0": False}
_GRADE = "grade."


def filters_from(query: Mapping[str, str], reader: Person) -> Filters:
    """Return the filters of a query string: policy, procedure, phase, department, handler ("me" or a key), channel,
    open (1, 0), overdue (1), from, to (ISO dates of the reader's zone), grade.TABLE.

    Raises ValueError naming an unknown or bad one.
    """
    found: dict[str, object] = {}
    grades: dict[str, str] = {}
    for name, value in query.items():
        if not value:
            continue
        try:
            if name.startswith(_GRADE):
                grades[name.removeprefix(_GRADE)] = value
            else:
                target, read = _READERS[name]
                found[target] = read(value, reader)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{name}={value}") from error
    return Filters(grades=grades, **found)  # type: ignore[arg-type]  # each reader returns its field's type


def _flag(value: str, reader: Person) -> bool:
    return _FLAGS[value]


def _number(value: str, reader: Person) -> int:
    return reader.pk if value == "me" else int(value.removeprefix("p"))


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
    "handler": ("handler", _number),
    "open": ("is_open", _flag),
    "overdue": ("is_overdue", _flag),
    "from": ("from_at", _day),
    "to": ("to_at", _day_after),
}
