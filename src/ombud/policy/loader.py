"""Loading a pack: read its files, merge its base, compile every section, refuse it as a whole if anything is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ombud.policy.acts import read_acts, read_phases
from ombud.policy.calendars import read_calendars
from ombud.policy.causes import read_causes, read_tree, titles
from ombud.policy.courses import read_courses
from ombud.policy.cross_checks import check_across
from ombud.policy.data import read_fields, reserved_fields, reserved_kinds
from ombud.policy.distribution import read_distribution
from ombud.policy.documents import read_documents, read_periodic, read_retention
from ombud.policy.duties import read_chains, read_duties
from ombud.policy.figures import read_figures
from ombud.policy.files import MAIN_FILE, packs_folder, read_folder
from ombud.policy.header import (
    read_clauses,
    read_counting,
    read_explanations,
    read_header,
    read_parameters,
    read_readings,
)
from ombud.policy.late_entries import read_late_entries
from ombud.policy.mapping_reader import MappingReader, ids
from ombud.policy.merge import BASE, merge_base
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.source import Clause, Place
from ombud.policy.model.tables import Table
from ombud.policy.outsiders import is_outside
from ombud.policy.people import (
    read_access,
    read_channels,
    read_departments,
    read_exams,
    read_ledgers,
    read_offices,
    read_roles,
)
from ombud.policy.problems import Problems
from ombud.policy.procedure_symbols import collect_set_facts, procedure_symbols
from ombud.policy.reports import read_reports
from ombud.policy.source import Entries, Node, plain, read
from ombud.policy.stories import read_scenarios
from ombud.policy.surveys import read_surveys
from ombud.policy.symbol_table import BASE_FILE, SymbolTable
from ombud.policy.tables import read_table, table_kind, table_order
from ombud.policy.values import kind_of
from ombud.policy.watching import read_watch
from ombud.texts import same

PROCEDURE_KEYS = ("phases", "acts", "chains", "duties")
TITLED_PROCEDURE_KEYS = ("title", *PROCEDURE_KEYS)
KEYS = (
    "pack", "clauses", "parameters", "readings", "explain", "counting", "calendars", "offices", "departments", "roles",
    "channels", "data", "tables", *PROCEDURE_KEYS, "periodic", "procedures", "documents", "retention", "access",
    "exams", "courses", "ledgers", "reports", "late_entries", "figures", "distribution", "watch", "surveys", "causes",
    "scenarios",
)  # fmt: skip
START = Place(MAIN_FILE, 1, 1)


def shipped() -> list[str]:
    """Return the ids of the packs that come with the program."""
    folders = [path for path in packs_folder().iterdir() if (path / MAIN_FILE).is_file()]
    return sorted(folder.name for folder in folders if folder.name != BASE)


def load(pack: str | Path) -> Pack:
    """Return the pack with that shipped id, or in that folder; PackError holds all its problems."""
    problems = Problems()
    folder = packs_folder() / pack if isinstance(pack, str) and pack in shipped() else Path(pack)
    sources = read_folder(folder, problems)
    problems.settle()
    return _compile(sources, problems)


def load_sources(sources: Mapping[str, str]) -> Pack:
    """Return the pack from the texts of its files, as `Pack.sources` keeps them."""
    return _compile(dict(sources), Problems())


def _compile(sources: dict[str, str], problems: Problems) -> Pack:
    if MAIN_FILE not in sources:
        problems.add(START, f"There is no {MAIN_FILE}. A pack has that file.")
        problems.settle()
    root = read(sources[MAIN_FILE], MAIN_FILE, problems)
    if isinstance(root, Entries):
        pack = MappingReader(root, problems, "the pack", KEYS)
        root = _with_base(root, sources, problems)
        for key in ("pack", "acts", "phases"):
            pack.require(key)
        scenario_files = [
            node
            for file, text in sorted(sources.items())  # a database may give them in its own order
            if file.startswith("scenarios/") and (node := read(text, file, problems)) is not None
        ]
        if "pack" in pack:
            return _Compiler(root, sources, scenario_files, problems).pack()
    elif root is not None:
        problems.add(root.place, "A pack is a mapping that begins with the key pack.")
    problems.settle()
    raise AssertionError("a pack without its head has a problem")


def _with_base(root: Entries, sources: dict[str, str], problems: Problems) -> Entries:
    """Return the pack merged with its base, whose text is kept among the sources."""
    header = root.entries["pack"].value if "pack" in root.entries else None
    extends = header.entries.get("extends") if isinstance(header, Entries) else None
    if extends is None:
        return root
    if plain(extends.value) != BASE:
        problems.unknown(extends.value.place, "pack to extend", str(plain(extends.value)), [BASE])
        return root
    if BASE_FILE not in sources:
        sources[BASE_FILE] = (packs_folder() / BASE / MAIN_FILE).read_text("utf-8")
    base = read(sources[BASE_FILE], BASE_FILE, problems)
    return merge_base(root, base, problems) if isinstance(base, Entries) else root


class _Compiler:
    def __init__(self, root: Entries, sources: dict[str, str], scenario_files: list[Node], problems: Problems) -> None:
        self.root, self.sources, self.scenario_files, self.problems = root, sources, scenario_files, problems
        self.scope = SymbolTable(problems=problems)

    def get(self, key: str) -> Node | None:
        entry = self.root.entries.get(key)
        return entry.value if entry else None

    def pack(self) -> Pack:
        scope, get = self.scope, self.get
        head = get("pack")
        assert head is not None, "the caller looked"
        header = read_header(head, self.problems)
        scope.currency = header.currency
        clauses, base_clauses = read_clauses(get("clauses"), self.problems)
        scope.clauses, scope.base_clauses = set(clauses), set(base_clauses)
        self._check_quotes({**clauses, **base_clauses})
        scope.calendars = self._ids("calendars")
        scope.departments = self._ids("departments")
        scope.roles = {id: is_outside(value) for id, value in self._section("roles")}
        parameters = read_parameters(get("parameters"), scope)
        scope.parameters = {id: parameter.value for id, parameter in parameters.items()}
        calendars = read_calendars(get("calendars"), scope)
        if not calendars:
            self.problems.add(
                head.place, 'The pack has no calendar, so no working day can be counted. Add "calendars".'
            )
        departments = read_departments(get("departments"), scope)
        offices = read_offices(get("offices"), scope)
        scope.offices = tuple(offices)
        own = {
            "department": [each.calendar for each in departments.values()],
            "office": [each.calendar for each in offices.values()],
        }
        scope.own_calendars = {kind for kind, calendars_of in own.items() if any(calendars_of)}
        scope.counting = read_counting(get("counting"), scope, next(iter(calendars), ""))
        roles = read_roles(get("roles"), scope)
        exams, ledgers = read_exams(get("exams"), scope), read_ledgers(get("ledgers"), scope)
        scope.exams, scope.ledgers = set(exams), set(ledgers)
        scope.reports, scope.surveys = self._ids("reports"), self._ids("surveys")
        scope.fields = self._ids("data")
        tree = read_tree(get("causes"), scope)
        scope.causes = titles(tree)
        channels = read_channels(get("channels"), scope)
        scope.channels = set(channels)
        fields = reserved_fields(
            read_fields(get("data"), scope), {id: channel.title for id, channel in channels.items()}, head.place
        )
        scope.fields = set(fields)
        scope.kinds = {
            **{id: kind_of(field) for id, field in fields.items()},
            **reserved_kinds(tuple(departments), tuple(offices)),
        }
        tables = self._tables({id: department.title for id, department in departments.items()})
        procedures = self._procedures(header.title)
        main = procedures[MAIN]
        figures = read_figures(get("figures"), scope, set(main.acts))
        result = Pack(
            id=header.id,
            version=header.version,
            title=header.title,
            about=header.about,
            called=header.called,
            effective=header.effective,
            on_upgrade=header.on_upgrade,
            clauses=clauses,
            base_clauses=base_clauses,
            parameters=parameters,
            readings=read_readings(get("readings"), scope),
            explanations=read_explanations(get("explain"), scope),
            calendars={id: spec for id, (spec, _) in calendars.items()},
            calendar_places={id: form.place for id, (_, form) in calendars.items()},
            calendar_cites={id: scope.cite(form) for id, (_, form) in calendars.items()},
            calendar_titles={id: form.text("title") or same(id) for id, (_, form) in calendars.items()},
            counting_calendar=scope.counting.calendar,
            counting_cite=scope.counting.cite,
            departments=departments,
            roles=roles,
            channels=channels,
            fields=fields,
            kinds=dict(scope.kinds),
            tables=tables,
            table_order=table_order(tables, scope),
            procedures=procedures,
            periodic=read_periodic(get("periodic"), scope),
            documents=read_documents(get("documents"), scope, scope.procedures[main.id], self.sources),
            retention=read_retention(get("retention"), scope),
            access=read_access(get("access"), scope),
            late_entries=read_late_entries(get("late_entries"), scope, dict(main.acts), head.place),
            figures=figures,
            distribution=read_distribution(get("distribution"), scope, category=figures.category),
            watch=read_watch(get("watch"), scope, category=figures.category),
            surveys=read_surveys(get("surveys"), scope, periodic=self._ids("periodic")),
            causes=read_causes(get("causes"), tree, fields, scope),
            scenarios=self._scenarios(),
            offices=offices,
            exams=exams,
            courses=read_courses(get("courses"), scope),
            ledgers=ledgers,
            reports=read_reports(get("reports"), scope),
            currency=header.currency,
            reference_prefix=header.reference,
            hash=resolved_hash(self.root, self.sources),
            sources=dict(self.sources),
        )
        if not self.problems.found:
            check_across(result, scope)  # how the rules fit together; only where each by itself can be read
        self.problems.settle()
        return result

    def _section(self, key: str) -> list[tuple[str, Node]]:
        node = self.get(key)
        return [(id, entry.value) for id, entry in node.entries.items()] if isinstance(node, Entries) else []

    def _ids(self, key: str) -> set[str]:
        return {id for id, _ in self._section(key)}

    def _tables(self, departments: Mapping[str, Any]) -> dict[str, Table]:
        node = self.get("tables")
        raw = list(ids(node, self.problems, '"tables"')) if node else []
        for id, value in raw:
            if id in self.scope.kinds:
                self.problems.add(value.place, f'"{id}" is both a field and a table. Rename one of them.')
            self.scope.kinds[id] = table_kind(value)
        # What acts set is a fact that tables may read, so it must be known before they are read.
        for root in self._roots().values():
            collect_set_facts(root, self.scope)
        return {id: read_table(id, value, self.scope, departments) for id, value in raw}

    def _roots(self) -> dict[str, Entries]:
        own = {key: self.root.entries[key] for key in PROCEDURE_KEYS if key in self.root.entries}
        roots = {MAIN: Entries(own, self.root.place)}
        for id, value in self._section("procedures"):
            if isinstance(value, Entries):
                roots[id] = value
        return roots

    def _procedures(self, title: Mapping[str, str]) -> dict[str, Procedure]:
        roots = self._roots()
        self.scope.procedures = {id: procedure_symbols(root, self.scope) for id, root in roots.items()}
        found = {}
        for id, root in roots.items():
            what = "The pack" if id == MAIN else f'Procedure "{id}"'
            form = MappingReader(root, self.problems, what[0].lower() + what[1:], TITLED_PROCEDURE_KEYS)
            names = self.scope.procedures[id]
            acts = read_acts(form.get("acts"), self.scope, names)
            found[id] = Procedure(
                id=id,
                title=title if id == MAIN else form.title(id),
                phases=read_phases(form.get("phases"), self.scope, what),
                chains=read_chains(form.get("chains"), self.scope, names, acts),
                acts=acts,
                duties=read_duties(form.get("duties"), self.scope, names),
                at=form.place,
            )
        return found

    def _scenarios(self) -> Any:
        own = self.get("scenarios")
        nodes = [*([own] if own else []), *self.scenario_files]
        return read_scenarios(nodes, self.scope, self.scope.procedures, MAIN)

    def _check_quotes(self, clauses: Mapping[str, Clause]) -> None:
        for clause in clauses.values():
            if clause.source is None or clause.quote is None:
                continue
            text = self.sources.get(f"source/{clause.source}")
            if text is None:
                self.problems.add(
                    clause.at, f'Clause "{clause.ref}" quotes source/{clause.source}, which is not in the pack.'
                )
            elif clause.quote not in text:
                self.problems.add(
                    clause.at, f'The quotation of clause "{clause.ref}" is not in source/{clause.source} word for word.'
                )


def resolved_hash(root: Entries, sources: Mapping[str, str]) -> str:
    """Return the SHA-256 of what rules a case."""
    return hashlib.sha256(_resolved(root, sources).encode()).hexdigest()


def resolved_text(sources: Mapping[str, str]) -> str:
    """Return the text that the hash of a pack is over, from the texts of its files as `Pack.sources` keeps them."""
    known, problems = dict(sources), Problems()
    root = read(known[MAIN_FILE], MAIN_FILE, problems)
    assert isinstance(root, Entries), "it was loaded before"
    return _resolved(_with_base(root, known, problems), known)


def _resolved(root: Entries, sources: Mapping[str, str]) -> str:
    """Return the merged pack and its letters, without comments and scenarios.

    The order of entries counts, since rungs of one instant pass in file order.
    """
    rules = {key: plain(entry.value) for key, entry in root.entries.items() if key != "scenarios"}
    letters = {file: text for file, text in sorted(sources.items()) if file.startswith("letters/")}
    return json.dumps([rules, letters], ensure_ascii=False, separators=(",", ":"))
