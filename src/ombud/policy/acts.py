"""Phases and acts: who may do what from where, what it needs, sets and leads to."""

from __future__ import annotations

from ombud.policy.asking import read_asked, read_explained
from ombud.policy.data import RESERVED_FACTS
from ombud.policy.event_names import RESERVED_EVENTS
from ombud.policy.guards import read_guard
from ombud.policy.mapping_reader import MappingReader, capital, ids, read_text
from ombud.policy.model.acts import Act, Condition, Setting
from ombud.policy.model.guards import Guard
from ombud.policy.model.procedures import Phase
from ombud.policy.model.values import FieldType, Kind, Value
from ombud.policy.powers import read_link, read_opening, read_powers, read_recording, read_spreading
from ombud.policy.procedure import BACK, STAY
from ombud.policy.procedure_symbols import ACTOR_FACTS, END, START
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.values import typed
from ombud.policy.vocabulary import CHANNEL, CLOCK, COMPLAINANT, DEPARTMENT, HANDLER, LANGUAGE, OFFICE, STAFF, SYSTEM

KEYS = (
    "title", "told_as", "offered_as", "help", "script", "by", "from", "to", "needs", "may", "when", "sets", "same_as",
    "tells", "contacts", "awaits", "starts", "resets", "distinct_from", "qualified", "affects", "opens",
    "links", "unlinks", "spreads", "recuses", "records", "report", "explained_by", "asked_in", "auto", "public", "cite",
)  # fmt: skip
PHASE_KEYS = ("title", "told_as", START, END)
CONDITION_KEYS = ("if", "why", "cite")
ELSE = "else"


def read_phases(node: Node | None, scope: SymbolTable, what: str) -> dict[str, Phase]:
    phases = {}
    for id, value in ids(node, scope.problems, '"phases"') if node else ():
        form = MappingReader(value, scope.problems, f'phase "{id}"', PHASE_KEYS)
        if id in (BACK, STAY):
            scope.problems.add(form.place, f'"{id}" has a meaning of its own and cannot be a phase. Choose another id.')
        phases[id] = Phase(
            id=id,
            title=form.title(id),
            told_as=form.text("told_as"),
            is_start=form.flag(START),
            is_end=form.flag(END),
            at=form.place,
        )
    starts = [phase for phase in phases.values() if phase.is_start]
    if phases and node is not None:
        if len(starts) != 1:
            scope.problems.add(node.place, f"{what} needs exactly one phase with start: true; it has {len(starts)}.")
        if not any(phase.is_end for phase in phases.values()):
            scope.problems.add(
                node.place, f"{what} has no phase with end: true, so no case could ever be over. Add one."
            )
    return phases


def read_acts(node: Node | None, scope: SymbolTable, names: ProcedureSymbols) -> dict[str, Act]:
    return {id: _act(id, value, scope, names) for id, value in (ids(node, scope.problems, '"acts"') if node else ())}


def _act(id: str, node: Node, scope: SymbolTable, names: ProcedureSymbols) -> Act:
    form = MappingReader(node, scope.problems, f'act "{id}"', KEYS)
    if id in RESERVED_EVENTS:
        scope.problems.add(
            node.place, f'"{id}" is what the register calls an event of its own. Call the act otherwise.'
        )
    by = _by(form, scope)
    to, choice, choices = _to(form, scope, names)
    needs, may = read_taken(form, scope)
    sets = _sets(form, scope)
    conditions = _conditions(form, scope, names)
    if choice and choice not in needs and choice not in {setting.fact for setting in sets}:
        scope.problems.add(
            form.at("to"),
            f'{capital(form.what)} goes where "{choice}" says but neither needs nor sets it. Add it to "needs".',
        )
    tells = form.names("tells", "role", scope.told)
    contacts = form.name("contacts", "role", {COMPLAINANT, *scope.roles})
    return Act(
        id=id,
        title=form.title(id),
        by=by,
        from_phases=_from(form, names),
        to=to,
        choice=choice,
        choices=choices,
        needs=needs,
        may=may,
        when=_joined(conditions, form, scope, names),
        conditions=conditions,
        sets=sets,
        same_as=form.name("same_as", "act", names.acts),
        tells=tells,
        contacts=contacts,
        awaits=form.name("awaits", "act or chain", names.events | names.chains),
        starts=form.name("starts", "chain", names.chains),
        resets=form.name("resets", "chain", names.chains),
        distinct_from=form.names("distinct_from", "act", names.performed),
        qualified=form.name("qualified", "exam", scope.exams),
        affects=read_powers(form, scope, names, needs),
        opens=read_opening(form, scope, names),
        links=read_link(form, scope, needs),
        unlinks=form.flag("unlinks"),
        spreads=read_spreading(form, scope, names),
        recuses=form.names("recuses", "act", names.acts),
        records=read_recording(form, scope, names),
        hands_in=form.name("report", "report", scope.reports),
        is_auto=form.flag("auto"),
        is_public=form.flag("public", COMPLAINANT in {*by, *tells, contacts}),
        explained_by=read_explained(form, choices, (*needs, *may)),
        asked_in=read_asked(form, scope, (*needs, *may)),
        told_as=form.text("told_as"),
        offered_as=form.text("offered_as"),
        help=form.text("help"),
        script=form.text("script"),
        cite=scope.cite(form),
        at=form.place,
    )


