"""The register and the board: cases that a reader may see, narrowed, searched, paged; the newest receipt first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

from ombud.cases import analyser, contacts, search
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Grade, Participation
from ombud.cases.reading import search_texts
from ombud.cases.reading.filters import BY_DUE, BY_POLICY, BY_RECEIPT, NO_INDEX, Filters, filtered, lead_of, marks_of
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_instant, instant_cursor
from ombud.cases.reading.titles import duty_clauses, duty_title, grade_titles, phase_title, summary
from ombud.organisation import library, publishing
from ombud.organisation.models import Person
from ombud.policy.model.procedures import MAIN
from ombud.texts import Text

NEWEST, OLDEST, DUE = "newest", "oldest", "due"
COUNTED = 1000  # beyond it people need no exact number
READ = 1000  # cases that are read for what no index knows, rows to tell how frequent something is
LONGEST = 4000  # ids looked at in one step
_EVER = datetime.min.replace(tzinfo=UTC)
_Last = tuple[datetime, int]  # receipt and id of a case
_Walk = Callable[[_Last | None, int], list[_Last]]  # (older than this one, how many) -> cases, newest first


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One line of the register."""

    case: Case  # with department, office, handler loaded
    phase: Text
    grades: Mapping[str, Text]
    subject: str
    complainant: str
    next_duty: Text | None
    next_clauses: tuple[str, ...]  # that say so
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
    permissions: Permissions | None = None,
) -> Page[CaseLine]:
    """Return the cases that the reader may see; `sort` is newest, oldest or due; `text` searches, newest first.

    Raises NotOurs for an unknown sort or a cursor that is not ours.
    """
    if sort not in (NEWEST, OLDEST, DUE):
        raise NotOurs(f"sort={sort}")
    permissions = permissions or permissions_of(reader)
    wanted = filters or Filters()
    if text.strip():
        found, phrases = _found(permissions, text, wanted, now), analyser.phrases(text)
        return _walked(permissions, found, wanted, now, by_instant(cursor), limit, phrases)
    has_span = bool(wanted.from_at or wanted.to_at)
    if sort == NEWEST and not has_span:
        walk = _cheapest_walk(permissions, wanted, now)
        if walk is not None:
            return _walked(permissions, walk, wanted, now, by_instant(cursor), limit)
    if sort == DUE:
        return _by_due(permissions, filtered(permissions, wanted, now, BY_DUE), now, cursor, limit)
    cases = filtered(permissions, wanted, now, BY_RECEIPT if has_span else lead_of(wanted, permissions))
    return _by_received(permissions, cases, now, cursor, limit, is_newest=sort == NEWEST)


def register_count(
    reader: Person, *, now: datetime, filters: Filters | None = None, text: str = ""
) -> tuple[int, bool]:
    """Return how many cases `register` lists, and whether there may be more: COUNTED are counted, READ are read."""
    permissions = permissions_of(reader)
    wanted = filters or Filters()
    walk = _found(permissions, text, wanted, now) if text.strip() else None
    if walk is None and not (wanted.from_at or wanted.to_at):
        walk = _cheapest_walk(permissions, wanted, now)
    if walk is None:
        lead = BY_RECEIPT if wanted.from_at or wanted.to_at else lead_of(wanted, permissions)
        number = filtered(permissions, wanted, now, lead).order_by()[:COUNTED].count()
        return number, number == COUNTED
    cases, number, last = filtered(permissions, wanted, now, NO_INDEX), 0, None
    phrases, read = analyser.phrases(text), 0
    size = READ if phrases else COUNTED
    while number < COUNTED:
        places = walk(last, size)
        found = cases.filter(pk__in=[pk for _, pk in places])
        if phrases:
            candidates = list(found.select_related("complainant"))
            read += len(candidates)
            number += len(search_texts.holding(candidates, phrases, permissions))
        else:
            number += found.count()
        if len(places) < size:
            return min(number, COUNTED), number >= COUNTED
        if read >= READ:
            return number, True
        last, size = places[-1], READ - read if phrases else LONGEST
    return COUNTED, True


def _cheapest_walk(permissions: Permissions, filters: Filters, now: datetime) -> _Walk | None:
    """Return a walk along another table than that of cases, where it passes by fewer cases."""
    if not (
        permissions.sees_all or permissions.full_policies or any(each.held.is_full for each in permissions.stand_ins)
    ):
        cases, grade = filtered(permissions, filters, now, NO_INDEX), _rarest_grade(permissions, filters)
        return _participated(permissions, cases) if grade is None else _graded_among(cases, *grade)
    if filters.grades and lead_of(filters, permissions) in (BY_RECEIPT, BY_POLICY):
        return _graded(*next(iter(filters.grades.items())))
    return None


