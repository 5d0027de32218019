"""A row of a decision table in words: what each column must be, and what then comes out."""

from __future__ import annotations

from ombud.policy.compare.naming import Names
from ombud.policy.compare.words import listed, value
from ombud.policy.model.tables import Cell, Row, Table
from ombud.texts import Text, same


def row_text(row: Row, table: Table, names: Names) -> Text:
    """Return a row; columns that take anything are left out."""
    cells = [
        value("pair", name=names.fact(column), value=_cell(cell, column, names))
        for column, cell in zip(table.inputs, row.cells, strict=True)
        if cell.kind != "any"
    ]
    output = table.of.get(str(row.output)) or names.choice(table.id, _word(row.output))
    return value("row", cells=listed(cells) if cells else value("any"), output=output)


def _cell(cell: Cell, column: str, names: Names) -> Text:
    if cell.kind == "absent":
        return value("absent")
    if cell.kind in ("is", "in"):
        return listed([names.choice(column, _word(each)) for each in cell.values])
    ends = []
    if cell.low is not None:
        ends.append(value("from" if cell.low_closed else "over", n=f"{cell.low:f}"))
    if cell.high is not None:
        ends.append(value("upto" if cell.high_closed else "under", n=f"{cell.high:f}"))
    return listed(ends, "and") if ends else same("-")


def _word(given: object) -> str:
    return str(given).lower() if isinstance(given, bool) else str(given)
