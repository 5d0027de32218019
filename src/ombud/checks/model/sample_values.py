"""Real values that stand for the classes into which guards divide a fact."""

from __future__ import annotations

from collections.abc import Iterable

from ombud.checks.tables.geometry import ABSENT, numeric_atoms
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Cell
from ombud.policy.model.values import Field, FieldType, Value

OTHER_WORD = "\ue000other"  # a word of nobody's: private use


def candidates(
    pack: Pack, procedure: Procedure, name: str, constants: Iterable[float], words: Iterable[str]
) -> list[Value]:
    """Return real values of a fact, one for each class that guards could possibly tell apart."""
    if name in pack.tables:
        return list(dict.fromkeys(row.output for row in pack.tables[name].rows))
    field = pack.fields.get(name)
    if field is not None and field.type is FieldType.BOOL:
        return [True, False]
    if field is not None and field.of and field.type is not FieldType.LIST:
        return list(field.of)
    if field is not None and field.type in (FieldType.INTEGER, FieldType.MONEY):
        cells = [Cell("is", (value,)) for value in sorted(set(constants))]
        atoms = numeric_atoms(cells, domain=field.domain, whole=field.type is FieldType.INTEGER)
        return [_number(pack, field, atom.sample) for atom in atoms if atom != ABSENT]
    set_here = [s.value for act in procedure.acts.values() for s in act.sets if s.fact == name and s.kind == "constant"]
    named = [*set_here, *sorted(words)]
    if field is not None and field.type is FieldType.LIST:
        return [[], *([each] for each in (field.of or named)), [OTHER_WORD]]
    return [*dict.fromkeys(named), OTHER_WORD]


def _number(pack: Pack, field: Field, value: float) -> Value:
    if field.type is FieldType.INTEGER:
        return int(value)
    return {"amount": f"{value:.2f}", "currency": pack.currency}
