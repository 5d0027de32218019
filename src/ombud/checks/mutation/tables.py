"""Decision tables said otherwise: thresholds moved or on the other side, values and outputs changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from ombud.checks.messages import phrase
from ombud.checks.mutation.mutant import Change, Changes, next_of
from ombud.checks.mutation.words import value_word
from ombud.checks.wording import number
from ombud.policy.model.pack import Pack
from ombud.policy.model.tables import Cell, Row, Table
from ombud.policy.model.values import FieldType, Kind, Value
from ombud.policy.tables import with_rows
from ombud.policy.values import NUMBERS, interval
from ombud.texts import same


def table_changes(pack: Pack, table: Table) -> Changes:
    """Yield the table with one threshold, one cell or one output changed."""
    for column, name in enumerate(table.inputs):
        if pack.kinds[name].type in NUMBERS:
            yield from _threshold_changes(pack, table, column)
        else:
            yield from _cell_changes(pack, table, column)
    for index, row in enumerate(table.rows):
        other = _other(pack.kinds[table.id], row.output)
        if other is not None:
            old, new = value_word(pack, table.id, row.output), value_word(pack, table.id, other)
            yield Change(part="output", old=old, new=new, at=row.at, entry=_put(pack, table, index, output=other))


def _put(pack: Pack, table: Table, index: int, **parts: object) -> Table:
    row = replace(table.rows[index], **parts)  # type: ignore[arg-type]  # the parts of a row, by name
    return with_rows(table, (*table.rows[:index], row, *table.rows[index + 1 :]), pack.kinds, pack.currency)


def _other(kind: Kind, value: Value) -> Value:
    if isinstance(value, bool):
        return not value
    other = next_of(list(kind.choices), str(value))
    return int(other) if other is not None and kind.type is FieldType.INTEGER else other


# Thresholds: in every cell of the column at once, so that the table stays whole and only a scenario can notice


def _threshold_changes(pack: Pack, table: Table, column: int) -> Changes:
    kind = pack.kinds[table.inputs[column]]
    edges = _domain_ends(kind)
    for end in sorted({end for row in table.rows for end in _ends(row.cells[column])} - edges):
        at = next(row.at for row in table.rows if end in _ends(row.cells[column]))
        for moved in (end + 1, end - 1):
            entry = _rewritten(pack, table, column, partial(_moved, end=end, moved=moved))
            if entry is not None:
                words = same(number(float(end))), same(number(float(moved)))
                yield Change(part="threshold", old=words[0], new=words[1], at=at, entry=entry)
        flipped = _rewritten(pack, table, column, partial(_flipped, end=end))
        if flipped is not None:
            is_upper = any(row.cells[column].low == end and row.cells[column].low_closed for row in table.rows)
            upper, lower = (phrase(f"side-{side}", end=number(float(end))) for side in ("upper", "lower"))
            old, new = (upper, lower) if is_upper else (lower, upper)
            yield Change(part="threshold", old=old, new=new, at=at, entry=flipped)


def _domain_ends(kind: Kind) -> set[Decimal]:
    found = interval(kind.domain) if kind.domain else None
    return {end for end in (found.low, found.high) if end is not None} if found else set()


def _ends(cell: Cell) -> set[Decimal]:
    if cell.kind == "interval":
        return {end for end in (cell.low, cell.high) if end is not None}
    return {Decimal(value) for value in cell.values} if cell.kind in ("is", "in") else set()


def _rewritten(pack: Pack, table: Table, column: int, change: Callable[[Cell], Cell]) -> Table | None:
    """Return the table with a column rewritten; None where a cell would hold nothing."""
    rows: list[Row] = []
    for row in table.rows:
        cell = change(row.cells[column])
        if _is_empty(cell):
            return None
        rows.append(replace(row, cells=(*row.cells[:column], cell, *row.cells[column + 1 :])))
    return with_rows(table, tuple(rows), pack.kinds, pack.currency)


def _is_empty(cell: Cell) -> bool:
    if cell.kind != "interval" or cell.low is None or cell.high is None:
        return False
    return cell.low > cell.high or (cell.low == cell.high and not (cell.low_closed and cell.high_closed))


def _moved(cell: Cell, end: Decimal, moved: Decimal) -> Cell:
    if cell.kind == "interval":
        low = moved if cell.low == end else cell.low
        return replace(cell, low=low, high=moved if cell.high == end else cell.high)
    if cell.kind in ("is", "in"):
        return replace(cell, values=tuple(type(each)(moved) if each == end else each for each in cell.values))
    return cell


def _flipped(cell: Cell, end: Decimal) -> Cell:
    if cell.kind != "interval":
        return cell
    low = cell.low_closed != (cell.low == end)
    return replace(cell, low_closed=low, high_closed=cell.high_closed != (cell.high == end))


# Values of a closed list, cell by cell: the check of the table may notice these too


def _cell_changes(pack: Pack, table: Table, column: int) -> Changes:
    name = table.inputs[column]
    for index, row in enumerate(table.rows):
        cell = row.cells[column]
        for position, value in enumerate(cell.values):
            for other in _others_than(pack.kinds[name], cell, value):
                values = (*cell.values[:position], other, *cell.values[position + 1 :])
                cells = (*row.cells[:column], replace(cell, values=values), *row.cells[column + 1 :])
                old, new = value_word(pack, name, value), value_word(pack, name, other)
                yield Change(part="cell", old=old, new=new, at=row.at, entry=_put(pack, table, index, cells=cells))


def _others_than(kind: Kind, cell: Cell, value: Value) -> Iterator[Value]:
    if isinstance(value, bool):
        yield not value
    else:
        other = next_of(list(kind.choices), str(value), without=[str(each) for each in cell.values])
        if other is not None:
            yield int(other) if kind.type is FieldType.INTEGER else other
