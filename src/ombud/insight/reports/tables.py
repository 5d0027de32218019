"""The tables of a report: figures beside those of the period before, told apart, by clause, cases, a case's story."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ombud.cases.references import shown
from ombud.insight import keys
from ombud.insight.figure_words import value_words
from ombud.insight.measures import Unit
from ombud.insight.model_cases.models import ModelCase
from ombud.insight.rates import percent_of, points
from ombud.insight.reports.measuring import MEASURES
from ombud.insight.scopes import KEYED, TIMES
from ombud.interface.days import period_words
from ombud.interface.duty_words import clause_name
from ombud.organisation.models import words
from ombud.papers.case_file import CaseFilePaper
from ombud.papers.case_file_messages import moment
from ombud.papers.report import Bar, Cell, Table, wide
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Section
from ombud.policy.vocabulary import DEPARTMENT, OFFICE

T = TypeVar("T")
MOST_BARS = 12
_GRADES = 3  # the column of a list of cases that stands only where one has a grade
_WHOLE = (Unit.COUNT, Unit.MONEY)
CLAUSE_COUNTS = ("owed", "met", "late", "overdue")
LONGEST_CLAUSE = 120  # of a clause beside its number, in letters; a Chinese sign takes the place of two


def figures(rows: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]] | None, pack: Pack) -> Table:
    lines = []
    for number, row in enumerate(rows):
        measure, figure = row["measure"], row["now"]
        today = now[number]["now"] if now else None
        name = Cell(text=str(MEASURES[measure].name))
        before = cell(measure, row["before"], pack)
        lines.append([name, cell(measure, figure, pack, today), before, _change(measure, figure, row["before"])])
    return Table(
        headings=[_("Figure"), _("This period"), _("Period before"), pgettext("of a figure", "Change")], rows=lines
    )


def cell(measure: str, figure: Mapping[str, Any], pack: Pack, today: Mapping[str, Any] | None = None) -> Cell:
    """Return a figure; with what it is today, where it was counted anew and differs."""
    value, known = figure["value"], MEASURES[measure]
    notes = []
    if figure["is_from_few"] and value is not None:
        notes.append(_("from {n}").format(n=figure["of"]))
    if today is not None and today["value"] != value:
        notes.append(_("today: {value}").format(value=value_words(today["value"], known, pack)))
    text = value_words(value, known, pack)
    return Cell(text=text, number=value, note=", ".join(notes), is_share=known.unit is Unit.SHARE)


def _share(value: float | None) -> str:
    return "\u2013" if value is None else percent_of(value)


def _change(measure: str, figure: Mapping[str, Any], before: Mapping[str, Any]) -> Cell:
    if figure["value"] is None or before["value"] is None:
        return Cell(text="")
    unit, change = MEASURES[measure].unit, figure["value"] - before["value"]
    if unit is Unit.SHARE:
        differs = points(figure["value"], before["value"])
        return Cell(text=_("{n} points").format(n=_unsigned(f"{differs:+d}")), number=change)
    text = f"{change:+,.0f}" if unit in _WHOLE else f"{change:+,.1f}"
    return Cell(text=_unsigned(text), number=change)


def _unsigned(change: str) -> str:
    """Return a change as it reads: none has no sign."""
    return change if any(each in "123456789" for each in change) else change.lstrip("+-")


def by(section: Section, rows: Sequence[Mapping[str, Any]], now: Any, pack: Pack) -> Table:
    assert section.by is not None, "the caller looked"
    today = {row["key"]: row["figures"] for row in now} if now is not None else {}
    named = _named(section.by, [row["key"] for row in rows], pack)
    lines = []
    for row in rows:
        fresh = today.get(row["key"]) or [None] * len(section.figures)
        figures = zip(section.figures, row["figures"], fresh, strict=True)
        lines.append(
            [Cell(text=named[row["key"]]), *(cell(measure, figure, pack, then) for measure, figure, then in figures)]
        )
    headings = [str(keys.title(section.by, pack)), *(str(MEASURES[each].name) for each in section.figures)]
    return Table(headings=headings, rows=lines)


def _named(dimension: str, found: Collection[str], pack: Pack) -> dict[str, str]:
    """Return what each value of a dimension is called, months and the like as periods are."""
    if dimension in TIMES:
        return {each: period_words(each) for each in found}
    if dimension not in KEYED:
        return {each: str(keys.value_words(dimension, each, pack)) for each in found}
    rows = {each: int(each) if each else None for each in found}
    named = keys.named(dimension, rows.values(), pack)
    return {each: str(named[row].words) for each, row in rows.items()}


def bars(section: Section, table: Table) -> list[Bar]:
    """Return the bars of a table's first figure; in a row of months one without anything stands, too."""
    rows = [row for row in table.rows if row[1].number or section.by in TIMES][:MOST_BARS]
    longest = max((row[1].number or 0 for row in rows), default=0)
    if not longest:
        return []
    return [Bar(label=row[0].text, text=row[1].text, share=(row[1].number or 0) / longest) for row in rows]


