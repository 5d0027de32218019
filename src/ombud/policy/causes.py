"""`causes`: the tree of causes of a policy, the field that states one, and the matters that put them right."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.policy.mapping_reader import MappingReader, ids
from ombud.policy.model.causes import Cause, Causes
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.values import Field, FieldType
from ombud.policy.source import Entries, Node, plain
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import COMPLAINANT
from ombud.texts import Text

CAUSES_KEYS = ("tree", "field", "whys", "rectifications", "cite")
CAUSE_KEYS = ("title", "of")
DEEPEST = 4  # levels
BELOW = " \u203a "  # between a cause and the one above it


def read_tree(node: Node | None, scope: SymbolTable) -> dict[str, Cause]:
    """Return every cause by its id, each after the one above it; fields may take them as their values."""
    tree = node.entries.get("tree") if isinstance(node, Entries) else None
    found: dict[str, Cause] = {}
    if tree is not None:
        _branch(tree.value, (), found, scope)
    return found


def _branch(node: Node, above: tuple[str, ...], found: dict[str, Cause], scope: SymbolTable) -> None:
    what = f'"of" of cause "{above[-1]}"' if above else '"tree" of "causes"'
    for id, value in ids(node, scope.problems, what):
        form = MappingReader(value, scope.problems, f'cause "{id}"', CAUSE_KEYS)
        if id in found:
            scope.problems.add(
                value.place, f'There are two causes "{id}". Each has an id of its own in the whole tree.'
            )
            continue
        path = (*above, id)
        found[id] = Cause(id=id, title=form.title(id), path=path, at=form.place)
        below = form.get("of")
        if below is None:
            continue
        if len(path) == DEEPEST:
            scope.problems.add(
                below.place, f'Cause "{id}" has causes below it, but a tree has at most {DEEPEST} levels.'
            )
            continue
        _branch(below, path, found, scope)


def titles(tree: Mapping[str, Cause]) -> dict[str, Text]:
    """Return what each cause is called where the tree is not seen: with all that stands above it."""
    return {cause.id: _whole_title(cause, tree) for cause in tree.values()}


def _whole_title(cause: Cause, tree: Mapping[str, Cause]) -> Text:
    parts = [tree[id].title for id in cause.path]
    known = [language for language in cause.title if all(language in part for part in parts)]
    return {language: BELOW.join(part[language] for part in parts) for language in known}


def read_causes(
    node: Node | None, tree: Mapping[str, Cause], fields: Mapping[str, Field], scope: SymbolTable
) -> Causes:
    """Return what the pack says of causes; a pack without them tells none apart."""
    if node is None:
        return Causes()
    form = MappingReader(node, scope.problems, '"causes"', CAUSES_KEYS)
    form.require("tree", ": the causes that are told apart")
    if form.require("field", ": the choice in which a cause is stated"):
        _check_field(form, tree, fields)
    stated = form.name("field", "field", fields)
    whys = form.name("whys", "field", fields)
    if whys is not None and fields[whys].type is not FieldType.LONG_TEXT:
        scope.problems.add(form.at("whys"), f'"whys" of "causes" names "{whys}", which must be a long text.')
    return Causes(
        tree=tree,
        field=stated,
        whys=whys,
        rectifications=_rectifications(form, scope),
        cite=scope.cite(form),
        at=form.place,
    )


def _check_field(form: MappingReader, tree: Mapping[str, Cause], fields: Mapping[str, Field]) -> None:
    name = form.word("field")
    if name in fields and (fields[name].type is not FieldType.CHOICE or set(fields[name].of) != set(tree)):
        form.problems.add(
            form.at("field"), f'"field" of "causes" names "{name}", which must be a choice with "of: causes".'
        )


def _rectifications(form: MappingReader, scope: SymbolTable) -> dict[str, str]:
    """Return the matters that put causes right, each with the end phase from which what was done is in effect."""
    found = {}
    others = [id for id in scope.procedures if id != MAIN]
    for id, node in form.section("rectifications"):
        phase = str(plain(node))
        if id not in others:
            scope.problems.unknown(node.place, 'procedure in "rectifications" of "causes"', id, others)
            continue
        ends = [name for name, (_start, is_end) in scope.procedures[id].phases.items() if is_end]
        if phase not in ends:
            scope.problems.unknown(node.place, 'end phase in "rectifications" of "causes"', phase, ends)
            continue
        found[id] = phase
    return found


def check_causes(pack: Pack, scope: SymbolTable) -> None:
    """Add what keeps causes from being stated: no act of ours takes the field, or that of a rectification."""
    causes = pack.causes
    if causes.field is None or causes.at is None:
        return
    if not is_taken(causes.field, pack.main):
        scope.problems.add(
            causes.at,
            f'No act of our own people on a complaint takes "{causes.field}", so no cause is ever stated. Add it to '
            'the "needs" or "may" of one.',
        )
    for id in causes.rectifications:
        if not any(causes.field in (*act.needs, *act.may) for act in pack.procedures[id].acts.values()):
            scope.problems.add(
                causes.at,
                f'No act of "{id}" takes "{causes.field}", so nobody knows which cause it puts right. Add it to the '
                '"needs" or "may" of its first act, and to the "with" of what opens it.',
            )


def is_taken(field: str, procedure: Procedure) -> bool:
    """Return whether an act of our own people takes a field."""
    acts = (act for act in procedure.acts.values() if set(act.by) - {COMPLAINANT})
    return any(field in (*act.needs, *act.may) for act in acts)
