"""Tables of figures as they are taken along: numbers to calculate with, where the page has words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from ombud.cases.access.permissions import permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.insight import clause_counts, keys, measures, spans
from ombud.insight.exports.table import Cell, Row, Table
from ombud.insight.measures import Figure
from ombud.insight.registry import Rows
from ombud.insight.scopes import TIMES
from ombud.organisation.models import Person, words
from ombud.workbench.explore import MOST, across_of, chosen, columns_of, found_by
from ombud.workbench.figure_scope import scope_of
from ombud.workbench.figures import STATES, Asked, asked_of, packs_known_to


def explored(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return a measure taken apart as *Explore* shows it. Raises NotOurs for what cannot be had."""
    wanted = _wanted(reader, query, now)
    measure, rows, columns = chosen(wanted)
    scope = scope_of(wanted, permissions_of(reader))
    found = found_by(measure, rows, scope, now)
    headings = [str(keys.title(rows, wanted.pack)), str(measure.name), _("Counted from"), _("At least"), _("At most")]
    beside: list[list[Cell]]
    if columns:
        across = across_of(measure, rows, columns, found, scope, now)
        found = found[-MOST:] if rows in TIMES else found[:MOST]
        headings += [str(key.words) for key in columns_of(across)]
        beside = [[_value(cells.get(key)) for key in columns_of(across)] for cells in across]
    elif rows in TIMES or measure.rows in (Rows.OPEN, Rows.OVERDUE):
        beside = [[] for _each in found]
    else:
        headings += [_("Before"), _("A year before")]
        earlier = [
            dict(measures.by(measure.id, rows, scope.within(span), now))
            for span in (spans.before(scope.span), spans.year_before(scope.span))
        ]
        beside = [[_value(each.get(key)) for each in earlier] for key, _figure in found]
    lines = (
        Row(cells=(str(key.words), _value(figure), figure.of, figure.low, figure.high, *more))
        for (key, figure), more in zip(found, beside, strict=True)
    )
    return Table(name=str(measure.name), headings=tuple(headings), rows=lines)


def compliance(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the clauses of a policy with their counts, in the policy's order."""
    wanted, permissions = _wanted(reader, query, now), permissions_of(reader)
    found, earlier = (
        clause_counts.counted(permissions, policy=wanted.pack.id, span=span, only=wanted.only, now=now)
        for span in (wanted.span, spans.before(wanted.span))
    )
    sums = {ref: found.of(ref) for ref in found.by_month}
    headings = (
        _("Clause"), _("Words"), _("On time"), _("At least"), _("At most"), _("Before"), _("Owed"),
        *map(str, STATES.values()),
    )  # fmt: skip
    rows = (
        Row(
            cells=(
                ref,
                words(dict(clause.text)),
                sums[ref].on_time.share,
                *(sums[ref].on_time.interval or (None, None)),
                earlier.of(ref).on_time.share,
                sums[ref].applied,
                *(getattr(sums[ref], state) for state in STATES),
            )
        )
        for ref, clause in {**wanted.pack.clauses, **wanted.pack.base_clauses}.items()
        if ref in sums
    )
    return Table(name=_("Clause compliance"), headings=headings, rows=rows)


def _wanted(reader: Person, query: Mapping[str, str], now: datetime) -> Asked:
    known = packs_known_to(reader, now)
    if not known:
        raise NotOurs("policy")
    return asked_of(dict(query), known, now)


def _value(figure: Figure | None) -> Cell:
    return None if figure is None else figure.value
