"""`late_entries`: how long after it happened something may be written down unnoticed, and who vouches for the rest."""

from __future__ import annotations

from ombud.policy.limits import read_limit
from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.acts import Act
from ombud.policy.model.limits import Limit
from ombud.policy.model.records import LateEntries
from ombud.policy.model.source import Place
from ombud.policy.source import Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CLOCK, SYSTEM
from ombud.worktime import Mode, Unit

LATE_ENTRY_KEYS = ("report", "decide", "confirm", "cite")


def read_late_entries(node: Node | None, scope: SymbolTable, acts: dict[str, Act], place: Place) -> LateEntries:
    """Return what the pack says of late entries; by default those of more than a day and a night are reported."""
    day = Limit(length=24, unit=Unit.HOUR, mode=Mode.CLOCK, at=place)
    if node is None:
        return LateEntries(report=day, cite=(), at=place)
    form = MappingReader(node, scope.problems, '"late_entries"', LATE_ENTRY_KEYS)
    confirm = form.name("confirm", "act", set(acts))
    by = set(acts[confirm].by) if confirm in acts else set()
    if by and by <= {CLOCK, SYSTEM}:
        scope.problems.add(
            form.at("confirm"), f'"confirm" of "late_entries" names act "{confirm}", which no person performs.'
        )
    return LateEntries(
        report=_length(form, "report", scope) or day,
        decide=_length(form, "decide", scope),
        confirm=confirm,
        cite=scope.cite(form),
        at=form.place,
    )


def _length(form: MappingReader, key: str, scope: SymbolTable) -> Limit | None:
    node = form.get(key)
    return read_length_of_time(node, scope, f'"{key}" of {form.what}') if node is not None else None


def read_length_of_time(node: Node, scope: SymbolTable, what: str) -> Limit:
    """Return a limit that hangs on nothing in the case: a length, on a calendar of the pack."""
    limit = read_limit(node, scope, what)
    if limit.by or limit.field or limit.order:
        scope.problems.add(
            node.place, f"{what[0].upper()}{what[1:]} must be a length such as 2 h: it is the same for every case."
        )
        return Limit(at=node.place)
    return limit
