"""Periodic duties, letters and how long things are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from ombud.policy.limits import read_length_alone
from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.duties import Periodic
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.records import Document, Retention
from ombud.policy.model.source import Place
from ombud.policy.source import Node
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.vocabulary import CLOCK, COMPLAINANT, DEPARTMENT, OFFICE
from ombud.texts import LANGUAGES
from ombud.worktime import Mode, Unit

PERIODIC_KEYS = ("title", "bearer", "every", "year_from", "on", "calendar", "per", "procedure", "report", "cite")
PERIODS = ("day", "workday", "week", "month", "quarter", "half-year", "year")
OF_A_YEAR = ("month", "quarter", "half-year", "year")
PER = {"office": "offices", "department": "departments"}
RETENTION_KEYS = ("keep", "from", "release", "cite")
KEPT_FROM = (END, RECEIPT) = ("end", "receipt")
RELEASED_BY = (BY_MANAGER, BY_TWO, BY_CLOCK) = ("manager", "two_managers", CLOCK)  # who lets go what is due
_KEPT_IN = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)
DOCUMENT_KEYS = ("title", "after", "to", "template", "signed", "edit", "approve", "pdf", "encloses", "cite")
# Blanks are no part of the pattern: two of its parts that both take them would try every way to share them out.
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
CASE_NAMES = ("reference", "title", "phase", "received_at", "now", "hours", "link")  # of the case itself
_DAY = r"(mon|tue|wed|thu|fri|sat|sun|[1-9]|[12]\d|3[01]|(first|last) workday)"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_ON = re.compile(rf"({_DAY}|{_TIME}|{_DAY} {_TIME})\Z")
_YEAR_FROM = re.compile(r"(\d\d)-(\d\d)\Z")
_ASKED = re.compile(r"(due|clause|reach)\(([^()]+)\)\Z")


def filled(template: str, fill: Callable[[str], str]) -> str:
    """Return a template with every placeholder replaced by what `fill` makes of its name."""
    return _PLACEHOLDER.sub(lambda match: fill(match[1].strip()), template)


def question(name: str) -> tuple[str, str] | None:
    """Return ("due", duty), ("clause", clause) or ("reach", channel) where a placeholder asks, None for a name."""
    asked = _ASKED.match(name)
    return (asked[1], asked[2]) if asked else None


def unknown_placeholders(
    text: str, *, names: Collection[str], duties: Collection[str], clauses: Collection[str], channels: Collection[str]
) -> list[str]:
    """Return the placeholders of a text that stand for nothing, as they are written; loose braces among them."""
    found = []
    for match in _PLACEHOLDER.finditer(text):
        match question(match[1].strip()):
            case "due", asked:
                is_known = asked in duties
            case "clause", asked:
                is_known = asked in clauses
            case "reach", asked:
                is_known = asked in channels
            case _:
                is_known = match[1].strip() in names
        if not is_known:
            found.append(match[0])
    between = _PLACEHOLDER.sub(" ", text)
    return list(dict.fromkeys([*found, *(braces for braces in ("{{", "}}") if braces in between)]))


def read_periodic(node: Node | None, scope: SymbolTable) -> dict[str, Periodic]:
    found = {}
    for id, value in ids(node, scope.problems, '"periodic"') if node else ():
        form = MappingReader(value, scope.problems, f'periodic duty "{id}"', PERIODIC_KEYS)
        for key in ("bearer", "every", "procedure"):
            form.require(key)
        per = _per(form, scope)
        found[id] = Periodic(
            id=id,
            title=form.title(id),
            bearer=form.name("bearer", "role", scope.internal_roles) or "",
            every=form.one_of("every", PERIODS, "month"),
            year_from=_year_from(form),
            on=_when(form),
            calendar=form.name("calendar", "calendar", scope.calendars) or scope.counting.calendar,
            per=per,
            on_own_calendar=per is not None and "calendar" not in form,
            procedure=form.name("procedure", "procedure", [name for name in scope.procedures if name != MAIN]) or "",
            hands_in=form.name("report", "report", scope.reports),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _per(form: MappingReader, scope: SymbolTable) -> str | None:
    """Return for each of what there is an occurrence of its own: every office or every department."""
    per = form.one_of("per", PER, "") or None
    if (per == OFFICE and not scope.offices) or (per == DEPARTMENT and not scope.departments):
        form.problems.add(
            form.at("per"), f'{capital(form.what)} is there once per {per}, but the pack has none. Add "{PER[per]}".'
        )
    return per


def _year_from(form: MappingReader) -> tuple[int, int]:
    """Return month and day on which the year begins: 1 January, or that of the accounts."""
    written = form.word("year_from")
    if not written:
        return 1, 1
    match = _YEAR_FROM.match(written)
    month, day = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (1 <= month <= 12 and 1 <= day <= 28):
        form.problems.add(
            form.at("year_from"),
            f'"year_from" of {form.what} is the month and day on which the year begins, such as "04-01", until the '
            f'28th, not "{written}".',
        )
        return 1, 1
    if form.word("every") not in OF_A_YEAR:
        form.problems.add(
            form.at("year_from"),
            f'{capital(form.what)} has a "year_from", which moves months, quarters, half-years and years alone. '
            "Remove it.",
        )
    return month, day


def _when(form: MappingReader) -> str | None:
    """Return when in its period an occurrence falls due, as written."""
    on = form.word("on")
    if on and not _ON.match(on):
        form.problems.add(
            form.at("on"),
            f'"on" of {form.what} must be a time of day (17:00), a day of the week (mon), a day of the month (5), '
            f'first workday or last workday, with a time of day after it if need be, not "{on}".',
        )
    return on or None


def read_documents(
    node: Node | None, scope: SymbolTable, names: ProcedureSymbols, files: Mapping[str, str]
) -> dict[str, Document]:
    """Return the documents with their templates, which are read from letters/ among `files`."""
    found = {}
    for id, value in ids(node, scope.problems, '"documents"') if node else ():
        form = MappingReader(value, scope.problems, f'document "{id}"', DOCUMENT_KEYS)
        form.require("after", ": the acts that produce it")
        form.require("to", ": who gets it")
        found[id] = Document(
            id=id,
            title=form.title(id),
            after=form.names("after", "act or outcome", names.events),
            to=form.name("to", "role", {COMPLAINANT, *scope.roles}) or "",
            templates=_templates(form, id, scope, names, files),
            signed=form.name("signed", "act", names.acts),
            is_edited=form.flag("edit"),
            approve=form.name("approve", "role", scope.internal_roles),
            is_enclosed=form.flag("pdf"),
            encloses=form.name("encloses", "field", scope.fields),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _templates(
    form: MappingReader, id: str, scope: SymbolTable, names: ProcedureSymbols, files: Mapping[str, str]
) -> dict[str, str]:
    name = form.word("template", id)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        form.problems.add(
            form.at("template"),
            f'"template" of {form.what} is the name of a letter in letters/, without folder or ending.',
        )
        return {}
    templates = {}
    for file, text in files.items():
        if match := re.fullmatch(rf"letters/{re.escape(name)}\.([A-Za-z-]+)\.md", file):
            templates[match[1]] = text
            if not text.strip():
                scope.problems.add(Place(file, 1, 1), "The letter is empty: nothing would be said. Write it.")
            _check_placeholders(text, file, form, scope, names)
    for language in LANGUAGES:
        if language not in templates:
            form.problems.add(
                form.at("template"),
                f"{capital(form.what)} has no letters/{name}.{language}.md. Add that file.",
            )
    return templates


def _check_placeholders(text: str, file: str, form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> None:
    known = {*CASE_NAMES, *scope.kinds}
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        _check_loose_braces(text, end, match.start(), file, form)
        end, place, written = match.end(), _place(text, match.start(), file), match[1].strip()
        match question(written):
            case "due", duty if duty not in names.duties:
                form.problems.unknown(place, "duty in the letter", duty, names.duties)
            case "clause", clause if clause not in scope.clauses | scope.base_clauses:
                form.problems.unknown(place, "clause in the letter", clause, scope.clauses)
            case "reach", channel if channel not in scope.channels:
                form.problems.unknown(place, "channel in the letter", channel, scope.channels)
            case None if written not in known:
                form.problems.unknown(place, "placeholder in the letter", written, known)
    _check_loose_braces(text, end, len(text), file, form)


def _check_loose_braces(text: str, start: int, end: int, file: str, form: MappingReader) -> None:
    """Note the first pair of braces between placeholders: it would be sent as it stands."""
    found = [at for at in (text.find(braces, start, end) for braces in ("{{", "}}")) if at >= 0]
    if found:
        form.problems.add(
            _place(text, min(found), file),
            "Braces stand here that hold no name. A placeholder is written as {{ name }}, without braces in it.",
        )


def _place(text: str, at: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def read_retention(node: Node | None, scope: SymbolTable) -> dict[str, Retention]:
    found = {}
    for id, value in ids(node, scope.problems, '"retention"') if node else ():
        form = MappingReader(value, scope.problems, f'retention "{id}"', RETENTION_KEYS)
        keep = form.require("keep", ": how long, such as 3 years")
        if keep is None:
            continue
        limit = read_length_alone(keep, scope, f'"keep" in {form.what}')
        if limit.unit is not None and (limit.unit not in _KEPT_IN or limit.mode is Mode.OPEN_DAYS):
            form.problems.add(
                keep.place,
                f'"keep" in {form.what} is counted in natural days, weeks, months or years, such as 3 years.',
            )
        since = form.one_of("from", KEPT_FROM, END)
        release = form.one_of("release", RELEASED_BY, BY_MANAGER)
        found[id] = Retention(id=id, keep=limit, since=since, release=release, cite=scope.cite(form), at=form.place)
    return found
