"""How the complainant's form of an act asks: which answers want words, and which of many fields were asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ombud.policy.mapping_reader import MappingReader, capital
from ombud.policy.model.values import FieldType
from ombud.policy.source import Entries
from ombud.policy.symbol_table import SymbolTable


def read_explained(
    form: MappingReader, choices: Mapping[str, str], taken: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return `explained_by`: each field that is needed with some values of the choice, with these values."""
    node = form.get("explained_by")
    if node is None:
        return {}
    if not isinstance(node, Entries):
        form.problems.add(
            node.place, f'"explained_by" of {form.what} must be a mapping such as {{opinion: [rejected]}}.'
        )
        return {}
    if not choices:
        form.problems.add(
            node.place, f"{capital(form.what)} leads nowhere by a choice, so no value of it needs an explanation."
        )
    by = MappingReader(node, form.problems, f'"explained_by" of {form.what}', taken)
    return {name: by.names(name, "value", choices) for name in node.entries if name in taken and choices}


def read_asked(form: MappingReader, scope: SymbolTable, taken: Collection[str]) -> str | None:
    """Return `asked_in`: the field whose values, all of them fields that the act takes, say what was asked for."""
    lists = {name for name, kind in scope.kinds.items() if kind.type is FieldType.LIST and kind.choices}
    name = form.name("asked_in", "list of choices", lists)
    if name is not None and (strange := [each for each in scope.kinds[name].choices if each not in taken]):
        form.problems.add(
            form.at("asked_in"), f'{capital(form.what)} does not take {", ".join(strange)}, which "{name}" asks for.'
        )
    return name
