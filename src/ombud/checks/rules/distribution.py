"""The check of rules of distribution: dead-distribution."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product
from types import SimpleNamespace
from typing import Any

from ombud.checks.findings import Finding, finding
from ombud.checks.model.sample_values import candidates
from ombud.checks.rules.ownership import vacant
from ombud.checks.wording import role_title, title_of
from ombud.policy.model.distribution import DistributionRule
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.tables import Table

TRIED = 5000  # combinations of values with which a condition is tried; beyond that it is taken to hold


@dataclass(frozen=True, slots=True)
class _Dead:
    variant: str
    values: Mapping[str, object]


def check_distribution(pack: Pack) -> Iterator[Finding]:
    """Yield the rules by which nobody is ever given a complaint, once each."""
    for rule in pack.distribution.values():
        if (dead := _dead(pack, rule)) is not None:
            values = {"rule": title_of(rule.title, rule.id), **dead.values}
            yield finding(
                "dead-distribution", variant=dead.variant, place=rule.at, clauses=rule.cite, values=values
            )  # fmt: skip


def _dead(pack: Pack, rule: DistributionRule) -> _Dead | None:
    """Return why a rule never gives anybody a complaint, or None."""
    role = {"role": role_title(pack, rule.role)}
    if rule.role not in {duty.bearer.name for duty in pack.main.duties.values() if duty.bearer.kind == "role"}:
        return _Dead("idle", role)
    if (why := vacant(pack, pack.main, rule.role)) is not None:
        return _Dead("vacant", {**role, "why": why})
    if rule.where is not None and not _can_hold(pack, rule.where):
        return _Dead("never", {"condition": rule.where.source})
    for earlier in pack.distribution.values():
        if earlier is rule:
            return None
        if earlier.role == rule.role and (earlier.where is None or _same(earlier.where, rule.where)):
            return _Dead("beaten", {"other": title_of(earlier.title, earlier.id)})
    return None


def _same(one: Guard, other: Guard | None) -> bool:
    return other is not None and ast.dump(one.tree) == ast.dump(other.tree)


def _can_hold(pack: Pack, guard: Guard) -> bool:
    """Return whether some facts make a condition hold; one that asks what was done is taken to."""
    if guard.acts or guard.duties or guard.chains:
        return True
    tables, names = _read(pack, guard)
    constants = [each.value for each in ast.walk(guard.tree) if isinstance(each, ast.Constant)]
    cells = [cell for table in tables for row in table.rows for cell in row.cells]
    bounds = [*constants, *(end for cell in cells for end in (cell.low, cell.high, *cell.values))]
    numbers = [float(each) for each in bounds if isinstance(each, int | float | Decimal) and not isinstance(each, bool)]
    words = [each for each in constants if isinstance(each, str)]
    values = [[None, *candidates(pack, pack.main, name, numbers, words)] for name in names]
    tried = list(islice(product(*values), TRIED + 1))
    return len(tried) > TRIED or any(_holds(guard, tables, dict(zip(names, each, strict=True))) for each in tried)


def _read(pack: Pack, guard: Guard) -> tuple[list[Table], list[str]]:
    """Return the tables that a condition reads, each after those that it reads, and the fields behind it all."""
    names, pending = set(guard.names), list(guard.names)
    while pending:
        table = pack.tables.get(pending.pop())
        more = {*table.inputs} - names if table else set()
        names |= more
        pending += more
    return [pack.tables[id] for id in pack.table_order if id in names], sorted(names - {*pack.tables})


def _holds(guard: Guard, tables: Iterable[Table], facts: dict[str, Any]) -> bool:
    for table in tables:
        facts[table.id] = table.decide(facts)
    return bool(guard.holds(SimpleNamespace(facts=facts)))
