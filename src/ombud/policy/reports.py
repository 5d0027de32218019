"""Reading reports: what they are about, and what stands in each of their sections."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.reports import Report, Section
from ombud.policy.model.values import FieldType
from ombud.policy.source import Items, Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CASE, CHANNEL, DEPARTMENT, OFFICE, OWN_FACTS

REPORT_KEYS = ("title", "about", "sections", "keeps", "to", "issued", "cite")
SECTION_KEYS = (
    "title", "figures", "by", "only", "chart", "clauses", "survey", "cases", "model_cases", "commentary", "ask",
    "story",
)  # fmt: skip
PERIOD, LAST_PERIOD = "period", "last_period"
ABOUT = (PERIOD, LAST_PERIOD, CASE)
#: What can be counted, each with what of it the pack's `figures` must name; insight counts it (a test compares).
MEASURES: Mapping[str, str | None] = {
    "received": None, "closed": None, "open": None, "overdue": None, "withdrawn": None, "on_time": None,
    "owed": None, "met": None, "late": None, "breached": None, "satisfied": "satisfaction",
    "satisfaction_known": "satisfaction", "first_contact": "proposed", "repeat": None,
    "registering_hours": "registered", "answering_hours": "answered", "answering_worked": "answered",
    "closing_days": None, "closing_days_90": None, "closing_worked": None, "rounds": "proposed", "ours": None,
    "asked": "asked", "given": "given",
    "suggested": "suggestion", "suggestions_answered": "suggestion",
}  # fmt: skip
NAMED = ("category", "grade", "outcome", "satisfaction")  # dimensions that the pack's `figures` name
DIMENSIONS = ("month", "week", CHANNEL, DEPARTMENT, OFFICE, *NAMED)  # and every fact with a list of values
LISTS = ("received", "closed", "open", "overdue", "breached", "suggested")
STORIES = ("facts", "events", "duties", "letters")
_KINDS = ("figures", "clauses", "survey", "cases", "model_cases", "commentary", "story")


def read_reports(node: Node | None, scope: SymbolTable) -> dict[str, Report]:
    """Return the reports by id."""
    found = {}
    for id, value in ids(node, scope.problems, '"reports"') if node else ():
        form = MappingReader(value, scope.problems, f'report "{id}"', REPORT_KEYS)
        about = form.one_of("about", ABOUT, PERIOD)
        found[id] = Report(
            id=id,
            title=form.title(id),
            subject=about,
            sections=_sections(form, about, scope),
            keeps=_files(form, scope),
            sent_to=form.names("to", "role", scope.internal_roles),
            issued=tuple(each.text for each in form.scalars("issued")),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _files(form: MappingReader, scope: SymbolTable) -> str | None:
    files = [name for name in scope.fields if scope.kinds[name].type is FieldType.FILES]
    return form.name("keeps", "field of files", files)


def _sections(form: MappingReader, about: str, scope: SymbolTable) -> tuple[Section, ...]:
    node = form.require("sections", ": what stands in it")
    if node is None:
        return ()
    if not isinstance(node, Items):
        form.problems.add(node.place, f'"sections" of {form.what} must be a list of sections {{title: ..., ...}}.')
        return ()
    return tuple(_section(item, f"section {n} of {form.what}", about, scope) for n, item in enumerate(node.items, 1))


def _listed(scope: SymbolTable) -> list[str]:
    """Return the facts with a list of values by which figures can be told apart."""
    known = ((name, kind) for name, kind in scope.kinds.items() if name not in OWN_FACTS and not kind.is_personal)
    return [name for name, kind in known if kind.choices and (kind.is_table or kind.type is FieldType.CHOICE)]


def _only(form: MappingReader, scope: SymbolTable) -> Mapping[str, str]:
    """Return the values that cases must have to be counted, by the facts with a list of values."""
    known, found = _listed(scope), {}
    for fact, node in form.section("only"):
        value = form.scalar(node, f'"{fact}" of "only"').text
        if fact not in known:
            form.problems.unknown(form.at("only"), f'fact with a list of values in "only" of {form.what}', fact, known)
        elif value and value not in scope.kinds[fact].choices:
            choices = scope.kinds[fact].choices
            form.problems.unknown(node.place, f'value of "{fact}" in "only" of {form.what}', value, choices)
        elif value:
            found[fact] = value
    return found


def _section(node: Node, what: str, about: str, scope: SymbolTable) -> Section:
    form = MappingReader(node, scope.problems, what, SECTION_KEYS)
    kinds = [kind for kind in _KINDS if kind in form]
    if form.entries and len(kinds) != 1:
        form.problems.add(
            form.place,
            f"{capital(what)} holds exactly one of {', '.join(_KINDS)}; it has {', '.join(kinds) or 'none'}.",
        )
    if "story" in form and about != CASE:
        form.problems.add(
            form.at("story"), f'{capital(what)} tells of one case, but the report is of a period. Add "about: case".'
        )
    if about == CASE and set(kinds) & {"figures", "clauses", "survey", "cases", "model_cases"}:
        form.problems.add(form.place, f"{capital(what)} counts cases of a period, but the report is about one case.")
    for key, needs in (("by", "figures"), ("chart", "by"), ("ask", "commentary")):
        if key in form and needs not in form:
            form.problems.add(
                form.at(key), f'{capital(what)} has "{key}" without "{needs}". Add it, or remove "{key}".'
            )
    if "only" in form and not {"figures", "cases"} & set(kinds):
        form.problems.add(
            form.at("only"), f'{capital(what)} has "only" without "figures" or "cases". Add one, or remove "only".'
        )
    return Section(
        title=form.text("title") if form.require("title") else {},
        figures=form.names("figures", "measure", MEASURES),
        by=form.name("by", "dimension", [*DIMENSIONS, *_listed(scope)]),
        only=_only(form, scope),
        is_chart=form.flag("chart"),
        clauses=form.flag("clauses"),
        survey=form.name("survey", "survey", scope.surveys),
        cases=form.name("cases", "list of cases", LISTS),
        model_cases=form.flag("model_cases"),
        commentary=form.name("commentary", "field", scope.fields),
        ask=form.text("ask"),
        story=form.name("story", "part of a case", STORIES),
    )
