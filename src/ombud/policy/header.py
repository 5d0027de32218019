"""The head of a pack: clauses, parameters, readings, answers to checks, counting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ombud.policy.currencies import currencies, currency_code
from ombud.policy.limits import read_cutoff, read_length, read_mode, read_whose
from ombud.policy.mapping_reader import LANGUAGE, MappingReader, ids, read_text
from ombud.policy.model.pack import COMPLAINT, REQUEST
from ombud.policy.model.source import BASE_REF, Clause, Explanation, Parameter, Reading
from ombud.policy.problems import Problems, shortened
from ombud.policy.source import Entries, Entry, Items, Node, Scalar
from ombud.policy.symbol_table import BASE_FILE, Counting, SymbolTable
from ombud.texts import LANGUAGES, Text
from ombud.worktime import Mode, Unit

PACK_ID = re.compile(r"[a-z][a-z0-9._-]{0,99}")  # as long as the register's columns are
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,49}")
CLAUSE_KINDS = (
    "duty",
    "act",
    "record",
    "channel",
    "grade",
    "role",
    "calendar",
    "approval",
    "periodic",
    "privacy",
    "statement",
)
PACK_KEYS = (
    "id", "version", "title", "about", "called", "effective", "on_upgrade", "extends", "drop", "currency", "reference",
)  # fmt: skip
CLAUSE_KEYS = ("kind", "from", "quote", "source", *LANGUAGES)
PARAMETER_KEYS = ("title", "value", "cite")
READING_KEYS = ("clauses", "text")
EXPLANATION_KEYS = ("code", "clauses", "because")
_DEFAULT_MODES = {
    Unit.MINUTE: Mode.CLOCK,
    Unit.HOUR: Mode.CLOCK,
    Unit.WORKDAY: Mode.NEXT_DAY_CLOSE,
    Unit.DAY: Mode.NATURAL,
    Unit.WEEK: Mode.CALENDAR,
    Unit.MONTH: Mode.CALENDAR,
    Unit.YEAR: Mode.CALENDAR,
}
_COUNTED = {"minute": Unit.MINUTE, "hour": Unit.HOUR, "workday": Unit.WORKDAY}
COUNTING_KEYS = (*_COUNTED, "calendar", "whose", "cutoff", "cite")


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    id: str
    version: str
    title: Text
    about: Text
    called: str
    effective: str
    on_upgrade: str
    currency: str
    reference: str


def read_header(node: Node, problems: Problems) -> Header:
    form = MappingReader(node, problems, '"pack"', PACK_KEYS)
    id = form.word("id")
    if form.require("id") and not PACK_ID.fullmatch(id):
        problems.add(
            form.at("id"),
            f'The id "{shortened(id)}" of the pack must be a lower-case word of letters, digits, ".", "_" and "-", '
            "at most 100 of them.",
        )
    version = form.word("version")
    if form.require("version", ": a version such as 1.0.0") and version and not VERSION.fullmatch(version):
        problems.add(
            form.at("version"),
            f'The version "{shortened(version)}" must be letters, digits, ".", "_" and "-", at most 50 of them, '
            "beginning with a letter or digit: it stands in addresses.",
        )
    effective = form.word("effective")
    if form.require("effective", ": the date from which it is in force"):
        try:
            date.fromisoformat(effective)
        except ValueError:
            problems.add(form.at("effective"), f'"effective" must be a date such as 2026-01-01, not "{effective}".')
    currency = form.word("currency", "CNY")
    if currency not in currencies():
        meant = currency_code(currency, "")
        what = f'Write "{meant}".' if meant else "Write three capital letters such as CNY."
        problems.add(form.at("currency"), f'"currency" must be a code of ISO 4217, not "{currency}". {what}')
    reference = form.word("reference", "OM")
    if not re.fullmatch(r"[A-Z]{2}", reference):
        problems.add(form.at("reference"), f'"reference" must be two capital letters such as KT, not "{reference}".')
    return Header(
        id=id,
        version=version,
        title=form.title(id),
        about=form.text("about"),
        called=form.one_of("called", (COMPLAINT, REQUEST), COMPLAINT),
        effective=effective,
        on_upgrade=form.one_of("on_upgrade", ("pin", "migrate"), "pin"),
        currency=currency,
        reference=reference,
    )


def read_clauses(node: Node | None, problems: Problems) -> tuple[dict[str, Clause], dict[str, Clause]]:
    """Return the pack's clauses and those of its base, the latter as base:N."""
    own: dict[str, Clause] = {}
    base: dict[str, Clause] = {}
    if isinstance(node, Entries):
        for ref, entry in node.entries.items():
            is_base = entry.key.place.file == BASE_FILE
            ref = f"{BASE_REF}{ref.removeprefix(BASE_REF)}" if is_base else ref
            (base if is_base else own)[ref] = _clause(ref, entry, problems)
    elif node is not None:
        problems.add(node.place, '"clauses" must be a mapping from clause ids to clauses.')
    return own, base


