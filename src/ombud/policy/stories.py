"""Scenarios: dated stories with what they must lead to, checked and typed against the pack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from ombud.policy.event_names import VERDICTS, event_name
from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.source import Place
from ombud.policy.model.values import FieldType, Value
from ombud.policy.problems import Problems
from ombud.policy.source import Entries, Entry, Items, Node, Scalar, plain, read
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.values import instant, typed
from ombud.policy.vocabulary import CLOCK, SYSTEM
from ombud.texts import spoken

KEYS = ("name", "office", "procedure", "cite", "unqualified", "people", "log", "expect", "note", "now")
LOG_KEYS = ("at", "recorded", "act", "by", "data")
PERSON_KEYS = ("role", "department", "office", "languages", "categories", "open", "last", "away")
BY_KEYS = ("role", "person", "department", "office")
EXPECT_KEYS = (
    "phase", "grades", "facts", "duties", "department", "office", "handler", "refused", "next", "automatic", "told",
    "reports", "openings", "records",
)  # fmt: skip
DUTY_KEYS = ("status", "due_at", "opened_at", "done_at", "breached_at", "bearer", "provisional", "rungs")
REFUSAL_KEYS = ("act", "index", "code", "clauses")
REPORT_KEYS = ("act", "code")
OPENED_KEYS = ("act", "procedure")
RECORD_KEYS = ("ledger", "person", "points", "act")
_LISTED: Mapping[str, Collection[str]] = {
    "refused": REFUSAL_KEYS, "reports": REPORT_KEYS, "openings": OPENED_KEYS, "records": RECORD_KEYS, "next": (),
    "automatic": (),
}  # fmt: skip
NEVER = ("", "none", "null")  # in place of an instant
STATUSES = ("open", "paused", "met", "late", "ended", "cancelled", "waived", "overdue")


def read_scenarios(
    nodes: list[Node], scope: SymbolTable, procedures: Mapping[str, ProcedureSymbols], main: str
) -> tuple[Scenario, ...]:
    found: list[Scenario] = []
    for node in nodes:
        if not isinstance(node, Items):
            scope.problems.add(node.place, "Scenarios are written as a list of {name, log, expect}.")
            continue
        for item in node.items:
            scenario = _scenario(item, scope, procedures, main)
            if any(other.name == scenario.name for other in found):
                scope.problems.add(
                    scenario.at, f'A second scenario is called "{scenario.name}". Give each its own name.'
                )
            found.append(scenario)
    return tuple(found)


def _scenario(node: Node, scope: SymbolTable, procedures: Mapping[str, ProcedureSymbols], main: str) -> Scenario:
    form = MappingReader(node, scope.problems, "a scenario", KEYS)
    form.require("name")
    title = form.text_or_word("name")
    name = spoken(title, "en")
    form.what = f'scenario "{name}"'
    procedure = form.name("procedure", "procedure", procedures) or main
    story = read_story(form, scope, procedures.get(procedure))
    return Scenario(name=name, title=title, story={**story, "procedure": procedure}, at=form.place)


def read_story(
    form: MappingReader, scope: SymbolTable, names: ProcedureSymbols | None, *, is_lenient: bool = False
) -> dict[str, Any]:
    """Return the story as data: instants stay ISO strings, `data` and `expect` are typed by the pack.

    A lenient reading leaves unknown facts and wrong values in `data` as they are, for the engine to refuse.
    """
    log = form.require("log", ": what happens, in order")
    steps = log.items if isinstance(log, Items) else ()
    if log is not None and not isinstance(log, Items):
        scope.problems.add(log.place, f'"log" in {form.what} must be a list of steps.')
    _check_instant(form, "now")
    expect = form.get("expect")
    return {
        "name": spoken(form.text_or_word("name"), "en"),
        "office": form.name("office", "office", scope.offices),
        "now": form.word("now") or None,
        "cite": scope.cite(form),
        "unqualified": [scalar.text for scalar in form.scalars("unqualified")],
        "people": _people(form, scope),
        "log": [_step(step, form.what, scope, names, is_lenient) for step in steps],
        "expect": _expect(expect, form.what, scope, names) if expect else {},
    }


def _people(story: MappingReader, scope: SymbolTable) -> dict[str, dict[str, Any]]:
    """Return who holds which role, what they know and when they are away: to them cases go by rule of the policy."""
    found = {}
    for id, node in story.section("people"):
        form = MappingReader(node, scope.problems, f'person "{id}" of {story.what}', PERSON_KEYS)
        form.require("role")
        found[id] = {
            "role": form.name("role", "role", scope.roles) or "",
            "department": form.name("department", "department", scope.departments),
            "office": form.name("office", "office", scope.offices),
            "languages": [each.text for each in form.scalars("languages")],
            "categories": [each.text for each in form.scalars("categories")],
            "open": form.number("open", 0),
            "last": form.number("last", 0),
            "away": [_days(each, form) for each in form.scalars("away")],
        }
    return found


def _days(scalar: Scalar, form: MappingReader) -> tuple[str, str]:
    """Return the first and the last of some days, as dates: of one day, or of a stretch."""
    first, _dots, last = scalar.text.partition("..")
    try:
        date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        form.problems.add(
            scalar.place,
            f'"{scalar.text}" in "away" of {form.what} is no day. Write 2026-03-02, or 2026-03-02..2026-03-06.',
        )
    return first, last or first


def _step(
    node: Node, story: str, scope: SymbolTable, names: ProcedureSymbols | None, is_lenient: bool
) -> dict[str, Any]:
    form = MappingReader(node, scope.problems, f"a step of {story}", LOG_KEYS)
    for key in ("at", "act", "by"):
        form.require(key)
    for key in ("at", "recorded"):
        _check_instant(form, key)
    if names is not None:
        form.name("act", "act", story_acts(names))
    step: dict[str, Any] = {"at": form.word("at"), "act": form.word("act"), "by": _by(form, scope)}
    if "recorded" in form:
        step["recorded"] = form.word("recorded")
    step["data"] = _facts(form.get("data"), "data", form, scope, is_lenient)
    return step


def story_acts(names: ProcedureSymbols) -> set[str]:
    """Return what may stand in a log: the acts, and approving or rejecting in a chain."""
    return names.acts | {event_name(chain, verdict) for chain in names.chains for verdict in VERDICTS}


def _check_instant(form: MappingReader, key: str) -> None:
    if form.word(key):
        try:
            instant(form.word(key))
        except ValueError as error:
            form.problems.add(form.at(key), f"In {form.what}: {error}.")


def _by(form: MappingReader, scope: SymbolTable) -> Any:
    node = form.get("by")
    known = {*scope.roles, CLOCK, SYSTEM}
    if not isinstance(node, Entries):
        return form.name("by", "role", known) or ""
    by = MappingReader(node, scope.problems, f'"by" of {form.what}', BY_KEYS)
    by.require("role")
    by.name("role", "role", known)
    by.name("department", "department", scope.departments)
    by.name("office", "office", scope.offices)
    return {key: by.word(key) for key in BY_KEYS if key in by}


def _facts(
    node: Node | None, key: str, form: MappingReader, scope: SymbolTable, is_lenient: bool = False
) -> dict[str, Value]:
    if node is None:
        return {}
    if not isinstance(node, Entries):
        scope.problems.add(node.place, f'"{key}" of {form.what} must be a mapping from facts to values.')
        return {}
    return {name: _fact(name, entry, form, scope, is_lenient) for name, entry in node.entries.items()}


def _fact(name: str, entry: Entry, form: MappingReader, scope: SymbolTable, is_lenient: bool) -> Value:
    kind, node = scope.kinds.get(name), entry.value
    if isinstance(node, Scalar) and node.text == "" and node.is_plain:
        return None  # expected to be absent
    raw = plain(node)
    if kind is None:
        if not is_lenient:
            scope.problems.unknown(entry.key.place, f"fact in {form.what}", name, scope.kinds)
        return raw
    if kind.type is FieldType.FILES and isinstance(raw, str):
        raw = [raw]
    try:
        return typed(kind, raw, scope.currency)
    except ValueError as error:
        if not is_lenient:
            scope.problems.add(node.place, f"In {form.what}: {error}.")
        return raw


def _expect(node: Node, story: str, scope: SymbolTable, names: ProcedureSymbols | None) -> dict[str, Any]:
    form = MappingReader(node, scope.problems, f'"expect" of {story}', EXPECT_KEYS)
    expect: dict[str, Any] = plain(node) if isinstance(node, Entries) else {}
    for key in ("phase", "department", "office", "handler"):
        if (one := form.get(key)) is not None and not isinstance(one, Scalar):
            scope.problems.add(one.place, f'"{key}" in {form.what} must be a single value.')
    for key in ("grades", "facts"):
        if key in form:
            expect[key] = _facts(form.get(key), key, form, scope)
    for key, keys in _LISTED.items():
        _check_words(form.get(key), key, form, keys)
    for act, entry in _mapped("told", form):
        _check_words(entry.value, act, form)
    if names is not None:
        form.name("phase", "phase", names.phases)
        for id, entry in _mapped("duties", form):
            _duty(id, entry, form, scope.problems, names)
    return expect


def _mapped(key: str, form: MappingReader) -> Iterable[tuple[str, Entry]]:
    """Return the entries of the mapping under a key; anything else there is a problem."""
    node = form.get(key)
    if isinstance(node, Entries):
        return node.entries.items()
    if node is not None:
        form.problems.add(node.place, f'"{key}" in {form.what} must be a mapping.')
    return ()


def _check_words(node: Node | None, key: str, form: MappingReader, keys: Collection[str] = ()) -> None:
    """Note what is neither a word nor a list of words nor, with `keys`, a mapping from these to words.

    A mistyped key would expect nothing.
    """
    for item in node.items if isinstance(node, Items) else (node,):
        if isinstance(item, Entries) and keys:
            inner = MappingReader(item, form.problems, f'"{key}" in {form.what}', keys)
            for name, entry in item.entries.items():
                _check_words(entry.value, name, inner)
        elif item is not None and not isinstance(item, Scalar):
            form.problems.add(item.place, f'"{key}" in {form.what} must be a word or a list of words.')


def _duty(id: str, entry: Entry, form: MappingReader, problems: Problems, names: ProcedureSymbols) -> None:
    if id not in names.duties:
        problems.unknown(entry.key.place, f"duty in {form.what}", id, names.duties)
    items = entry.value.items if isinstance(entry.value, Items) else (entry.value,)
    for item in items:
        if isinstance(item, Scalar) and item.text not in STATUSES and item.text not in NEVER:
            problems.unknown(item.place, f"status in {form.what}", item.text, STATUSES)
        elif not isinstance(item, Scalar):
            _duty_status(MappingReader(item, problems, f'duty "{id}" in {form.what}', DUTY_KEYS))


def _duty_status(form: MappingReader) -> None:
    form.one_of("status", STATUSES, "")
    form.one_of("provisional", ("true", "false"), "")
    form.word("bearer")
    for key in ("due_at", "opened_at", "done_at", "breached_at"):
        if form.word(key) not in NEVER:
            _check_instant(form, key)
    for key, entry in _mapped("rungs", form):
        _check_rung(key, entry, form)


def _check_rung(key: str, entry: Entry, form: MappingReader) -> None:
    """Look at the instants of an expected rung: when it passes, and when who had quiet time then was told."""
    items = entry.value.items if isinstance(entry.value, Items) else (entry.value,)
    for item in items:
        if isinstance(item, Items):
            form.problems.add(item.place, f'"rungs" in {form.what} must be words, or a list of words.')
    later = [
        (each.value, plain(each.value)) for item in items if isinstance(item, Entries) for each in item.entries.values()
    ]
    for place, text in ((entry.key.place, key), *((node.place, text) for node, text in later)):
        try:
            instant(str(text))
        except ValueError as error:
            form.problems.add(place, f'In "rungs" of {form.what}: {error}.')


def story_for(pack: Pack, text: str, file: str) -> dict[str, Any]:
    """Return a story written in a file of its own, typed by the pack; PackError holds what is wrong with it."""
    problems = Problems()
    scope = SymbolTable(
        problems=problems,
        currency=pack.currency,
        clauses=set(pack.clauses),
        base_clauses=set(pack.base_clauses),
        departments=set(pack.departments),
        offices=tuple(pack.offices),
        roles={id: role.is_external for id, role in pack.roles.items()},
        fields=set(pack.fields),
        kinds=dict(pack.kinds),
        procedures={id: _names(procedure) for id, procedure in pack.procedures.items()},
    )
    node = read(text, file, problems)
    if node is None:
        problems.add(Place(file, 1, 1), "The story is empty. It needs a log: what happens, in order.")
    problems.settle()
    assert node is not None, "an empty story is a problem"
    form = MappingReader(node, problems, "the story", KEYS)
    procedure = form.name("procedure", "procedure", scope.procedures) or MAIN
    story = read_story(form, scope, scope.procedures.get(procedure), is_lenient=True)
    problems.settle()
    return {**story, "procedure": procedure}


def _names(procedure: Procedure) -> ProcedureSymbols:
    ends = {end for chain in procedure.chains.values() for end in (chain.approval, chain.rejection)}
    stages = {chain.stage_duty(n) for chain in procedure.chains.values() for n in range(1, len(chain.stages) + 1)}
    return ProcedureSymbols(
        phases={phase.id: (phase.is_start, phase.is_end) for phase in procedure.phases.values()},
        acts=set(procedure.acts),
        outcomes={outcome for act in procedure.acts.values() for outcome in act.outcomes} | ends,
        chains=set(procedure.chains),
        duties=set(procedure.duties) | stages,
    )
