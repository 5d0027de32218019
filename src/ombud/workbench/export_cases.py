"""Lists of cases as they are taken along: the register's with its filters and columns, those behind a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.models import Case
from ombud.cases.reading import queries
from ombud.cases.reading.paging import PAGE, NotOurs, Page
from ombud.cases.reading.queries import CaseLine
from ombud.cases.reading.register import line, whole
from ombud.cases.references import normal_reference
from ombud.insight import measures
from ombud.insight.exports.table import Cell, Row, Table
from ombud.organisation.models import Person, words
from ombud.workbench import packs
from ombud.workbench.columns import COLUMNS
from ombud.workbench.figure_scope import MEASURE, scope_of
from ombud.workbench.figures import asked_of, packs_known_to
from ombud.workbench.overview_cases import SIDE
from ombud.workbench.paging import PAGING
from ombud.workbench.register import filters_of

CASES = "case"
COLUMNS_SHOWN = "columns"  # which columns of the register are wanted, with dots between them
_STEP = 500  # cases that are read at once
T = TypeVar("T")


def register(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the register as the reader sees it. Raises NotOurs for what it cannot be narrowed by."""
    permissions, asked = permissions_of(reader), {k: v for k, v in query.items() if k != COLUMNS_SHOWN}
    filters = filters_of(asked, reader)
    wanted = [each for each in COLUMNS if each in query.get(COLUMNS_SHOWN, ".".join(COLUMNS)).split(".")]

    def page(cursor: str | None) -> Page[CaseLine]:
        return queries.register(
            reader,
            now=now,
            filters=filters,
            text=query.get("q", ""),
            sort=query.get("sort", "newest"),
            cursor=cursor,
            limit=_STEP,
            permissions=permissions,
        )

    first = page(None)  # what it cannot be narrowed by is said now, not when its first row is written
    return _listed(_("Register"), wanted, all_of(page, first))


def chosen(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the complaints that were chosen by their numbers, with a blank between two, as far as they are seen."""
    permissions = permissions_of(reader)
    numbers = [each for each in map(normal_reference, query.get(CASES, "").split()[:PAGE]) if each]
    rows = whole(scoped(permissions, is_leading=False).filter(reference__in=numbers)).order_by("-received_at", "-pk")
    return _listed(_("Chosen complaints"), COLUMNS, (line(each, permissions, now) for each in rows))


def behind_figure(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the cases that a figure counts. Raises NotOurs for a figure that there is not."""
    known, permissions = packs_known_to(reader, now), permissions_of(reader)
    if not known:
        raise NotOurs("policy")
    wanted = asked_of({k: v for k, v in query.items() if k not in PAGING}, known, now)
    scope, measure = scope_of(wanted, permissions), query.get(MEASURE, "")

    def page(cursor: str | None) -> Page[Case]:
        return measures.cases(measure, scope, now, cursor, side=query.get(SIDE, ""))

    first = page(None)
    return _listed(str(measures.MEASURES[measure].name), COLUMNS, _lines(_pages(page, first), permissions, now))


def _listed(name: str, wanted: Iterable[str], lines: Iterable[CaseLine]) -> Table:
    shown = [_CELLS[each] for each in wanted]
    headings = [_("Number"), _("Subject"), _("Complainant"), *(title for titles, _cells in shown for title in titles())]
    rows = (
        Row(
            cells=(
                str(each.case),
                packs.name_of(each.case, packs.pack_of(each.case), each.subject),
                each.complainant,
                *(cell for _titles, cells in shown for cell in cells(each)),
            ),
            case=each.case.pk,
        )
        for each in lines
    )
    return Table(name=name, headings=tuple(headings), rows=rows)


#: The columns of the register: what each is called, and what stands in it.
_CELLS: Mapping[str, tuple[Callable[[], tuple[str, ...]], Callable[[CaseLine], tuple[Cell, ...]]]] = {
    "policy": (lambda: (_("Policy"),), lambda each: (words(dict(packs.pack_of(each.case).title)),)),
    "grades": (lambda: (_("Grades"),), lambda each: ("; ".join(words(dict(text)) for text in each.grades.values()),)),
    "phase": (lambda: (_("Phase"),), lambda each: (words(dict(each.phase)),)),
    "with": (
        lambda: (_("Department"), _("Handler")),
        lambda each: (str(each.case.department or ""), str(each.case.handler or "")),
    ),
    "received": (
        lambda: (_("Received"), _("Closed")),
        lambda each: (each.case.received_at, each.case.closed_at),
    ),
    "due": (
        lambda: (_("Next duty"), _("Next due"), _("Overdue")),
        lambda each: (
            words(dict(each.next_duty)) if each.next_duty else "",
            each.case.next_due_at,
            each.is_overdue,
        ),
    ),
}


def _lines(pages: Iterable[Page[Case]], permissions: Permissions, now: datetime) -> Iterator[CaseLine]:
    for page in pages:
        rows = {row.pk: row for row in whole(Case.objects.filter(pk__in=[each.pk for each in page.rows]))}
        yield from (line(rows[each.pk], permissions, now) for each in page.rows if each.pk in rows)


def all_of(page: Callable[[str | None], Page[T]], first: Page[T]) -> Iterator[T]:
    """Yield the rows of a page and of all behind it."""
    for each in _pages(page, first):
        yield from each.rows


def _pages(page: Callable[[str | None], Page[T]], first: Page[T]) -> Iterator[Page[T]]:
    yield first
    after = first.after
    while after is not None:
        following = page(after)
        yield following
        after = following.after
