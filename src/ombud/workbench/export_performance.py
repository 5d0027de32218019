"""The performance record as it is taken along: each figure, from how many, and whether these are few."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from ombud.cases.access.permissions import permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.insight.exports.table import Cell, Row, Table
from ombud.insight.measures import MEASURES
from ombud.insight.performance import counting
from ombud.insight.performance.counting import Record
from ombud.insight.performance.people import people_of
from ombud.insight.scopes import Scope
from ombud.organisation.models import Person, words
from ombud.workbench.figures import Asked, asked_of, packs_known_to


def record(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """Return the record of everybody whom the reader leads, or the reader's own. Raises NotOurs."""
    known = packs_known_to(reader, now)
    if not known:
        raise NotOurs("policy")
    wanted = asked_of(dict(query), known, now)
    pack, people = wanted.pack, people_of(permissions_of(reader), wanted.pack)
    scope = Scope(reader=None, policy=pack.id, span=wanted.span)
    names = [str(MEASURES[each].name) for each in counting.columns(pack)]
    figures = [each for name in names for each in (name, _("%(figure)s: from how many") % {"figure": name}, _("Few"))]
    ledgers = [words(dict(each.title)) for each in pack.ledgers.values()]
    found = counting.records(pack, people, scope, now, reader=reader)
    return Table(
        name=_("Performance record"),
        headings=(_("Person"), _("From"), _("Until"), *figures, *ledgers),
        rows=(Row(cells=_cells(each, wanted)) for each in found),
    )


def _cells(found: Record, wanted: Asked) -> tuple[Cell, ...]:
    cells: list[Cell] = [str(found.person), wanted.span.begin.date(), wanted.span.last_day]
    for name in counting.columns(wanted.pack):
        figure = found.figures[name]
        cells += [figure.value, figure.of, _("yes") if found.is_from_few(name) else ""]
    return (*cells, *(found.points[ledger] for ledger in wanted.pack.ledgers))
