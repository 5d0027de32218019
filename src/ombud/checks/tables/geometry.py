"""The geometry of a decision table: every column cut into atoms, every region of atoms with the rows that it hits.

A numeric column is cut at the endpoints of its cells into points and open intervals, so that no cell's border runs
through an atom; other columns are cut into their values, with "anything else" and "absent" as atoms of their own.
The walk groups atoms that leave the same rows alive and remembers (column, rows), so that its cost follows the number
of different rows, not the product of the columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from ombud.policy.model.tables import Cell, Row, Table
from ombud.policy.model.values import Field, FieldType, Value

OTHER = "\0other"  # the atom of a column of open values that no cell names
NUMERIC = (FieldType.INTEGER, FieldType.MONEY)
# Rows that overlap in all columns may be alive together in as many ways as there are sets of them. The largest table
# that came with the program needs 7,000 boxes; these take less than a second.
MOST_BOXES, MOST_CELLS = 20_000, 400_000  # that the walk makes; cells that are compared with an atom


class TooIntricate(Exception):
    """The rows of a table overlap in more ways than can be looked at."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a column that no cell divides."""

    kind: str  # "point", "open" (interval without its ends), "value", "other", "absent"
    low: float = 0.0
    high: float = 0.0
    value: Value = None

    @property
    def sample(self) -> float:
        """A number inside a point or an open interval."""
        if self.kind == "point":
            return self.low
        if self.low == -inf:
            return 0.0 if self.high == inf else self.high - 1
        if self.high == inf:
            return self.low + 1
        middle = (self.low + self.high) / 2
        return float(int(middle)) if self.low < int(middle) < self.high else middle


ABSENT = Atom("absent")


@dataclass(frozen=True, slots=True)
class Region:
    """A box of atoms (one set of positions per column) and the rows that hit all of it."""

    box: tuple[frozenset[int], ...]
    rows: frozenset[int]


def parse_domain(domain: str | None) -> tuple[float, bool, float, bool]:
    """Return (low, closed, high, closed) of an interval such as "[0,inf)"."""
    if not domain:
        return -inf, False, inf, False
    low, high = domain.strip()[1:-1].split(",")
    return float(low), domain.strip()[0] == "[", float(high), domain.strip()[-1] == "]"


def numeric_atoms(cells: Sequence[Cell], *, domain: str | None, whole: bool) -> list[Atom]:
    """Cut a numeric column at every endpoint inside its domain."""
    low, low_closed, high, high_closed = parse_domain(domain)
    ends = {float(each) for cell in cells if cell.kind in ("is", "in") for each in cell.values}
    for cell in cells:
        if cell.kind == "interval":
            ends |= {float(end) for end in (cell.low, cell.high) if end is not None}
    cuts = sorted({end for end in ends | {low, high} if low <= end <= high})
    atoms: list[Atom] = []
    for index, cut in enumerate(cuts):
        if abs(cut) != inf and (low < cut < high or (cut == low and low_closed) or (cut == high and high_closed)):
            atoms.append(Atom("point", cut, cut))
        if index + 1 < len(cuts):
            gap = Atom("open", cut, cuts[index + 1])
            if not whole or gap.high - gap.low > 1 or gap.high == inf or gap.low == -inf:
                atoms.append(gap)
    return atoms or [Atom("open", low, high)]


def column_atoms(cells: Sequence[Cell], source: Field | Table) -> list[Atom]:
    """Cut one column by what feeds it: a field or another table's output."""
    if isinstance(source, Table):
        values = list(dict.fromkeys([*source.of, *(str(row.output) for row in source.rows)]))
        return [Atom("value", value=value) for value in values]
    if source.type in NUMERIC:
        return numeric_atoms(cells, domain=source.domain, whole=source.type is FieldType.INTEGER)
    if source.type is FieldType.BOOL:
        return [Atom("value", value=True), Atom("value", value=False)]
    if source.of:
        return [Atom("value", value=value) for value in source.of]
    named = dict.fromkeys(value for cell in cells if cell.kind in ("is", "in") for value in cell.values)
    return [*(Atom("value", value=value) for value in named), Atom("other", value=OTHER)]


