"""The figures of a report's page open the cases that count today: the figure stays, the list is the register's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from ombud.cases.reading.paging import NotOurs
from ombud.insight import spans
from ombud.insight.registry import MEASURES
from ombud.insight.scopes import is_known
from ombud.insight.spans import Span
from ombud.papers.report import Cell, Part, ReportPaper, Table
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Section
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.workbench.figure_scope import can_count, href, in_span
from ombud.workbench.figures import BY, SPAN, Asked, asked_of


def with_links(
    paper: ReportPaper, sections: Sequence[Section], content: Mapping[str, Any], known: dict[str, Pack], now: datetime
) -> ReportPaper:
    """Return the report with an address in each cell whose cases a page of figures lists.

    None of a policy whose figures the reader may not ask for.
    """
    asked = _asked(content, known, now)
    if asked is None:
        return paper
    told = zip(paper.parts, sections, content["sections"], strict=True)
    return replace(paper, parts=[_linked(part, section, counted, asked) for part, section, counted in told])


def _asked(content: Mapping[str, Any], known: dict[str, Pack], now: datetime) -> Asked | None:
    if "begin" not in content or content["policy"] not in known:
        return None
    # In the zone whose months a report counts: by an hour from UTC alone nobody knows when those before began.
    zone = timezone.get_default_timezone()
    begin, end = (datetime.fromisoformat(content[each]).astimezone(zone) for each in ("begin", "end"))
    span = Span(begin=begin, end=end)
    query = {"policy": content["policy"], SPAN: spans.name_of(span, timezone.get_current_timezone())}
    query |= {name: str(content[name]) for name in (DEPARTMENT, OFFICE) if content[name] is not None}
    try:
        return replace(asked_of(query, known, now), span=span)
    except NotOurs:
        return None


def _linked(part: Part, section: Section, counted: Mapping[str, Any], asked: Asked) -> Part:
    if part.table is None or not section.figures or (section.by and not is_known(section.by, asked.pack)):
        return part
    asked = replace(asked, query={**asked.query, **{BY + fact: value for fact, value in section.only.items()}})
    addresses = _of_sides(section, counted, asked) if section.by else _of_figures(counted, asked)
    rows = [list(map(_opening, row, each)) for row, each in zip(part.table.rows, addresses, strict=True)]
    return replace(part, table=Table(headings=part.table.headings, rows=rows))


def _opening(cell: Cell, address: str) -> Cell:
    return replace(cell, opens=address)


def _of_figures(counted: Mapping[str, Any], asked: Asked) -> Iterator[list[str]]:
    """Yield the addresses of a line: none for its name, of the period, of the one before, none for the change."""
    before = in_span(asked, spans.before(asked.span))
    for row in counted["rows"]:
        yield ["", _href(asked, row["measure"], row["now"]), _href(before, row["measure"], row["before"]), ""]


def _of_sides(section: Section, counted: Mapping[str, Any], asked: Asked) -> Iterator[list[str]]:
    for row in counted["rows"]:
        figures = zip(section.figures, row["figures"], strict=True)
        yield ["", *(_href(asked, measure, figure, **{section.by or "": row["key"]}) for measure, figure in figures)]


def _href(asked: Asked, measure: str, figure: Mapping[str, Any], **only: str) -> str:
    known = MEASURES.get(measure)  # duties, and complaints with something late, are told by clause
    return href(asked, measure, **only) if figure["of"] and known and can_count(known, asked.pack) else ""
