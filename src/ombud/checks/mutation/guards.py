"""Conditions said otherwise: another number, another value of a closed list."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ombud.checks.mutation.mutant import Change, Changes, next_of
from ombud.checks.mutation.words import value_word
from ombud.policy.guards import with_tree
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.texts import same


def guard_changes(pack: Pack, guard: Guard) -> Changes:
    """Yield the condition with one of its constants changed."""
    for number, (fact, constant) in enumerate(_constants(guard.tree)):
        for value in _others(pack, fact, constant):
            tree = copy.deepcopy(guard.tree)
            list(_constants(tree))[number][1].value = value
            yield Change(
                part="condition",
                old=value_word(pack, fact, constant.value) if fact else same(str(constant.value)),
                new=value_word(pack, fact, value) if fact else same(str(value)),
                at=guard.at,
                entry=with_tree(guard, tree, pack.kinds, pack.currency),
            )


def _constants(tree: ast.expr) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the constants that stand beside a fact (or "" beside count), always in the same order."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        fact = next((side.id for side in sides if isinstance(side, ast.Name)), "")
        for side in sides:
            for part in side.elts if isinstance(side, ast.List) else [side]:
                if isinstance(part, ast.Constant):
                    yield fact, part


def _others(pack: Pack, fact: str, constant: ast.Constant) -> Iterator[Any]:
    value: Any = constant.value
    kind = pack.kinds.get(fact)
    if isinstance(value, bool):
        yield not value
    elif kind is not None and kind.choices:
        other = next_of(list(kind.choices), str(value))
        if other is not None:
            yield int(other) if kind.type is FieldType.INTEGER else other
    elif isinstance(value, int | Decimal):
        yield value + 1
        if value >= 1:
            yield value - 1
