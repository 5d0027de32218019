"""`figures`: which of a pack's own fields, tables and acts the figures are counted from."""

from __future__ import annotations

from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.records import Figures
from ombud.policy.model.values import FieldType
from ombud.policy.source import Node
from ombud.policy.suggestions import read_suggestions
from ombud.policy.symbol_table import SymbolTable

CHOICES = ("category", "grade", "outcome", "satisfaction")  # each names a fact with a closed list of values
AMOUNTS = ("asked", "given")
FIGURES_KEYS = (*CHOICES, "satisfied", *AMOUNTS, "registered", "answered", "proposed", "suggestion", "cite")


def read_figures(node: Node | None, scope: SymbolTable, acts: set[str]) -> Figures:
    """Return what the pack says figures are counted from; what it leaves out has no figures."""
    if node is None:
        return Figures()
    form = MappingReader(node, scope.problems, '"figures"', FIGURES_KEYS)
    choices = {key: form.name(key, "fact", set(scope.kinds)) for key in CHOICES}
    for key, name in choices.items():
        if name is not None and name in scope.kinds and not scope.is_closed(name):
            scope.problems.add(
                form.at(key), f'"{key}" of "figures" names "{name}", which has no list of values to count by.'
            )
    amounts = {key: form.name(key, "field", scope.fields) for key in AMOUNTS}
    for key, name in amounts.items():
        if name in scope.fields and scope.kinds[name].type != FieldType.MONEY:
            scope.problems.add(form.at(key), f'"{key}" of "figures" names "{name}", which is no amount of money.')
    satisfaction = choices["satisfaction"]
    if "satisfied" in form and satisfaction is None:
        scope.problems.add(form.at("satisfied"), '"satisfied" of "figures" has no "satisfaction" beside it. Add it.')
    elif satisfaction in scope.kinds and "satisfied" not in form:
        form.missing("satisfied", ", so nobody knows which answers count as satisfied")
    answers = scope.kinds[satisfaction].choices if satisfaction in scope.kinds else ()
    return Figures(
        category=choices["category"],
        grade=choices["grade"],
        outcome=choices["outcome"],
        satisfaction=satisfaction,
        satisfied=form.names("satisfied", f'value of "{satisfaction}"', answers) if satisfaction else (),
        asked=amounts["asked"],
        given=amounts["given"],
        registered=form.names("registered", "act", acts),
        answered=form.names("answered", "act", acts),
        proposed=form.names("proposed", "act", acts),
        suggestion=read_suggestions(form.get("suggestion"), scope),
        cite=scope.cite(form),
        at=form.place,
    )
