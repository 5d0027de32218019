"""`suggestion` of `figures`: where what complainants suggest stands, and what came of it."""

from __future__ import annotations

from ombud.policy.causes import is_taken
from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.pack import Pack
from ombud.policy.model.records import Suggestions
from ombud.policy.model.values import FieldType
from ombud.policy.source import Items, Node, Scalar
from ombud.policy.symbol_table import SymbolTable

SUGGESTION_KEYS = ("field", "cases", "outcome")
_WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def read_suggestions(node: Node | None, scope: SymbolTable) -> Suggestions | None:
    """Return where suggestions stand; None where the pack does not say."""
    if node is None:
        return None
    form = MappingReader(node, scope.problems, '"suggestion" of "figures"', SUGGESTION_KEYS)
    if form.entries and "field" not in form and "cases" not in form:
        form.missing("field", ', nor "cases", so nobody knows where a suggestion stands')
    form.require("outcome", ": the choice that says what came of it")
    field = form.name("field", "field", scope.fields)
    if field is not None and (scope.kinds[field].type not in _WORDS or not scope.kinds[field].is_personal):
        form.problems.add(
            form.at("field"),
            f'"field" of {form.what} names "{field}", which must be a text or long text that is personal: it holds '
            "the complainant's own words.",
        )
    outcome = form.name("outcome", "fact", set(scope.kinds))
    if outcome is not None and not scope.is_closed(outcome):
        form.problems.add(
            form.at("outcome"), f'"outcome" of {form.what} names "{outcome}", which has no list of values to count by.'
        )
    return Suggestions(field=field, cases=_cases(form, scope), outcome=outcome or "")


def _cases(form: MappingReader, scope: SymbolTable) -> dict[str, tuple[str, ...]]:
    """Return the values of facts that make a whole complaint a suggestion."""
    found = {}
    for fact, node in form.section("cases"):
        if fact not in scope.kinds or not scope.is_closed(fact):
            closed = [each for each in scope.kinds if scope.is_closed(each)]
            form.problems.unknown(node.place, f'fact with a list of values in "cases" of {form.what}', fact, closed)
            continue
        values = [form.scalar(each, f'"{fact}"') for each in (node.items if isinstance(node, Items) else (node,))]
        found[fact] = tuple(value.text for value in values if _is_known(value, fact, form, scope))
    return found


def _is_known(value: Scalar, fact: str, form: MappingReader, scope: SymbolTable) -> bool:
    known = scope.kinds[fact].choices
    if value.text and value.text not in known:
        form.problems.unknown(value.place, f'value of "{fact}" in "cases" of {form.what}', value.text, known)
    return value.text in known


def check_suggestions(pack: Pack, scope: SymbolTable) -> None:
    """Add what keeps suggestions from being answered: no act of ours takes what came of one."""
    found = pack.figures.suggestion
    if found is None or found.outcome not in pack.fields or is_taken(found.outcome, pack.main):
        return
    assert pack.figures.at is not None, "it was read"
    scope.problems.add(
        pack.figures.at,
        f'No act of our own people on a complaint takes "{found.outcome}", so no suggestion is ever answered. Add it '
        'to the "needs" or "may" of one.',
    )