def _found(permissions: Permissions, text: str, filters: Filters, now: datetime) -> _Walk:
    """Return a walk over the cases that hold the words; who may see them, and the filters, are asked of the same index.

    A telephone number, address or order number is found however it is written, by whoever may read it. A character
    that stands alone is in no index: the newest cases are read for it.
    """
    if analyser.is_single(text):
        return _newest(filtered(permissions, filters, now, lead_of(filters, permissions)))
    any_of: list[str] = []
    in_full: list[str] | None = None
    known = permissions.known_policies
    if permissions.sees_all or any(permissions.is_masked(policy) for policy in known):
        in_full = [search.mark(search.POLICY, policy) for policy in known if not permissions.is_masked(policy)]
    if not permissions.sees_all:
        lent = (each.policy for each in permissions.stand_ins if each.held.is_full)
        any_of = [search.mark(search.POLICY, policy) for policy in (*permissions.full_policies, *lent)]
        any_of += [search.mark(search.VIEWER, viewer) for viewer in permissions.viewers]
    regions = permissions.regions
    query = analyser.terms(text, exact=lambda piece: contacts.asked(piece, regions))
    all_of = marks_of(filters)
    since = None if filters.from_at is None else search.bound(filters.from_at)
    until = None if filters.to_at is None else search.bound(filters.to_at)

    def below(last: _Last | None, limit: int) -> list[_Last]:
        ends = [key for key in (until, None if last is None else search.bound(*last)) if key is not None]
        keys = search.find(
            query,
            any_of=any_of,
            all_of=all_of,
            in_full=in_full,
            since=since,
            below=min(ends, default=None),
            limit=limit,
        )
        return [search.place_of(key) for key in keys]

    return below


def _newest(cases: QuerySet[Case]) -> _Walk:
    """Return a walk over the newest of the cases, so many and no more."""
    looked = 0

    def below(last: _Last | None, limit: int) -> list[_Last]:
        nonlocal looked
        rows = cases
        if last is not None:
            rows = rows.filter(received_at__lte=last[0]).filter(Q(received_at__lt=last[0]) | Q(pk__lt=last[1]))
        places = rows.order_by("-received_at", "-pk").values_list("received_at", "pk")
        found = list(places[: max(0, min(limit, READ - looked))])
        looked += len(found)
        return found

    return below


def _participated(permissions: Permissions, cases: QuerySet[Case]) -> _Walk:
    """Return a walk over those of the cases that the reader, or a department of theirs, has or had."""

    def below(last: _Last | None, limit: int) -> list[_Last]:
        found: set[_Last] = set()
        for viewer in permissions.viewers:
            # Narrowed in the same statement: of years of cases only those that fit come out.
            found.update(_older(cases, last, limit, "participations__", participations__viewer=viewer))
        return sorted(found, reverse=True)[:limit]

    return below


def _graded(name: str, value: str) -> _Walk:
    """Return a walk over the cases of a grade."""
    return lambda last, limit: _older(Grade.objects.all(), last, limit, name=name, value=value)


def _graded_among(cases: QuerySet[Case], name: str, value: str) -> _Walk:
    """Return a walk over those of the cases that are of a grade, narrowed in the same statement."""
    wanted = {"grade_rows__name": name, "grade_rows__value": value}
    return lambda last, limit: _older(cases, last, limit, "grade_rows__", **wanted)


def _rarest_grade(permissions: Permissions, filters: Filters) -> tuple[str, str] | None:
    """Return the grade asked for that fewer cases are of than the reader has or had; None where none is."""
    since = {
        (name, value): _since(Grade.objects.filter(name=name, value=value)) for name, value in filters.grades.items()
    }
    if not since:
        return None
    rarest = min(since, key=lambda grade: since[grade])
    if since[rarest] == _EVER:
        return rarest  # few enough, however few the reader's own are
    mine = max(_since(Participation.objects.filter(viewer=viewer)) for viewer in permissions.viewers)
    return rarest if since[rarest] < mine else None


def _since(rows: QuerySet[Any]) -> datetime:
    """Return since when the newest READ of the rows came in, the earlier the rarer; _EVER where there are no more.

    To count all would read all; this reads so much of the index that serves the walk, and no case.
    """
    instants = rows.order_by("-received_at", "-case").values_list("received_at", flat=True)
    return next(iter(instants[READ : READ + 1]), _EVER)


def _older(rows: QuerySet[Any], last: _Last | None, limit: int, way: str = "", **wanted: object) -> list[_Last]:
    """Return receipt and case of the newest of the wanted rows, reached by `way`, older than the last one seen."""
    at, case = f"{way}received_at", f"{way}case"
    condition = Q(**wanted)  # one call of filter: two would be two joins
    if last is not None:
        condition &= Q(**{f"{at}__lte": last[0]}) & (Q(**{f"{at}__lt": last[0]}) | Q(**{f"{case}__lt": last[1]}))
    return list(rows.filter(condition).order_by(f"-{at}", f"-{case}").values_list(at, case)[:limit])


