"""Functions from conditions and decision tables, generated as syntax trees and compiled once.

Everything that comes from a pack enters as a constant; names and calls are written here alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ombud.policy.values import amount

if TYPE_CHECKING:
    from ombud.policy.model.guards import Reader
    from ombud.policy.model.tables import Cell
    from ombud.policy.model.values import Value

_METHODS = {
    "done": "done",
    "done_since": "done_since",
    "count": "count",
    "open": "is_open",
    "overdue": "is_overdue",
    "passed": "is_passed",
    "approved": "is_approved",
}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def guard_function(
    tree: ast.expr, money: Collection[str], choices: Mapping[str, Sequence[str]], currency: str
) -> Callable[[Reader], bool]:
    """Return `holds(case)` for a condition in the normal form of guards.py."""
    function = _function("def holds(case):\n    facts = case.facts\n    return None")
    end = function.body[-1]
    assert isinstance(end, ast.Return), "the template ends in a return"
    end.value = _Emitter(money, choices, currency).condition(tree)
    compiled: Callable[[Reader], bool] = _compile(function)
    return compiled


def table_function(
    inputs: Sequence[str], rows: Sequence[tuple[Sequence[Cell], Value]], money: Collection[str], currency: str
) -> Callable[[Mapping[str, Value]], Value | None]:
    """Return `decide(facts)`: the output of the first row that holds, or None."""
    function = _function("def decide(facts):\n    pass")
    body: list[ast.stmt] = [
        ast.Assign([_store(f"v{index}")], _read(name, money, currency)) for index, name in enumerate(inputs)
    ]
    for cells, output in rows:
        tests = [test for index, cell in enumerate(cells) for test in _cell(f"v{index}", cell)]
        answer = ast.Return(ast.Constant(output))
        body.append(ast.If(_all(tests), [answer], []) if tests else answer)
    function.body = [*body, ast.Return(ast.Constant(None))]
    compiled: Callable[[Mapping[str, Value]], Value | None] = _compile(function)
    return compiled


class _Emitter:
    def __init__(self, money: Collection[str], choices: Mapping[str, Sequence[str]], currency: str) -> None:
        self.money, self.choices, self.currency = money, choices, currency
        self.used = 0

    def condition(self, tree: ast.expr) -> ast.expr:
        match tree:
            case ast.BoolOp(op=op, values=values):
                return ast.BoolOp(op, [self.condition(value) for value in values])
            case ast.UnaryOp(operand=operand):
                return ast.UnaryOp(ast.Not(), self.condition(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.comparison(left, op, right)
            case ast.Call(func=ast.Name(id="known"), args=[ast.Name(id=name)]):
                return _compare(_fact(name), ast.IsNot(), ast.Constant(None))
            case ast.Call():
                return _question(tree)
            case ast.Name(id=name):
                return _compare(_fact(name), ast.Is(), ast.Constant(True))
        assert isinstance(tree, ast.Constant), "the normal form of a condition has no other part"
        return tree

    def comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        """A comparison with an absent value is false, so every fact is tested for being there."""
        ranked = self.ranking(left, right) if isinstance(op, _ORDER) else None
        present: list[ast.expr] = []
        sides = [self.side(side, ranked, present) for side in (left, right)]
        return _all([*present, _compare(sides[0], op, sides[1])])

    def ranking(self, *sides: ast.expr) -> Sequence[str] | None:
        """Return the order of the values where they are words, not numbers."""
        for side in sides:
            if isinstance(side, ast.Name) and side.id in self.choices:
                ranked = self.choices[side.id]
                return None if all(value.lstrip("-").isdecimal() for value in ranked) else ranked
        return None

    def side(self, side: ast.expr, ranked: Sequence[str] | None, present: list[ast.expr]) -> ast.expr:
        if isinstance(side, ast.Call):
            return _question(side)
        if isinstance(side, ast.List):
            return ast.Tuple(list(side.elts), ast.Load())
        if isinstance(side, ast.Constant):
            return ast.Constant(ranked.index(side.value)) if ranked else side
        assert isinstance(side, ast.Name), "the normal form of a comparison has no other side"
        fact = _read(side.id, self.money, self.currency)
        if ranked:
            ranks = ast.Dict([ast.Constant(word) for word in ranked], [ast.Constant(i) for i in range(len(ranked))])
            fact = ast.Call(ast.Attribute(ranks, "get", ast.Load()), [fact], [])
        self.used += 1
        kept = f"t{self.used}"
        present.append(_compare(ast.NamedExpr(_store(kept), fact), ast.IsNot(), ast.Constant(None)))
        return ast.Name(kept, ast.Load())


def _cell(name: str, cell: Cell) -> list[ast.expr]:
    value = ast.Name(name, ast.Load())
    match cell.kind:
        case "any":
            return []
        case "absent":
            return [_compare(value, ast.Is(), ast.Constant(None))]
        case "is":
            return [_compare(value, ast.Eq(), ast.Constant(cell.values[0]))]
        case "in":
            return [_compare(value, ast.In(), ast.Tuple([ast.Constant(item) for item in cell.values], ast.Load()))]
    tests = [_compare(value, ast.IsNot(), ast.Constant(None))]
    if cell.low is not None:
        tests.append(_compare(value, ast.GtE() if cell.low_closed else ast.Gt(), _constant(cell.low)))
    if cell.high is not None:
        tests.append(_compare(value, ast.LtE() if cell.high_closed else ast.Lt(), _constant(cell.high)))
    return tests


def _question(call: ast.Call) -> ast.expr:
    assert isinstance(call.func, ast.Name), "the normal form calls by name"
    return ast.Call(ast.Attribute(ast.Name("case", ast.Load()), _METHODS[call.func.id], ast.Load()), call.args, [])


def _fact(name: str) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("facts", ast.Load()), "get", ast.Load()), [ast.Constant(name)], [])


def _read(name: str, money: Collection[str], currency: str) -> ast.expr:
    fact = _fact(name)
    return ast.Call(ast.Name("amount", ast.Load()), [fact, ast.Constant(currency)], []) if name in money else fact


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [op], [right])


def _all(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


def _constant(value: Any) -> ast.expr:
    return ast.Constant(value)


def _store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _function(template: str) -> ast.FunctionDef:
    function = ast.parse(template).body[0]
    assert isinstance(function, ast.FunctionDef), "the template is a function"
    return function


class _Amounts(ast.NodeTransformer):
    """Moves decimal constants, which Python has no literal for, into the function's globals."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {"__builtins__": {}, "amount": amount}

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value: object = node.value
        if not isinstance(value, Decimal):
            return node
        name = f"k{len(self.globals)}"
        self.globals[name] = value
        return ast.Name(name, ast.Load())


def _compile(function: ast.FunctionDef) -> Any:
    amounts = _Amounts()
    module = ast.fix_missing_locations(ast.Module([amounts.visit(function)], []))
    namespace = amounts.globals
    exec(compile(module, "<pack>", "exec"), namespace)
    return namespace[function.name]
