"""First pass over the rules: which phases, acts, outcomes, duties and facts there are."""

from __future__ import annotations

from dataclasses import replace

from ombud.policy.event_names import ENDS, event_name
from ombud.policy.mapping_reader import FALSE, TRUE
from ombud.policy.model.values import FieldType, Kind
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable

ACTOR_FACTS = {
    "actor": ("actor", FieldType.PERSON),
    "actor.department": ("actor_department", FieldType.DEPARTMENT),
    "actor.office": ("actor_office", FieldType.CHOICE),
    "actor.role": ("actor_role", FieldType.TEXT),
    "instant": ("instant", FieldType.INSTANT),
}
START, END = "start", "end"


def procedure_symbols(node: Entries, scope: SymbolTable) -> ProcedureSymbols:
    """Return the names that one procedure declares; mistakes in them are left to the second pass."""
    acts = dict(_ids(node, "acts"))
    chains = dict(_ids(node, "chains"))
    outcomes = {event_name(id, value) for id, act in acts.items() for value in outcome_values(act, scope)}
    outcomes |= {event_name(id, end) for id in chains for end in ENDS}
    stages = {event_name(id, number) for id, chain in chains.items() for number in range(1, _stages(chain) + 1)}
    return ProcedureSymbols(
        phases={id: (_flag(phase, START), _flag(phase, END)) for id, phase in _ids(node, "phases")},
        acts=set(acts),
        outcomes=outcomes,
        chains=set(chains),
        duties={id for id, _ in _ids(node, "duties")} | stages,
    )


def outcome_values(act: Node, scope: SymbolTable) -> tuple[str, ...]:
    """Return the values of the choice that decides the act's phase."""
    to = _get(act, "to")
    if not isinstance(to, Entries) or "by" not in to.entries:
        return ()
    by = to.entries["by"].value
    kind = scope.kinds.get(by.text) if isinstance(by, Scalar) else None
    return kind.choices if kind else ()


def collect_set_facts(node: Entries, scope: SymbolTable) -> None:
    """Add the facts that acts set and no field declares, with the kinds that the settings show."""
    for _, act in _ids(node, "acts"):
        sets = _get(act, "sets")
        for fact, entry in sets.entries.items() if isinstance(sets, Entries) else ():
            if fact not in scope.kinds:
                scope.kinds[fact] = _set_kind(entry.value, scope)


def _set_kind(node: Node, scope: SymbolTable) -> Kind:
    if not isinstance(node, Scalar):
        return Kind(FieldType.LONG_TEXT)
    text = node.text
    if text in ACTOR_FACTS:
        type = ACTOR_FACTS[text][1]
        is_ordered = type is FieldType.INSTANT
        closed = {FieldType.DEPARTMENT: tuple(scope.departments), FieldType.CHOICE: scope.offices}
        return Kind(type, closed.get(type, ()), is_ordered=is_ordered)
    if text in scope.kinds:
        return replace(scope.kinds[text], is_table=False)  # a copy of an output, which acts may set
    if text in (*TRUE, *FALSE):
        return Kind(FieldType.BOOL)
    if text.lstrip("-").isdecimal():
        return Kind(FieldType.INTEGER, is_ordered=True)
    return Kind(FieldType.TEXT)


def _ids(node: Entries, key: str) -> list[tuple[str, Node]]:
    entry = node.entries.get(key)
    if entry is None or not isinstance(entry.value, Entries):
        return []
    return [(id, item.value) for id, item in entry.value.entries.items()]


def _get(node: Node, key: str) -> Node | None:
    entry = node.entries.get(key) if isinstance(node, Entries) else None
    return entry.value if entry else None


def _flag(node: Node, key: str) -> bool:
    value = _get(node, key)
    return isinstance(value, Scalar) and value.text.lower() in TRUE


def _stages(chain: Node) -> int:
    stages = _get(chain, "stages")
    return len(stages.items) if isinstance(stages, Items) else 0
