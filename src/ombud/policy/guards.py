"""Conditions of a pack: parsed with `ast`, allow-listed, resolved against the pack's names.

What remains is a small tree of its own normal form, which checks can walk and `emit` turns into
a function. It holds only BoolOp, UnaryOp(Not), Compare with one operator, Constant, List of
Constants, Name (a fact) and Call of known(Name) or of a question with Constant arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from ombud.policy.codegen import guard_function
from ombud.policy.model.guards import Guard
from ombud.policy.model.source import Place
from ombud.policy.model.values import FieldType, Kind, Value
from ombud.policy.problems import shortened
from ombud.policy.source import Node, Scalar
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.values import typed

NARROW = frozenset({"known", "done", "count"})  # what `where` and a stage's `if` may ask
QUESTIONS = NARROW | {"done_since", "open", "overdue", "passed", "approved"}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_EQUAL = (ast.Eq, ast.NotEq)
_IN = (ast.In, ast.NotIn)
_NUMBER = Kind(FieldType.INTEGER, is_ordered=True)
_BOOLS = {"true": True, "false": False}
NEVER = ast.Constant(False)
LONGEST, DEEPEST = 2000, 30  # characters of a condition; levels of its parts


def read_guard(
    node: Node | None, scope: SymbolTable, names: ProcedureSymbols, what: str, *, is_narrow: bool = False
) -> Guard | None:
    """Return the compiled condition; what is wrong with it goes to the scope's problems."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        scope.problems.add(node.place, f"The condition of {what} must be written as one string in quotes.")
        return None
    try:
        parsed = _parsed(node.text.strip())
    except _Unreadable as error:
        text = shortened(node.text)
        scope.problems.add(node.place, f'The condition of {what}, "{text}", cannot be read: {error}.')
        return None
    reader = _Reader(node, scope, names, what, NARROW if is_narrow else QUESTIONS)
    tree = reader.condition(parsed)
    ranks = {name: scope.kinds[name] for name in reader.facts if scope.kinds[name].choices}
    money = {name for name in reader.facts if scope.kinds[name].type is FieldType.MONEY}
    return Guard(
        source=node.text.strip(),
        tree=tree,
        names=frozenset(reader.facts),
        acts=frozenset(reader.acts),
        duties=frozenset(reader.duties),
        chains=frozenset(reader.chains),
        holds=guard_function(tree, money, {name: kind.choices for name, kind in ranks.items()}, scope.currency),
        at=node.place,
    )


class _Unreadable(ValueError):
    """A condition that is not read; the message says why."""


def _parsed(text: str) -> ast.expr:
    """Return the condition as Python reads it, no longer and no deeper than it may be. Raises _Unreadable."""
    if len(text) > LONGEST:
        raise _Unreadable(f"it has more than {LONGEST} characters; split it into several facts or rules")
    too_deep = f"it is nested more than {DEEPEST} levels deep"
    try:
        parsed = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise _Unreadable(error.msg) from error
    except ValueError as error:
        raise _Unreadable(str(error)) from error
    except (RecursionError, MemoryError) as error:  # how Python says that it is nested too deeply
        raise _Unreadable(too_deep) from error
    level: list[ast.AST] = [parsed]
    for _ in range(DEEPEST):
        level = [inner for part in level for inner in ast.iter_child_nodes(part)]
    if level:  # whoever walks it later does so by recursion
        raise _Unreadable(too_deep)
    return parsed


