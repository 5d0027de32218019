"""Lists of duties as they are taken along: what the reader owes, and those under a clause or behind a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from ombud.cases.access.permissions import permissions_of
from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading import my_duties, queries
from ombud.cases.reading.paging import NotOurs, Page
from ombud.cases.reading.queries import OwedDuty
from ombud.cases.reading.titles import bearer_title, duty_title
from ombud.insight import compliance
from ombud.insight.exports.table import Row, Table
from ombud.organisation.models import Person, words
from ombud.workbench import counted_duties, packs
from ombud.workbench.clause_duties import asked_duties
from ombud.workbench.export_cases import all_of
from ombud.workbench.figures import asked_of, packs_known_to
from ombud.workbench.paging import PAGING

CLAUSE, SHOW = "clause", "show"
_STEP = 500


def mine(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return what the reader owes, as *My duties* shows it. Raises NotOurs for a kind of duties that there is not."""
    permissions, whose = permissions_of(reader), query.get(SHOW, my_duties.READY)

    def page(cursor: str | None) -> Page[OwedDuty]:
        return queries.my_duties(reader, now=now, cursor=cursor, limit=_STEP, whose=whose, permissions=permissions)

    first = page(None)
    headings = (
        _("Number"), _("Subject"), _("Duty"), _("Clauses"), _("Phase"), _("Due"), _("Overdue"), _("Mine"),
    )  # fmt: skip
    rows = (
        Row(
            cells=(
                str(each.duty.case),
                packs.name_of(each.duty.case, packs.pack_of(each.duty.case), each.subject),
                words(dict(each.title)),
                " ".join(each.clauses),
                words(dict(each.phase)),
                each.duty.due_at,
                each.is_overdue,
                each.is_mine,
            ),
            case=each.duty.case_id,
        )
        for each in all_of(page, first)
    )
    return Table(name=_("My duties"), headings=headings, rows=rows)


def under_clause(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the duties that were owed under a clause. Raises NotOurs for a clause or state that there is not."""
    known = packs_known_to(reader, now)
    if not known:
        raise NotOurs("policy")
    wanted = asked_of(dict(query), known, now)
    ref = query.get(CLAUSE, "")
    if ref not in {**wanted.pack.clauses, **wanted.pack.base_clauses}:
        raise NotOurs(f"{CLAUSE}={ref}")
    found = asked_duties(permissions_of(reader), wanted, ref, now)

    def page(cursor: str | None) -> Page[Duty]:
        return compliance.listed(found.shown, found.state, now, cursor)

    return _listed(f"{_('Clause compliance')} {ref}", page, now)


def behind_number(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the duties that a number counts which is of no clause. Raises NotOurs for what there is not."""
    known = packs_known_to(reader, now)
    if not known:
        raise NotOurs("policy")
    wanted = asked_of({k: v for k, v in query.items() if k not in PAGING}, known, now)
    found = counted_duties.asked_duties(permissions_of(reader), wanted, now)

    def page(cursor: str | None) -> Page[Duty]:
        return compliance.listed(found.rows, found.state, now, cursor)

    return _listed(found.title, page, now)


def _listed(name: str, page: Callable[[str | None], Page[Duty]], now: datetime) -> Table:
    headings = (
        _("Number"), _("Duty"), _("Owed by"), _("Status"), _("Began"), _("Due"), _("Done"), _("Overdue"),
    )  # fmt: skip
    rows = (_owed(each, now) for each in all_of(page, page(None)))
    return Table(name=name, headings=headings, rows=rows)


def _owed(row: Duty, now: datetime) -> Row:
    program = program_of(row.case)
    return Row(
        cells=(
            str(row.case),
            words(dict(duty_title(program, row.duty))),
            words(dict(bearer_title(program, row))),
            str(row.get_status_display()),
            row.opened_at,
            row.due_at,
            row.done_at,
            row.is_overdue(now),
        ),
        case=row.case_id,
    )