def _conditions(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> tuple[Condition, ...]:
    """Return the conditions under `when`: one string, or a list of {if, why, cite}."""
    node = form.get("when")
    if not isinstance(node, Items):
        guard = read_guard(node, scope, names, form.what)
        return (Condition(guard=guard),) if guard else ()
    found = []
    for item in node.items:
        long = MappingReader(item, scope.problems, f"a condition of {form.what}", CONDITION_KEYS)
        long.require("if")
        long.require("why", ": what to say where it does not hold")
        guard = read_guard(long.get("if"), scope, names, form.what)
        if guard:
            found.append(Condition(guard=guard, why=long.text("why"), cite=scope.cite(long)))
    return tuple(found)


def _joined(
    conditions: tuple[Condition, ...], form: MappingReader, scope: SymbolTable, names: ProcedureSymbols
) -> Guard | None:
    """Return all conditions of an act as one."""
    if len(conditions) < 2:
        return conditions[0].guard if conditions else None
    known = len(scope.problems.found)
    source = " and ".join(f"({condition.guard.source})" for condition in conditions)
    guard = read_guard(Scalar(source, form.at("when")), scope, names, form.what)
    del scope.problems.found[known:]  # each condition has told its own problems, at its own place
    return guard


def _by(form: MappingReader, scope: SymbolTable) -> tuple[str, ...]:
    """Return who performs the act; `staff` is every role of the organisation's own."""
    if "by" not in form and form.flag("auto"):
        return (SYSTEM,)
    form.require("by", ": the roles that may perform it")
    known = {*scope.roles, CLOCK, STAFF, HANDLER}
    by = form.names("by", "role", known)
    spread = [role for name in by for role in (scope.internal_roles if name == STAFF else (name,))]
    return tuple(dict.fromkeys(spread))


def _from(form: MappingReader, names: ProcedureSymbols) -> tuple[str, ...]:
    if "from" in form:
        return form.names("from", "phase", names.phases)
    return tuple(id for id, (is_start, is_end) in names.phases.items() if not is_start and not is_end)


def _to(
    form: MappingReader, scope: SymbolTable, names: ProcedureSymbols
) -> tuple[str | None, str | None, dict[str, str]]:
    node = form.get("to")
    if not isinstance(node, Entries):
        to = form.name("to", "phase", {BACK, *names.phases})
        return to, None, {}
    targets = {*names.phases, BACK, STAY}
    by = MappingReader(node, scope.problems, f'"to" of {form.what}', node.entries)
    choice = by.word("by")
    by.require("by", ": the field that decides the phase")
    kind = scope.kinds.get(choice)
    if kind is not None and kind.type is FieldType.CHOICE and not kind.choices:
        return None, None, {}  # the field has no values, which is noted there
    if kind is None or not kind.choices:
        known = [name for name, each in scope.kinds.items() if each.choices]
        scope.problems.unknown(by.at("by"), f'choice in "to" of {form.what}', choice, known)
        return None, None, {}
    otherwise = by.name(ELSE, "phase", targets)
    choices = {value: otherwise for value in kind.choices if otherwise}
    for value in node.entries:
        if value in kind.choices:
            choices[value] = by.name(value, "phase", targets) or STAY
        elif value not in ("by", ELSE):
            scope.problems.unknown(
                node.entries[value].key.place, f'value in "to" of {form.what} (by "{choice}")', value, kind.choices
            )
    if left := [value for value in kind.choices if value not in choices]:
        scope.problems.add(
            node.place,
            f'"to" of {form.what} says nothing for "{choice}" = {", ".join(left)}. Add these values or an "else".',
        )
    return None, choice, {value: choices[value] for value in kind.choices if value in choices}


def read_taken(form: MappingReader, scope: SymbolTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields that an act or a stage needs and those that it may take beside them."""
    needs, may = _fields(form, "needs", scope), _fields(form, "may", scope)
    if both := sorted(set(needs) & set(may)):
        scope.problems.add(
            form.at("may"), f"{capital(form.what)} both needs and may take {', '.join(both)}. Write it once."
        )
    return needs, may


def _fields(form: MappingReader, key: str, scope: SymbolTable) -> tuple[str, ...]:
    for scalar in form.scalars(key):
        kind = scope.kinds.get(scalar.text)
        if kind is not None and kind.is_table:
            scope.problems.add(
                scalar.place, f'{capital(form.what)} cannot take "{scalar.text}": a table decides it, nobody types it.'
            )
            return ()
    return form.names(key, "field", {*scope.fields, CHANNEL, LANGUAGE})


def _sets(form: MappingReader, scope: SymbolTable) -> tuple[Setting, ...]:
    node = form.get("sets")
    if node is None:
        return ()
    if not isinstance(node, Entries):
        scope.problems.add(node.place, f'"sets" of {form.what} must be a mapping from facts to values.')
        return ()
    found = []
    for fact, entry in node.entries.items():
        if fact == OFFICE and not scope.offices:
            scope.problems.add(
                entry.key.place, f'{capital(form.what)} sets "office", but the pack has none. Add "offices".'
            )
        elif scope.kinds[fact].is_table:
            scope.problems.add(entry.key.place, f'{capital(form.what)} cannot set "{fact}": a table decides it.')
        elif setting := _setting(fact, entry.value, form, scope):
            found.append(setting)
    return tuple(found)


def _setting(fact: str, node: Node, form: MappingReader, scope: SymbolTable) -> Setting | None:
    kind = scope.kinds[fact]
    if isinstance(node, Entries):
        if kind.type not in (FieldType.TEXT, FieldType.LONG_TEXT):
            scope.problems.add(node.place, f'{capital(form.what)} sets "{fact}" to words, but it is a {kind.type}.')
        return Setting(
            fact=fact, kind="text", value=read_text(node, scope.problems, f'"{fact}" in "sets" of {form.what}')
        )
    word = form.scalar(node, f'"{fact}"').text
    if word in ACTOR_FACTS:
        how, type = ACTOR_FACTS[word]
        if kind.type is not type and not (kind.type is FieldType.TEXT and type is not FieldType.INSTANT):
            scope.problems.add(
                node.place, f'{capital(form.what)} sets "{fact}", a {kind.type}, to {word}, which is a {type}.'
            )
        elif word == "actor.office" and kind.choices and not set(scope.offices) <= set(kind.choices):
            scope.problems.add(
                node.place, f'{capital(form.what)} sets "{fact}" to {word}, but not every office is among its values.'
            )
        return Setting(fact=fact, kind=how)
    if word not in kind.choices and word in scope.kinds:
        _check_copy(fact, word, node, form, scope)
        return Setting(fact=fact, kind="name", value=word)
    return _constant(fact, word, kind, node, form, scope)


def _check_copy(fact: str, word: str, node: Node, form: MappingReader, scope: SymbolTable) -> None:
    kind, source = scope.kinds[fact], scope.kinds[word]
    if fact == DEPARTMENT:
        strange = [value for value in source.choices if value not in scope.departments]
        if source.type is not FieldType.DEPARTMENT and (strange or not source.choices):
            scope.problems.add(
                node.place, f'{capital(form.what)} sets "department" from "{word}", which does not give a department.'
            )
    elif fact == OFFICE:
        if not source.choices or not set(source.choices) <= set(scope.offices):
            scope.problems.add(
                node.place, f'{capital(form.what)} sets "office" from "{word}", which does not give an office.'
            )
    elif fact in RESERVED_FACTS and source.type is not FieldType.PERSON:
        scope.problems.add(
            node.place, f'{capital(form.what)} sets "{fact}" from "{word}", which is a {source.type}, not a person.'
        )
    elif fact not in RESERVED_FACTS and kind.type is not source.type:
        scope.problems.add(
            node.place, f'{capital(form.what)} sets "{fact}", a {kind.type}, from "{word}", a {source.type}.'
        )


def _constant(fact: str, word: str, kind: Kind, node: Node, form: MappingReader, scope: SymbolTable) -> Setting | None:
    value: Value
    try:
        if kind.type is FieldType.PERSON:
            raise ValueError(f'"{word}" is not actor or a field that holds a person')
        value = typed(kind, word, scope.currency)
    except ValueError as error:
        scope.problems.add(node.place, f'{capital(form.what)} cannot set "{fact}": {error}.')
        return None
    return Setting(fact=fact, kind="constant", value=value)