class _Reader:
    """Brings one parsed condition into normal form."""

    def __init__(
        self, node: Scalar, scope: SymbolTable, names: ProcedureSymbols, what: str, questions: Collection[str]
    ) -> None:
        self.node, self.scope, self.names, self.what, self.questions = node, scope, names, what, questions
        self.facts: set[str] = set()
        self.acts: set[str] = set()
        self.duties: set[str] = set()
        self.chains: set[str] = set()

    def place(self, part: ast.AST) -> Place:
        start = self.node.place
        column, line = getattr(part, "col_offset", 0), getattr(part, "lineno", 1)
        inside = column + (not self.node.is_plain) if line == 1 else 0
        return Place(start.file, start.line, start.column + inside)

    def wrong(self, part: ast.AST, message: str) -> ast.expr:
        self.scope.problems.add(self.place(part), f"In the condition of {self.what}: {message}")
        return NEVER

    def unknown(self, part: ast.AST, kind: str, name: str, known: Iterable[str]) -> ast.expr:
        self.scope.problems.unknown(self.place(part), f"{kind} in the condition of {self.what}", name, known)
        return NEVER

    def condition(self, part: ast.expr) -> ast.expr:
        """Return a part that is true or false."""
        match part:
            case ast.BoolOp(op=op, values=values):
                return ast.BoolOp(op, [self.condition(value) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ast.UnaryOp(ast.Not(), self.condition(operand))
            case ast.Compare():
                return self.comparisons(part)
            case ast.Call(func=ast.Name(id="count")):
                return self.wrong(part, "count(...) is a number; compare it, as in count(act) >= 2.")
            case ast.Call():
                return self.question(part)
            case ast.Name(id=id) if id in _BOOLS:
                return ast.Constant(_BOOLS[id])
            case ast.Constant(value=bool()):
                return part
            case ast.Name():
                return self.bare(part)
        return self.wrong(
            part, f'"{ast.unparse(part)}" is not allowed; use facts, comparisons, in, and, or, not, {self.allowed}.'
        )

    @property
    def allowed(self) -> str:
        return ", ".join(f"{name}(...)" for name in sorted(self.questions))

    def bare(self, part: ast.Name) -> ast.expr:
        kind = self.fact(part)
        if kind is None:
            return self.unknown(part, "fact", part.id, self.scope.kinds)
        if kind.type is not FieldType.BOOL:
            return self.wrong(
                part, f'"{part.id}" is not true or false by itself; compare it or write known({part.id}).'
            )
        return part

    def fact(self, part: ast.expr) -> Kind | None:
        """Return the kind of the fact that a name reads, noting that it is read; None for other parts."""
        if not isinstance(part, ast.Name) or part.id not in self.scope.kinds:
            return None
        kind = self.scope.kinds[part.id]
        if kind.is_personal:
            self.wrong(
                part,
                f'"{part.id}" is personal and may be erased, so no rule may read it; known({part.id}) may be asked.',
            )
        self.facts.add(part.id)
        return kind

    def comparisons(self, part: ast.Compare) -> ast.expr:
        sides = [part.left, *part.comparators]
        found = [
            self.comparison(part, left, op, right) for left, op, right in zip(sides, part.ops, sides[1:], strict=False)
        ]
        return found[0] if len(found) == 1 else ast.BoolOp(ast.And(), found)

    def comparison(self, part: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        if not isinstance(op, _ORDER + _EQUAL + _IN):
            return self.wrong(part, "compare with ==, !=, <, <=, >, >= or in.")
        if isinstance(op, _IN):
            return self.membership(part, left, op, right)
        left_kind, right_kind = self.kind(left, right), self.kind(right, left)
        kind = left_kind or right_kind
        if kind is None:
            guess = next((side for side in (left, right) if isinstance(side, ast.Name)), None)
            if guess is not None:
                return self.unknown(guess, "fact", guess.id, self.scope.kinds)
            return self.wrong(part, f'"{ast.unparse(part)}" compares no fact of the case.')
        if isinstance(op, _ORDER) and not kind.is_ordered:
            return self.wrong(part, f'"{ast.unparse(part)}" asks for an order where there is none; use == or in.')
        if left_kind and right_kind and left_kind.type is not right_kind.type:
            return self.wrong(
                part, f'"{ast.unparse(part)}" compares different types: {left_kind.type} and {right_kind.type}.'
            )
        if left_kind and right_kind and left_kind.choices != right_kind.choices and isinstance(op, _ORDER):
            return self.wrong(part, f'"{ast.unparse(part)}" compares two lists of values in different orders.')
        sides = (self.side(left, left_kind, kind), self.side(right, right_kind, kind))
        return NEVER if NEVER in sides else ast.Compare(sides[0], [op], [sides[1]])

    def kind(self, part: ast.expr, other: ast.expr) -> Kind | None:
        """Return the kind of a side that is read from the case; None for a constant."""
        if isinstance(part, ast.Call):
            return _NUMBER
        if isinstance(part, ast.Name) and isinstance(other, ast.Name):
            beside = self.scope.kinds.get(other.id)
            if beside and part.id in beside.choices:
                return None  # category == delivery: the bare word is a value of the fact beside it
        return self.fact(part)

    def side(self, part: ast.expr, read: Kind | None, kind: Kind) -> ast.expr:
        if isinstance(part, ast.Call):
            return self.count(part)
        return part if read else self.constant(part, kind)

    def count(self, part: ast.Call) -> ast.expr:
        if isinstance(part.func, ast.Name) and part.func.id == "count":
            return self.question(part)
        return self.wrong(part, f'"{ast.unparse(part)}" cannot be compared; only count(...) is a number.')

    def constant(self, part: ast.expr, kind: Kind) -> ast.expr:
        """Return the constant as a value of `kind`: a bare or quoted word, a number, a parameter."""
        raw: Value = None
        match part:
            case ast.Constant(value=bool() | int() | str() as raw):
                pass
            case ast.Constant(value=float()):
                raw = ast.unparse(part)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
                raw = ast.unparse(part)
            case ast.Name(id=id) if id in _BOOLS:
                raw = _BOOLS[id]
            case ast.Name(id=id) if id in self.scope.parameters and id not in kind.choices:
                raw = self.scope.parameters[id]
            case ast.Name(id=id):
                known = kind.choices or self.scope.kinds
                if id not in known:
                    return self.unknown(part, "value" if kind.choices else "fact", id, known)
                raw = id
            case _:
                return self.wrong(part, f'"{ast.unparse(part)}" is not a value; write a number, a word or a fact.')
        return self.value(part, raw, kind)

    def value(self, part: ast.expr, raw: Value, kind: Kind) -> ast.expr:
        try:
            value = typed(kind, raw, self.scope.currency)
        except ValueError as error:
            return self.wrong(part, f"{error}.")
        if kind.type is FieldType.MONEY:
            if value["currency"] != self.scope.currency:
                return self.wrong(part, f"amounts are compared in {self.scope.currency}, the pack's currency.")
            value = Decimal(value["amount"])
        constant = ast.Constant(value)
        return ast.copy_location(constant, part)

    def membership(self, part: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            kind = self.fact(left)
            if kind is None:
                return self.unknown(left, "fact", ast.unparse(left), self.scope.kinds)
            values = [self.constant(item, kind) for item in right.elts]
            return NEVER if NEVER in values else ast.Compare(left, [op], [ast.List(values, ast.Load())])
        kind = self.fact(right)
        if kind is None or kind.type is not FieldType.LIST:
            return self.wrong(part, '"in" needs a list of values in brackets, or a fact that is a list, on its right.')
        value = self.constant(left, Kind(kind.item or FieldType.TEXT, kind.choices))
        return NEVER if value is NEVER else ast.Compare(value, [op], [right])

    def question(self, part: ast.Call) -> ast.expr:
        name = part.func.id if isinstance(part.func, ast.Name) else ast.unparse(part.func)
        if name not in QUESTIONS:
            return self.unknown(part, "question", name, self.questions)
        if name not in self.questions:
            return self.wrong(part, f"{name}(...) may not be asked here, only {self.allowed}.")
        wanted = 2 if name == "done_since" else 1
        if len(part.args) != wanted or part.keywords:
            return self.wrong(part, f"{name}(...) takes {wanted} name{'s' if wanted > 1 else ''}.")
        if name == "known":
            return self.known(part)
        args = [self.argument(name, arg) for arg in part.args]
        return NEVER if NEVER in args else ast.Call(ast.Name(name, ast.Load()), args, [])

    def known(self, part: ast.Call) -> ast.expr:
        arg = part.args[0]
        if not isinstance(arg, ast.Name) or arg.id not in self.scope.kinds:
            return self.unknown(arg, "fact", ast.unparse(arg), self.scope.kinds)
        self.facts.add(arg.id)
        return ast.Call(ast.Name("known", ast.Load()), [arg], [])

    def argument(self, question: str, part: ast.expr) -> ast.expr:
        name = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ast.unparse(part)
        kind, known, read = {
            "open": ("duty", self.names.duties, self.duties),
            "overdue": ("duty", self.names.duties, self.duties),
            "passed": ("duty", self.names.duties, self.duties),
            "approved": ("chain", self.names.chains, self.chains),
        }.get(question, ("act", self.names.events, self.acts))
        if name not in known:
            return self.unknown(part, kind, name, known)
        read.add(name)
        return ast.Constant(name)


def with_tree(guard: Guard, tree: ast.expr, kinds: Mapping[str, Kind], currency: str) -> Guard:
    """Return the condition in another normal form that reads the same names, compiled anew."""
    choices = {name: kinds[name].choices for name in guard.names if kinds[name].choices}
    money = {name for name in guard.names if kinds[name].type is FieldType.MONEY}
    return replace(guard, source=ast.unparse(tree), tree=tree, holds=guard_function(tree, money, choices, currency))
