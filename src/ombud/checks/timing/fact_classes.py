"""Kinds of cases that a policy tells apart: values of the facts that limits and conditions hang on, tables decided."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from math import prod

from ombud.checks.tables.geometry import column_atoms
from ombud.policy.model.pack import Pack
from ombud.policy.model.tables import Cell, Table
from ombud.policy.model.values import Field, FieldType, Value

MOST = 5_000  # combinations tried; beyond them tables are taken as independent of each other

Facts = dict[str, Value]


def fact_classes(pack: Pack, names: Collection[str]) -> list[Facts]:
    """Return the different combinations of these facts that can come about; facts with open values are left out."""
    wanted = [name for name in sorted(names) if is_closed(pack, name)]
    fields = sorted(_fields_behind(pack, wanted))
    choices = [_values(pack, field, wanted) for field in fields]
    if prod(map(len, choices)) > MOST:
        return _independent(pack, wanted)
    order = [pack.tables[id] for id in pack.table_order]
    found: dict[str, Facts] = {}
    for values in product(*choices):
        facts: Facts = dict(zip(fields, values, strict=True))
        for table in order:
            output = table.decide(facts)
            if output is not None:
                facts[table.id] = output
        kept = {name: facts[name] for name in wanted if name in facts}
        found.setdefault(repr(kept), kept)
    return list(found.values())


def is_closed(pack: Pack, name: str) -> bool:
    """Return whether a fact has few values, or is decided by a table."""
    if name in pack.tables:
        return True
    field = pack.fields.get(name)
    return field is not None and field.type is not FieldType.LIST and (field.type is FieldType.BOOL or bool(field.of))


def _fields_behind(pack: Pack, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= _fields_behind(pack, pack.tables[name].inputs) if name in pack.tables else {name}
    return found


def _values(pack: Pack, name: str, wanted: Collection[str]) -> list[Value]:
    """Return one value of a field for each piece that the tables tell apart."""
    field = pack.fields[name]
    cells: list[Cell] = []
    for id in _tables_behind(pack, wanted):
        table = pack.tables[id]
        cells += [row.cells[table.inputs.index(name)] for row in table.rows if name in table.inputs]
    values = [_sample(pack, field, atom.value, atom.sample) for atom in column_atoms(cells, field)]
    return [*values, None] if any(cell.kind == "absent" for cell in cells) else values


def _tables_behind(pack: Pack, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        if name in pack.tables:
            found |= {name} | _tables_behind(pack, pack.tables[name].inputs)
    return found


def _sample(pack: Pack, field: Field, value: Value, number: float) -> Value:
    if field.type is FieldType.MONEY:
        return {"amount": f"{number:.2f}", "currency": pack.currency}
    return int(number) if field.type is FieldType.INTEGER else value


def _independent(pack: Pack, names: list[str]) -> list[Facts]:
    sources: list[Field | Table] = [pack.tables.get(name) or pack.fields[name] for name in names]
    choices = [_outputs(source) if isinstance(source, Table) else _values(pack, source.id, []) for source in sources]
    if prod(map(len, choices)) > MOST:
        return [{}]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)]


def _outputs(table: Table) -> list[Value]:
    return list(dict.fromkeys(row.output for row in table.rows))