def clauses(rows: Sequence[Mapping[str, Any]], now: Any, pack: Pack) -> Table:
    today = {row["clause"]: row for row in now} if now is not None else {}
    order = {ref: place for place, ref in enumerate((*pack.clauses, *pack.base_clauses))}
    owed = [row for row in rows if row["owed"]]
    lines = [
        _clause_line(row, today.get(row["clause"], row), pack)
        for row in sorted(owed, key=lambda each: order.get(each["clause"], len(order)))
    ]
    headings = [_("Clause"), _("Owed"), _("In time"), _("Late"), _("Overdue"), _("On time"), _("Period before")]
    return Table(headings=headings, rows=lines)


def _clause_line(row: Mapping[str, Any], today: Mapping[str, Any], pack: Pack) -> list[Cell]:
    notes = [_("from few")] if row["is_from_few"] and row["on_time"] is not None else []
    rate = _share(row["on_time"])
    if (fresh := _share(today["on_time"])) != rate:  # as they read: the counts beside them tell the rest
        notes.append(_("today: {value}").format(value=fresh))
    return [
        Cell(text=_clause(row["clause"], pack)),
        *(_count(row[name], today[name]) for name in CLAUSE_COUNTS),
        Cell(text=rate, number=row["on_time"], note=", ".join(notes), is_share=True),
        Cell(text=_share(row["before"]), number=row["before"], is_share=True),
    ]


def _count(value: int, today: int) -> Cell:
    note = "" if today == value else _("today: {value}").format(value=f"{today:,}")
    return Cell(text=f"{value:,}", number=value, note=note)


def _clause(ref: str, pack: Pack) -> str:
    known = {**pack.base_clauses, **pack.clauses}.get(ref)
    text = words(dict(known.text)) if known else ""
    return " \u00b7 ".join(filter(None, (f"\u00a7 {clause_name(ref)}", _cut(text))))


def _cut(text: str) -> str:
    """Return the beginning of a text that is too long, up to the end of a word."""
    letters = list(itertools.accumulate(map(wide, text)))
    if not letters or letters[-1] <= LONGEST_CLAUSE:
        return text
    kept = text[: bisect.bisect_right(letters, LONGEST_CLAUSE)]
    around = text[len(kept) - 1 : len(kept) + 1]
    is_broken = around.isascii() and around.isalnum()
    return f"{(kept.rpartition(' ')[0] if is_broken else kept).rstrip()}\u2026"


def cases(rows: Sequence[Mapping[str, Any]], pack: Pack, graded: Collection[str]) -> Table:
    phases = pack.main.phases
    lines = [
        [
            Cell(text=shown(row["reference"])),
            Cell(text=moment(datetime.fromisoformat(row["received"]))),
            Cell(text=words(dict(phases[row["phase"]].title)) if row["phase"] in phases else row["phase"]),
            Cell(text=", ".join(filter(None, _grades(row["grades"], pack, graded)))),
            Cell(text=" \u00b7 ".join(filter(None, _places(row, pack)))),
        ]
        for row in rows
    ]
    headings = [_("Complaint"), _("Received"), _("Phase"), _("Grades"), _("Department")]
    if any(line[_GRADES].text for line in lines):
        return Table(headings=headings, rows=lines)
    return Table(headings=_without_grades(headings), rows=[_without_grades(line) for line in lines])


def _without_grades(row: list[T]) -> list[T]:
    return [*row[:_GRADES], *row[_GRADES + 1 :]]


def model_cases(rows: Sequence[Mapping[str, Any]]) -> Table:
    kinds = dict(ModelCase.Kind.choices)
    lines = [
        [
            Cell(text=row["title"], note=str(kinds.get(row["kind"], row["kind"]))),
            Cell(text=row["story"]),
            Cell(text=row["lesson"]),
            Cell(text=shown(row["reference"])),
        ]
        for row in rows
    ]
    return Table(
        headings=[_("Model case"), _("What happened"), _("What is learnt from it"), _("Complaint")], rows=lines
    )


def _grades(grades: Mapping[str, str], pack: Pack, graded: Collection[str]) -> list[str]:
    return [str(keys.value_words(name, str(value), pack)) for name, value in grades.items() if name in graded]


def _places(row: Mapping[str, Any], pack: Pack) -> Iterable[str]:
    for name, known in ((DEPARTMENT, pack.departments), (OFFICE, pack.offices)):
        place = known.get(row[name]) if row[name] else None
        yield words(dict(place.title)) if place else row[name] or ""


def told(which: str, story: CaseFilePaper) -> Table:
    if which == "facts":
        return _texts([_("Fact"), _("Value")], story.facts)
    if which == "events":
        rows = [(each.at, each.title, each.who, each.clauses) for each in story.events]
        return _texts([_("When"), _("What"), pgettext("column of a report", "Who"), _("Clause")], rows)
    if which == "duties":
        duties = [(each.title, each.bearer, each.due, each.outcome, each.clauses) for each in story.duties]
        return _texts([_("Duty"), _("Owed by"), _("Due"), _("Outcome"), _("Clause")], duties)
    return _texts([_("Letter"), _("About")], [(each.title, each.about) for each in story.letters])


def _texts(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    return Table(headings=headings, rows=[[Cell(text=each) for each in row] for row in rows])
