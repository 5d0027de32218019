"""Decision tables: reading, typing and compiling them; the order in which they can be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from ombud.policy.codegen import table_function
from ombud.policy.mapping_reader import MappingReader, capital, read_text
from ombud.policy.model.tables import Cell, Row, Table
from ombud.policy.model.values import FieldType, Kind, Value
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.values import NUMBERS, interval, typed
from ombud.texts import Text, same

KEYS = ("title", "of", "in", "hit", "rows", "cite")
ROW_KEYS = ("row", "cite")
HITS = ("unique", "first", "max")
READABLE = NUMBERS | {
    FieldType.BOOL,
    FieldType.CHOICE,
    FieldType.DEPARTMENT,
    FieldType.COUNTRY,
    FieldType.LANGUAGE,
}
ANY, ABSENT = "-", "?"


def table_kind(node: Node) -> Kind:
    """Return the kind of a table's outputs, from `of` or from what its rows give."""
    outputs: list[str] = []
    titled = False
    if isinstance(node, Entries):
        if (entry := node.entries.get("of")) is not None and isinstance(entry.value, Entries):
            outputs, titled = list(entry.value.entries), True
        elif entry is not None and isinstance(entry.value, Items):
            outputs, titled = [item.text for item in entry.value.items if isinstance(item, Scalar)], True
        else:
            outputs = list(dict.fromkeys(row[-1].text for row in _raw_rows(node) if isinstance(row[-1], Scalar)))
    if outputs and all(text.lstrip("-").isdecimal() for text in outputs):
        ordered = outputs if titled else sorted(outputs, key=int)
        return Kind(FieldType.INTEGER, tuple(ordered), is_ordered=True, is_table=True)
    if outputs and set(outputs) <= {"true", "false"}:
        return Kind(FieldType.BOOL, is_table=True)
    return Kind(FieldType.CHOICE, tuple(outputs), is_ordered=titled, is_table=True)


def _raw_rows(node: Entries) -> list[tuple[Node, ...]]:
    entry = node.entries.get("rows")
    rows = entry.value.items if entry and isinstance(entry.value, Items) else ()
    cells = []
    for row in rows:
        if isinstance(row, Entries) and "row" in row.entries:
            row = row.entries["row"].value
        if isinstance(row, Items) and row.items:
            cells.append(row.items)
    return cells


def read_table(id: str, node: Node, scope: SymbolTable, departments: Mapping[str, Text]) -> Table:
    """Return the table with its compiled `decide`."""
    form = MappingReader(node, scope.problems, f'table "{id}"', KEYS)
    form.require("in", ": the facts that it reads")
    inputs = form.names("in", "field or table", scope.kinds)
    for name in inputs:
        _check_input(name, form, scope)
    hit = form.one_of("hit", HITS, "unique")
    kind = scope.kinds[id]
    if hit == "max" and not kind.is_ordered:
        scope.problems.add(
            form.at("hit"),
            f"{capital(form.what)} takes the gravest row (max) but has no order. "
            'Add "of" with its outputs, the gravest last.',
        )
    # With an unknown input the columns cannot be told apart, and that is noted already.
    is_readable = len(inputs) == len(form.scalars("in"))
    found = _rows(form) if is_readable else ()
    rows = tuple(row for item in found if (row := _row(item, inputs, kind, form, scope)))
    ranked = sorted(rows, key=lambda row: -_rank(row.output, kind)) if hit == "max" and kind.is_ordered else rows
    money = {name for name in inputs if scope.kinds[name].type is FieldType.MONEY}
    return Table(
        id=id,
        title=form.title(id),
        inputs=inputs,
        hit=hit,
        rows=rows,
        of=_titles(form, kind, departments),
        cite=scope.cite(form),
        decide=table_function(inputs, [(row.cells, row.output) for row in ranked], money, scope.currency),
        at=form.place,
    )


def _check_input(name: str, form: MappingReader, scope: SymbolTable) -> None:
    kind = scope.kinds[name]
    if name not in scope.fields and not kind.is_table:
        scope.problems.add(
            form.at("in"),
            f'{capital(form.what)} reads "{name}", which acts set but "data" does not declare. Add it there.',
        )
    elif kind.is_personal:
        scope.problems.add(form.at("in"), f'{capital(form.what)} may not read "{name}": personal data can be erased.')
    elif kind.type not in READABLE:
        scope.problems.add(
            form.at("in"), f'{capital(form.what)} cannot read "{name}": a {kind.type} is not decided by a table.'
        )


