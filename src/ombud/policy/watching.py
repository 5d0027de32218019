"""`watch`: of what complaints are counted for the early warning, and which procedure a warning opens."""

from __future__ import annotations

from ombud.policy.mapping_reader import MappingReader
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.model.watching import Watch
from ombud.policy.procedure import first_acts
from ombud.policy.source import Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, OFFICE

WATCH_KEYS = ("dimensions", "procedure", "signs", "cite")
ALWAYS = (CHANNEL, OFFICE, DEPARTMENT)  # counted where a pack says nothing
_WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def read_watch(node: Node | None, scope: SymbolTable, *, category: str | None) -> Watch:
    """Return what the pack says of the early warning; by default places, channels and the figures' category."""
    countable = [id for id, kind in scope.kinds.items() if kind.choices and not kind.is_personal]
    always = tuple(id for id in (*ALWAYS, category) if id in countable)
    if node is None:
        return Watch(dimensions=always)
    form = MappingReader(node, scope.problems, '"watch"', WATCH_KEYS)
    signs = form.name("signs", "field", scope.fields)
    if signs in scope.kinds and (scope.kinds[signs].type not in _WORDS or scope.kinds[signs].is_personal):
        scope.problems.add(
            form.at("signs"),
            f'"signs" of "watch" names "{signs}", which must be a text or long text with personal: false.',
        )
    if ("procedure" in form) != ("signs" in form):
        wanted = "signs" if "procedure" in form else "procedure"
        form.missing(wanted, ": a warning opens a matter that says what was found")
    return Watch(
        dimensions=form.names("dimensions", "fact with a list of values", countable) or always,
        procedure=form.name("procedure", "procedure", [id for id in scope.procedures if id != MAIN]),
        signs=signs,
        cite=scope.cite(form),
        at=form.place,
    )


def check_watch(pack: Pack, scope: SymbolTable) -> None:
    """Add what keeps the clock from beginning the matter that a warning opens: it brings the signs and nothing else."""
    watch = pack.watch
    if watch.procedure is None or watch.signs is None or watch.at is None:
        return
    procedure = pack.procedures[watch.procedure]
    found = first_acts(procedure)
    if len(found) != 1:
        scope.problems.add(
            watch.at,
            f'"watch" begins procedure "{procedure.id}" by its one act of the clock from its start phase, but it has '
            f"{len(found)} of these. Let exactly one act have by: clock and from: the start phase.",
        )
        return
    (first,) = found
    if watch.signs not in (*first.needs, *first.may):
        scope.problems.add(
            watch.at,
            f'"watch" begins with act "{first.id}" of procedure "{procedure.id}", which takes no field '
            f'"{watch.signs}". Add it to its "needs".',
        )
    if more := [fact for fact in first.needs if fact != watch.signs]:
        scope.problems.add(
            watch.at,
            f'"watch" begins with act "{first.id}" of procedure "{procedure.id}", which needs {", ".join(more)}, and '
            f'the clock brings only "{watch.signs}". Let a later act need it.',
        )
