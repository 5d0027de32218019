"""Checks of decision tables: gap, overlap, conflict, dead-row, intricate-table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ombud.checks.findings import Finding, finding
from ombud.checks.rules.known import absent_inputs
from ombud.checks.tables.geometry import Grid, Region, TooIntricate
from ombud.checks.wording import example_text, region_text, title_of
from ombud.policy.model.pack import Pack
from ombud.policy.model.tables import Row, Table
from ombud.policy.model.values import Field

SHOWN = 4  # regions of one table that are worth reading; more say the same again
COLLISIONS = 40  # of one table that are told at once


def check_tables(pack: Pack) -> Iterator[Finding]:
    """Yield what is wrong with the decision tables."""
    for table in pack.tables.values():
        try:
            yield from list(_check_table(pack, table))
        except TooIntricate:
            values = {"table": title_of(table.title, table.id), "rows": len(table.rows), "columns": len(table.inputs)}
            yield finding("intricate-table", place=table.at, clauses=table.cite, values=values)


def _check_table(pack: Pack, table: Table) -> Iterator[Finding]:
    sources = table_sources(pack, table)
    yield from _gaps(pack, table, sources)
    grid = Grid(table, sources, absent=table.inputs)
    regions = list(grid.regions())
    if table.hit == "unique":
        yield from islice(_collisions(pack, table, sources, grid, regions), COLLISIONS)
    yield from _dead_rows(table, regions)


def table_sources(pack: Pack, table: Table) -> list[Field | Table]:
    """Return what feeds each column."""
    return [pack.tables[name] if name in pack.tables else pack.fields[name] for name in table.inputs]


def _gaps(pack: Pack, table: Table, sources: Sequence[Field | Table]) -> Iterator[Finding]:
    grid = Grid(table, sources, absent=absent_inputs(pack, table))
    for region in [each for each in grid.regions() if not each.rows][:SHOWN]:
        yield finding(
            "gap",
            place=table.at,
            clauses=table.cite,
            witness=example_text(sources, grid.axes, region, currency=pack.currency),
            values={
                "table": title_of(table.title, table.id),
                "region": region_text(sources, grid.axes, region),
            },
        )


def _collisions(
    pack: Pack, table: Table, sources: Sequence[Field | Table], grid: Grid, regions: Sequence[Region]
) -> Iterator[Finding]:
    seen: set[frozenset[int]] = set()
    for region in regions:
        if len(region.rows) < 2 or region.rows in seen:
            continue
        seen.add(region.rows)
        rows = [table.rows[index] for index in sorted(region.rows)]
        outputs = list(dict.fromkeys(row.output for row in rows))
        yield finding(
            "conflict" if len(outputs) > 1 else "overlap",
            place=rows[1].at,
            clauses=_clauses(table, rows),
            witness=example_text(sources, grid.axes, region, currency=pack.currency),
            values={
                "table": title_of(table.title, table.id),
                "rows": [str(index + 1) for index in sorted(region.rows)],
                "region": region_text(sources, grid.axes, region),
                "outputs": [title_of(table.of.get(str(output), {}), str(output)) for output in outputs],
            },
        )


def _dead_rows(table: Table, regions: Sequence[Region]) -> Iterator[Finding]:
    winners: set[int] = set()
    hit: set[int] = set()
    for region in regions:
        hit |= region.rows
        winners |= winning(table, region.rows)
    for index, row in enumerate(table.rows):
        if index not in winners:
            yield finding(
                "dead-row",
                variant="beaten" if index in hit else "never",
                place=row.at,
                clauses=_clauses(table, [row]),
                values={
                    "table": title_of(table.title, table.id),
                    "row": index + 1,
                    "output": title_of(table.of.get(str(row.output), {}), str(row.output)),
                },
            )


def winning(table: Table, rows: frozenset[int]) -> set[int]:
    """Return the rows whose output counts where all of these hit."""
    if not rows:
        return set()
    if table.hit == "first":
        return {min(rows)}
    if table.hit == "max":
        order = list(table.of)
        gravity = {i: order.index(str(table.rows[i].output)) for i in rows if str(table.rows[i].output) in order}
        top = max(gravity.values(), default=0)
        return {i for i, value in gravity.items() if value == top}
    return set(rows)


def _clauses(table: Table, rows: Sequence[Row]) -> tuple[str, ...]:
    own = tuple(clause for row in rows for clause in row.cite)
    return own or table.cite