def _rows(form: MappingReader) -> tuple[Node, ...]:
    node = form.require("rows")
    if isinstance(node, Items) and node.items:
        return node.items
    if node is not None:
        form.problems.add(node.place, f'"rows" of {form.what} must be a list of rows.')
    return ()


def _row(node: Node, inputs: tuple[str, ...], outputs: Kind, form: MappingReader, scope: SymbolTable) -> Row | None:
    cite: tuple[str, ...] = ()
    if isinstance(node, Entries):  # {row: [...], cite: "1.3"}
        long = MappingReader(node, scope.problems, f"a row of {form.what}", ROW_KEYS)
        cite, node = scope.cite(long), long.require("row") or node
    if not isinstance(node, Items) or len(node.items) != len(inputs) + 1:
        wanted = f"{len(inputs)} cell{'s' if len(inputs) != 1 else ''} ({', '.join(inputs)}) and the output"
        scope.problems.add(node.place, f"A row of {form.what} must be a list of {wanted}.")
        return None
    *cells, output = node.items
    read = tuple(_cell(cell, name, form, scope) for cell, name in zip(cells, inputs, strict=True))
    value = _value(output, outputs, form, scope)
    return Row(cells=read, output=value, cite=cite, at=node.place)


def _cell(node: Node, name: str, form: MappingReader, scope: SymbolTable) -> Cell:
    kind = scope.kinds[name]
    if isinstance(node, Items):
        return Cell("in", tuple(_value(item, kind, form, scope) for item in node.items))
    text = node.text if isinstance(node, Scalar) else ""
    if text == ANY:
        return Cell("any")
    if text == ABSENT:
        return Cell("absent")
    if text[:1] in "[(" and text and kind.type in NUMBERS:
        try:
            found = interval(text)
        except ValueError as error:
            scope.problems.add(node.place, f"{capital(form.what)}: {error}.")
            return Cell("any")
        return Cell("interval", (), found.low, found.high, found.low_closed, found.high_closed)
    return Cell("is", (_value(node, kind, form, scope),))


def _value(node: Node, kind: Kind, form: MappingReader, scope: SymbolTable) -> Value:
    scalar = form.scalar(node, "a cell")
    if not scalar.text:
        return None
    try:
        value = typed(kind, scalar.text, scope.currency)
    except ValueError as error:
        scope.problems.add(scalar.place, f"{capital(form.what)}: {error}.")
        return None
    if kind.type is not FieldType.MONEY:
        return value
    if value["currency"] != scope.currency:
        scope.problems.add(
            scalar.place,
            f"{capital(form.what)}: amounts are compared in {scope.currency}, the pack's currency, not in "
            f"{value['currency']}. Write the amount in {scope.currency}.",
        )
    return Decimal(value["amount"])


def _rank(output: Value, kind: Kind) -> int:
    return kind.choices.index(str(output)) if str(output) in kind.choices else 0


def _titles(form: MappingReader, kind: Kind, departments: Mapping[str, Text]) -> dict[str, Text]:
    node = form.get("of")
    if isinstance(node, Entries):
        return {
            key: read_text(entry.value, form.problems, f'"{key}" of {form.what}') for key, entry in node.entries.items()
        }
    outputs = kind.choices or ("true", "false")
    return {key: departments.get(key) or same(key.replace("_", " ")) for key in outputs}


def table_order(tables: Mapping[str, Table], scope: SymbolTable) -> tuple[str, ...]:
    """Return the tables so that each comes after those that it reads."""
    graph = {id: [name for name in table.inputs if name in tables] for id, table in tables.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        scope.problems.add(
            tables[circle[0]].at,
            f"The tables {' -> '.join(circle)} read each other in a circle, so none can be decided. Break the circle.",
        )
        return tuple(tables)


def with_rows(table: Table, rows: tuple[Row, ...], kinds: Mapping[str, Kind], currency: str) -> Table:
    """Return the table with other rows, compiled anew."""
    kind = kinds[table.id]
    ranked = sorted(rows, key=lambda row: -_rank(row.output, kind)) if table.hit == "max" else rows
    money = {name for name in table.inputs if kinds[name].type is FieldType.MONEY}
    decide = table_function(table.inputs, [(row.cells, row.output) for row in ranked], money, currency)
    return replace(table, rows=rows, decide=decide)
