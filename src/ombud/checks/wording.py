"""How a finding names things: in the policy's own titles, never by identifiers where a title exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from ombud.checks.messages import joined, phrase
from ombud.checks.tables.geometry import Atom, Region
from ombud.policy.event_names import EventName
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Field, FieldType, Value
from ombud.texts import Text, same


def title_of(title: Text, key: str) -> Text:
    """Return a title, or the identifier where the pack gives none."""
    return title or same(key)


def act_title(pack: Pack, procedure: Procedure, name: str) -> Text:
    """Return the title of an act, of an act's outcome (`answer.accepted`), or of a chain's step."""
    head, tail = EventName.of(name)
    if tail and head in procedure.chains:
        return phrase(tail, title=title_of(procedure.chains[head].title, head))
    act = procedure.acts.get(head)
    title = title_of(act.title, head) if act else same(head)
    if not tail:
        return title
    choice = act.choice if act else None
    source = pack.fields.get(choice or "") or pack.tables.get(choice or "")
    return phrase("outcome", title=title, value=value_title(source, tail) if source else same(tail))


def phase_title(procedure: Procedure, phase: str) -> Text:
    """Return the title of a phase."""
    return title_of(procedure.phases[phase].title, phase)


def duty_title(procedure: Procedure, duty: str) -> Text:
    """Return the title of a duty."""
    return title_of(procedure.duties[duty].title, duty)


def role_title(pack: Pack, role: str) -> Text:
    """Return the title of a role."""
    return title_of(pack.roles[role].title, role) if role in pack.roles else same(role)


def path(steps: Sequence[Text]) -> Text:
    """Return a path of steps, shortened in the middle when it is long."""
    if not steps:
        return phrase("at-once")
    return joined(list(steps), "arrow")


def column_title(source: Field | Table) -> Text:
    """Return the title of what feeds a column."""
    return title_of(source.title, source.id)


def value_title(source: Field | Table, value: Value) -> Text:
    """Return how a value of a field or a table's output reads."""
    if isinstance(value, bool):
        return phrase("true" if value else "false")
    return title_of(source.of.get(str(value), {}), str(value))


def fact_title(pack: Pack, name: str) -> Text:
    """Return the title of a fact: of a field or a table, or the name of one that only acts set."""
    source = pack.fields.get(name) or pack.tables.get(name)
    return column_title(source) if source else same(name)


def fact_value(pack: Pack, name: str, value: Value) -> Text:
    """Return how a value of a fact reads."""
    source = pack.fields.get(name) or pack.tables.get(name)
    if isinstance(source, Field) and source.type is FieldType.MONEY:
        return same(f"{number(float(value['amount']))} {value['currency']}")
    if source is None and isinstance(value, bool):
        return phrase("true" if value else "false")
    return value_title(source, value) if source else same(str(value))


def number(value: float) -> str:
    """Return a number without a needless fraction."""
    if abs(value) == inf:
        return "∞" if value > 0 else "-∞"
    return str(int(value)) if value == int(value) else str(value)


def spans(atoms: Sequence[Atom], positions: Iterable[int]) -> list[Text]:
    """Return neighbouring numeric atoms joined to intervals, in words that say whether an end belongs to it."""
    result: list[Text] = []
    chosen = sorted(position for position in positions if atoms[position].kind in ("point", "open"))
    run: list[int] = []
    for position in [*chosen, -1]:
        if run and position != run[-1] + 1:
            result.append(_span(atoms[run[0]], atoms[run[-1]]))
            run = []
        run.append(position)
    return result


def _span(first: Atom, last: Atom) -> Text:
    if first == last and first.kind == "point":
        return same(number(first.low))
    ends: list[Text] = []
    if first.low != -inf:
        ends.append(phrase("from" if first.kind == "point" else "over", end=number(first.low)))
    if last.high != inf:
        ends.append(phrase("up-to" if last.kind == "point" else "under", end=number(last.high)))
    return joined(ends, "between") if ends else phrase("always")


def column_text(source: Field | Table, atoms: Sequence[Atom], positions: frozenset[int]) -> Text:
    """Return which values of one column a region takes."""
    parts = spans(atoms, positions)
    for position in sorted(positions):
        atom = atoms[position]
        if atom.kind == "value":
            parts.append(value_title(source, atom.value))
        elif atom.kind == "other":
            parts.append(phrase("any-other"))
        elif atom.kind == "absent":
            if len(positions) == 1:
                return phrase("lacks", title=column_title(source))
            parts.append(phrase("absent"))
    return phrase("is", title=column_title(source), values=parts)


def region_text(sources: Sequence[Field | Table], axes: Sequence[Sequence[Atom]], region: Region) -> Text:
    """Return a region in words; columns that it takes whole are left out."""
    parts = [
        column_text(source, atoms, positions)
        for source, atoms, positions in zip(sources, axes, region.box, strict=True)
        if len(positions) < len(atoms)
    ]
    return joined(parts, "and") if parts else phrase("always")


def example_text(
    sources: Sequence[Field | Table], axes: Sequence[Sequence[Atom]], region: Region, *, currency: str
) -> Text:
    """Return one case inside a region, with plain values."""
    parts: list[Text] = []
    for source, atoms, positions in zip(sources, axes, region.box, strict=True):
        order = sorted(positions, key=lambda at: (atoms[at].kind == "absent", atoms[at].kind != "open", at))
        atom = atoms[order[0]]
        if atom.kind in ("point", "open"):
            is_money = isinstance(source, Field) and source.type is FieldType.MONEY
            value = same(number(atom.sample) + (f" {currency}" if is_money else ""))
        elif atom.kind == "value":
            value = value_title(source, atom.value)
        elif atom.kind == "absent":
            parts.append(phrase("lacks", title=column_title(source)))
            continue
        else:
            value = phrase("any-other")
        parts.append(phrase("is", title=column_title(source), values=[value]))
    return phrase("example", case=joined(parts, "comma"))
