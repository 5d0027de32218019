"""What an act does beyond the phase and the facts of its case: to duties, other matters, groups and ledgers."""

from __future__ import annotations

from ombud.policy.guards import read_guard
from ombud.policy.limits import read_length_alone
from ombud.policy.mapping_reader import MappingReader, capital
from ombud.policy.model.acts import Opening, Power, Recording, Spreading
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.source import Entries, Items, Node
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.vocabulary import REASON

# Each power with what its `to` must be and says; None = it has no `to`.
POWERS: dict[str, tuple[str, frozenset[FieldType], str] | None] = {
    "extend": ("date or instant", frozenset({FieldType.DATE, FieldType.INSTANT}), "the field with the new date"),
    "waive": None,
    "transfer": (
        "field of a department or person",
        frozenset({FieldType.DEPARTMENT, FieldType.PERSON}),
        "the field that names who owes it from then on",
    ),
}
POWER_KEYS = (*POWERS, "to", "at_most")
OPENING_KEYS = ("procedure", "with", "if", "then")
SPREADING_KEYS = ("act", "with", "lead")
RECORDING_KEYS = ("ledger", "person", "points", "if")


def read_powers(
    form: MappingReader, scope: SymbolTable, names: ProcedureSymbols, needs: tuple[str, ...]
) -> tuple[Power, ...]:
    """Return what the act does to duties: one mapping under `affects`, or a list of them."""
    node = form.get("affects")
    if node is None:
        return ()
    if REASON not in needs:
        scope.problems.add(
            form.at("affects"),
            f"{capital(form.what)} changes what is owed, so whoever performs it must say why. "
            'Add the field "reason" to its "needs".',
        )
    items = node.items if isinstance(node, Items) else (node,)
    return tuple(power for item in items if (power := _power(item, form, scope, names, needs)))


def _power(
    node: Node, act: MappingReader, scope: SymbolTable, names: ProcedureSymbols, needs: tuple[str, ...]
) -> Power | None:
    form = MappingReader(node, scope.problems, f'"affects" of {act.what}', POWER_KEYS)
    kinds = [kind for kind in POWERS if kind in form]
    if len(kinds) != 1:
        scope.problems.add(
            form.place,
            f"{capital(form.what)} must name one duty to extend, waive or transfer. Write several powers as a list.",
        )
        return None
    (kind,) = kinds
    duty = form.name(kind, "duty", names.duties)
    if "at_most" in form and kind != "extend":
        scope.problems.add(form.at("at_most"), f'"at_most" of {form.what} belongs to "extend". Remove it.')
    wanted = POWERS[kind]
    if wanted is None:
        if "to" in form:
            scope.problems.add(form.at("to"), f'{capital(form.what)} waives a duty, which has no "to". Remove it.')
        return Power(kind=kind, duty=duty or "")
    what, types, says = wanted
    form.require("to", f": {says}")
    to = form.name("to", what, {name for name in scope.fields if scope.kinds[name].type in types})
    if to is not None and to not in needs:
        scope.problems.add(
            form.at("to"),
            f'{capital(form.what)} reads "{to}", which the act does not need, so it could be absent. '
            'Add it to the "needs" of the act.',
        )
    at_most = form.get("at_most")
    cap = read_length_alone(at_most, scope, f'"at_most" of {act.what}') if at_most else None
    return Power(kind=kind, duty=duty or "", to=to, at_most=cap)


def read_opening(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> Opening | None:
    node = form.get("opens")
    if node is None:
        return None
    inner = MappingReader(node, scope.problems, f'"opens" of {form.what}', OPENING_KEYS)
    inner.require("procedure", ": the kind of matter that it opens")
    return Opening(
        procedure=inner.name("procedure", "procedure", [name for name in scope.procedures if name != MAIN]) or "",
        copies=inner.names("with", "field", scope.fields),
        where=read_guard(inner.get("if"), scope, names, f'"if" in {inner.what}'),
        then=inner.name("then", "act", names.acts),
    )


def read_link(form: MappingReader, scope: SymbolTable, needs: tuple[str, ...]) -> str | None:
    """Return the field that names the lead case, which the act must need."""
    if form.flag("unlinks") and "links" in form:
        scope.problems.add(
            form.at("unlinks"), f"{capital(form.what)} both links a case and unlinks it. Make them two acts."
        )
    # Not personal ones: links and ledgers are derived from what is stored, erased or not.
    kinds = {name: scope.kinds[name] for name in scope.fields}
    cases = {name for name, kind in kinds.items() if kind.type is FieldType.CASE and not kind.is_personal}
    link = form.name("links", "field of a case", cases)
    if link is not None and link not in needs:
        scope.problems.add(
            form.at("links"),
            f'{capital(form.what)} links the case to "{link}", which it does not need. Add it to its "needs".',
        )
    return link


def read_spreading(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> Spreading | None:
    node = form.get("spreads")
    if node is None:
        return None
    if not isinstance(node, Entries):  # the act alone
        act = form.name("spreads", "act", names.acts)
        return Spreading(act=act) if act else None
    inner = MappingReader(node, scope.problems, f'"spreads" of {form.what}', SPREADING_KEYS)
    inner.require("act", ": what is performed on every member of the group")
    act = inner.name("act", "act", names.acts)
    return Spreading(act=act or "", copies=inner.names("with", "field", scope.fields), lead=inner.flag("lead"))


def read_recording(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> Recording | None:
    node = form.get("records")
    if node is None:
        return None
    inner = MappingReader(node, scope.problems, f'"records" of {form.what}', RECORDING_KEYS)
    inner.require("ledger", ": where it is written down")
    inner.require("person", ": the field that names the person")
    persons = [name for name, kind in scope.kinds.items() if kind.type is FieldType.PERSON and not kind.is_personal]
    numbers = [name for name, kind in scope.kinds.items() if kind.type is FieldType.INTEGER]
    return Recording(
        ledger=inner.name("ledger", "ledger", scope.ledgers) or "",
        person=inner.name("person", "field of a person", persons) or "",
        points=inner.name("points", "number", numbers),
        where=read_guard(inner.get("if"), scope, names, f'"if" in {inner.what}'),
    )