def _walked(
    permissions: Permissions,
    walk: _Walk,
    filters: Filters,
    now: datetime,
    last: _Last | None,
    limit: int,
    phrases: Sequence[str] = (),
) -> Page[CaseLine]:
    """Return a page from a walk: one step where nothing is filtered out, longer steps where much is.

    Whatever led to a case, the reader's scope is asked of it again; the index knows of phrases only their pairs. READ
    cases are read for a phrase, however few hold it; the next page goes on behind them.
    """
    rows: list[Case] = []
    size, read, left = min(limit + 1, READ), 0, None
    cases = filtered(permissions, filters, now, NO_INDEX)
    while len(rows) <= limit:
        places = walk(last, size)
        if places:
            fitting = {row.pk: row for row in whole(cases.filter(pk__in=[pk for _, pk in places]))}
            if phrases:
                read += len(fitting)
                fitting = {row.pk: row for row in search_texts.holding([*fitting.values()], phrases, permissions)}
            rows.extend([fitting[pk] for _, pk in places if pk in fitting][: limit + 1 - len(rows)])
        if len(places) < size:
            break
        last, size = places[-1], min(size * 8, READ - read if phrases else LONGEST)
        if read >= READ:
            left = last
            break
    return _page(rows, permissions, now, limit, _place, left)


def _by_due(
    permissions: Permissions, cases: QuerySet[Case], now: datetime, cursor: str | None, limit: int
) -> Page[CaseLine]:
    cases = cases.filter(next_due_at__isnull=False)
    if (last := by_instant(cursor)) is not None:
        cases = cases.filter(next_due_at__gte=last[0]).filter(Q(next_due_at__gt=last[0]) | Q(pk__gt=last[1]))
    rows = list(whole(cases.order_by("next_due_at", "pk"))[: limit + 1])
    return _page(rows, permissions, now, limit, lambda row: instant_cursor(row.next_due_at or now, row.pk))


def _by_received(
    permissions: Permissions, cases: QuerySet[Case], now: datetime, cursor: str | None, limit: int, *, is_newest: bool
) -> Page[CaseLine]:
    """Return a page in the order of receipt."""
    if (last := by_instant(cursor)) is not None:
        at, pk = last
        if is_newest:
            cases = cases.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=pk))
        else:
            cases = cases.filter(received_at__gte=at).filter(Q(received_at__gt=at) | Q(pk__gt=pk))
    order = ("-received_at", "-pk") if is_newest else ("received_at", "pk")
    rows = list(whole(cases.order_by(*order))[: limit + 1])
    return _page(rows, permissions, now, limit, _place)


def _place(row: Case) -> str:
    return instant_cursor(row.received_at, row.pk)


def whole(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with all that a line shows, in the one query."""
    return cases.select_related("department", "office", "handler", "complainant")


def _page(
    rows: Sequence[Case],
    permissions: Permissions,
    now: datetime,
    limit: int,
    cursor: Callable[[Case], str],
    left: _Last | None = None,
) -> Page[CaseLine]:
    """Return the page of the rows; where it is not full, the next begins behind the place that was left, if one was."""
    shown = rows[:limit]
    after = None if left is None else instant_cursor(*left)
    return Page(
        rows=tuple(line(row, permissions, now) for row in shown),
        after=cursor(shown[-1]) if len(rows) > limit else after,
    )


def line(case: Case, permissions: Permissions, now: datetime) -> CaseLine:
    program = program_of(case)
    subject, complainant = summary(case, is_masked=permissions.is_masked(case.policy))
    return CaseLine(
        case=case,
        phase=phase_title(program, case.phase),
        grades=grade_titles(program.pack, case.grades),
        subject=subject,
        complainant=complainant,
        next_duty=duty_title(program, case.next_duty) if case.next_duty else None,
        next_clauses=duty_clauses(program, case.next_duty) if case.next_duty else (),
        is_overdue=case.next_due_at is not None and now > case.next_due_at,
    )


def board(
    reader: Person, *, policy: str, now: datetime, filters: Filters | None = None, limit: int = 20
) -> tuple[tuple[str, Text, int, tuple[CaseLine, ...]], ...]:
    """Return one column per phase that is no end: id, title, number of cases (at most 1000 counted), the newest."""
    permissions = permissions_of(reader)
    version = publishing.latest(policy)
    if version is None:
        return ()
    wanted = filters or Filters()
    procedure = library.pack(version.hash).procedures.get(wanted.procedure or MAIN)
    if procedure is None:
        raise NotOurs("procedure")
    phases = [phase for phase in procedure.phases.values() if not phase.is_end and not phase.is_start]
    wanted = replace(wanted, policy=policy, phase=None)
    columns = []
    for phase in phases:
        cases = filtered(permissions, replace(wanted, phase=phase.id), now, "phase")
        rows = list(whole(cases.order_by("-received_at", "-pk"))[: limit + 1])
        number = len(rows) if len(rows) <= limit else cases.order_by()[:COUNTED].count()
        columns.append((phase.id, phase.title, number, tuple(line(row, permissions, now) for row in rows[:limit])))
    return tuple(columns)