def _clause(ref: str, entry: Entry, problems: Problems) -> Clause:
    what = f'clause "{ref}"'
    node = entry.value
    languages = [key for key in node.entries if LANGUAGE.match(key)] if isinstance(node, Entries) else []
    form = MappingReader(node, problems, what, (*CLAUSE_KEYS, *languages))
    texts = Entries({key: item for key, item in form.entries.items() if key in languages}, node.place)
    kind = form.one_of("kind", CLAUSE_KINDS, "act")
    if ("quote" in form) != ("source" in form):
        form.missing("source" if "quote" in form else "quote", ": a quotation is checked against its source")
    return Clause(
        ref=ref,
        text=read_text(texts, problems, what),
        kind=kind,
        is_statement=kind == "statement",
        is_completed=form.one_of("from", ("document", "completed"), "document") == "completed",
        quote=form.word("quote") or None,
        source=form.word("source") or None,
        at=entry.key.place,
    )


def read_parameters(node: Node | None, scope: SymbolTable) -> dict[str, Parameter]:
    parameters = {}
    for id, value in ids(node, scope.problems, '"parameters"') if node else ():
        form = MappingReader(value, scope.problems, f'parameter "{id}"', PARAMETER_KEYS)
        written = form.word("value")
        if (
            form.require("value", ": the default that holds until the owner confirms another")
            and not written.isdecimal()
        ):
            try:
                read_length(written)
            except ValueError as error:
                scope.problems.add(form.at("value"), f"In {form.what}: {error}.")
        parameters[id] = Parameter(id=id, title=form.title(id), value=written, cite=scope.cite(form), at=form.place)
    return parameters


def read_readings(node: Node | None, scope: SymbolTable) -> tuple[Reading, ...]:
    readings = []
    for item in _list(node, '"readings"', scope.problems):
        form = MappingReader(item, scope.problems, "a reading", READING_KEYS)
        form.require("text")
        clauses = form.names("clauses", "clause", scope.clauses | scope.base_clauses)
        readings.append(Reading(clauses=clauses, text=form.text("text"), at=form.place))
    return tuple(readings)


def read_explanations(node: Node | None, scope: SymbolTable) -> tuple[Explanation, ...]:
    found = []
    for item in _list(node, '"explain"', scope.problems):
        form = MappingReader(item, scope.problems, "an explanation", EXPLANATION_KEYS)
        form.require("code", ": the check that it answers")
        form.require("because", ": the reason")
        clauses = form.names("clauses", "clause", scope.clauses | scope.base_clauses)
        found.append(
            Explanation(code=form.word("code"), clauses=clauses, because=form.text_or_word("because"), at=form.place)
        )
    return tuple(found)


def read_counting(node: Node | None, scope: SymbolTable, fallback: str) -> Counting:
    """Return what the units mean; `fallback` is the calendar where `counting` names none."""
    modes = dict(_DEFAULT_MODES)
    if node is None:
        return Counting(modes, fallback)
    form = MappingReader(node, scope.problems, '"counting"', COUNTING_KEYS)
    for key, unit in _COUNTED.items():
        if key in form:
            modes[unit] = read_mode(form, key, unit, modes[unit])
    if "hour" in form and "minute" not in form:
        modes[Unit.MINUTE] = modes[Unit.HOUR]
    calendar = form.name("calendar", "calendar", scope.calendars) or fallback
    return Counting(modes, calendar, scope.cite(form), read_whose(form, scope), read_cutoff(form, None))


def _list(node: Node | None, what: str, problems: Problems) -> tuple[Node, ...]:
    if isinstance(node, Items):
        return node.items
    if node is not None and not (isinstance(node, Scalar) and not node.text):
        problems.add(node.place, f"{what} must be a list.")
    return ()