def matches(cell: Cell, atom: Atom) -> bool:
    """Return whether a cell takes the whole atom (it takes all of it or nothing)."""
    if cell.kind == "any":
        return True
    if cell.kind == "absent" or atom.kind == "absent":
        return cell.kind == "absent" and atom.kind == "absent"
    if cell.kind == "interval":
        if atom.kind not in ("point", "open"):
            return False
        here = atom.sample
        above = cell.low is None or here > cell.low or (here == cell.low and cell.low_closed)
        below = cell.high is None or here < cell.high or (here == cell.high and cell.high_closed)
        return above and below
    if atom.kind == "point":
        return any(float(value) == atom.low for value in cell.values if not isinstance(value, bool))
    if atom.kind == "value":
        return any(same(value, atom.value) for value in cell.values)
    return False


def same(one: Value, other: Value) -> bool:
    """Compare values as a table does: true is not 1; a table's output 3 and the cell "3" are the same."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or str(one) == str(other)


class Grid:
    """A table cut into atoms; `absent` names the inputs whose absence counts as a value. May raise TooIntricate."""

    def __init__(self, table: Table, sources: Sequence[Field | Table], *, absent: Collection[str]) -> None:
        self.rows: tuple[Row, ...] = table.rows
        self.axes: list[list[Atom]] = []
        self.masks: list[list[int]] = []
        for column, (name, source) in enumerate(zip(table.inputs, sources, strict=True)):
            cells = [row.cells[column] for row in table.rows]
            atoms = [*column_atoms(cells, source), *([ABSENT] if name in absent else [])]
            self.axes.append(atoms)
            if sum(map(len, self.axes)) * len(cells) > MOST_CELLS:
                raise TooIntricate
            self.masks.append([sum(1 << i for i, cell in enumerate(cells) if matches(cell, atom)) for atom in atoms])
        self._memo: dict[tuple[int, int], list[tuple[tuple[frozenset[int], ...], int]]] = {}
        self._made = 0

    def regions(self) -> Iterator[Region]:
        """Yield boxes that cover the whole table without overlapping, adjacent ones merged. Raises TooIntricate."""
        by_rows: dict[int, list[tuple[frozenset[int], ...]]] = {}
        for box, rows in self._walk(0, (1 << len(self.rows)) - 1):
            by_rows.setdefault(rows, []).append(box)
        for rows, boxes in by_rows.items():
            hit = frozenset(i for i in range(len(self.rows)) if rows >> i & 1)
            for box in merge_boxes(boxes):
                yield Region(box, hit)

    def _walk(self, column: int, alive: int) -> list[tuple[tuple[frozenset[int], ...], int]]:
        if column == len(self.axes):
            return [((), alive)]
        key = (column, alive)
        if key not in self._memo:
            groups: dict[int, set[int]] = {}
            for position, mask in enumerate(self.masks[column]):
                groups.setdefault(alive & mask, set()).add(position)
            found = self._memo[key] = []
            for left, positions in groups.items():
                inner = self._walk(column + 1, left) if left else [(self._full(column + 1), 0)]
                self._made += len(inner)
                if self._made > MOST_BOXES:
                    raise TooIntricate
                found += [((frozenset(positions), *rest), rows) for rest, rows in inner]
        return self._memo[key]

    def _full(self, column: int) -> tuple[frozenset[int], ...]:
        return tuple(frozenset(range(len(axis))) for axis in self.axes[column:])


def may_decide_nothing(table: Table, sources: Sequence[Field | Table], *, absent: Collection[str]) -> bool:
    """Return whether there is a case that no row hits; of a table that is too intricate that is not excluded."""
    try:
        return any(not region.rows for region in Grid(table, sources, absent=absent).regions())
    except TooIntricate:
        return True


def merge_boxes(boxes: Sequence[tuple[frozenset[int], ...]]) -> list[tuple[frozenset[int], ...]]:
    """Join boxes that differ in one column only, until nothing can be joined."""
    current = list(boxes)
    joined = True
    while joined and len(current) > 1:
        joined = False
        for column in range(len(current[0])):
            groups: dict[tuple[frozenset[int], ...], set[int]] = {}
            for box in current:
                groups.setdefault(box[:column] + box[column + 1 :], set()).update(box[column])
            if len(groups) < len(current):
                joined = True
                current = [(*rest[:column], frozenset(at), *rest[column:]) for rest, at in groups.items()]
    return current
