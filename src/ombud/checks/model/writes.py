"""Which remembered facts an act, or a verdict on an approval, reads and writes, and the values that they may take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from ombud.checks.model.abstract_state import Space, State, fed_tables
from ombud.checks.rules.known import known_at, known_by_phase, may_lack
from ombud.checks.tables.geometry import may_decide_nothing
from ombud.checks.tables.grading import table_sources
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import CLOCK, DEPARTMENT, LANGUAGE, OFFICE

Write = tuple[int, tuple[int, ...], bool]  # a slot of the memory, its new values, whether it may stay as it is

Mark = tuple[int, int, int]  # a slot of the memory, its new value or -1 to count, the highest count


def marks(space: Space, names: Collection[str]) -> list[Mark]:
    """Return what events write into the memory."""
    found: list[Mark] = []
    for part, slot in space.slot.items():
        if part[0] == "done" and part[1] in names:
            found.append((slot, 1, 1))
        elif part[0] == "count" and part[1] in names:
            found.append((slot, -1, len(space.domains[part]) - 1))
        elif part[0] == "since" and (part[1] in names or part[2] in names):
            found.append((slot, int(part[2] not in names), 1))
    return found


def chosen(values: State, writes: Sequence[Write]) -> Iterator[list[int]]:
    """Yield the memory after each choice of the facts that are written."""
    options = [
        [(slot, value) for value in {*classes, *([values[slot]] if optional else [])}]
        for slot, classes, optional in writes
    ]
    for choice in product(*options):
        new = list(values)
        for slot, value in choice:
            new[slot] = value
        yield new


class Writing:
    """What is written in one view of a procedure."""

    def __init__(self, space: Space) -> None:
        self.space, self.pack, self.procedure = space, space.pack, space.procedure
        if "known" not in space.worked_out:
            space.worked_out["known"] = known_by_phase(self.procedure)
        self.known: dict[str, frozenset[str]] = space.worked_out["known"]

    def of_act(self, act: Act) -> list[Write]:
        """Return what an act changes."""
        constant = {each.fact: each.value for each in act.sets if each.kind == "constant"}
        surely = list(dict.fromkeys([*act.needs, *(each.fact for each in act.sets)]))
        there = known_at(self.procedure, self.known, act.id) or frozenset()
        return self._written(surely, (*act.may, *self._arriving(act)), constant, there)

    def _arriving(self, act: Act) -> tuple[str, ...]:
        """Return the facts that come with a case beside what its first act brings: where it begins, its language."""
        if not any(self.procedure.phases[phase].is_start for phase in act.from_phases):
            return ()
        return (OFFICE, LANGUAGE, *((DEPARTMENT,) if CLOCK in act.by else ()))

    def of_stage(self, chain: Chain, stage: Stage) -> list[Write]:
        """Return what approving a stage changes: the fields that it must and may bring."""
        there = known_at(self.procedure, self.known, chain.starts) or frozenset()
        return self._written(stage.needs, stage.may, {}, there | {*stage.needs})

    def _written(
        self, surely: Collection[str], perhaps: Collection[str], constant: Mapping[str, Value], there: frozenset[str]
    ) -> list[Write]:
        space = self.space
        found: dict[str, Write] = {}
        for name in (*surely, *perhaps):
            part = ("var", name)
            if part in space.slot:
                classes = (space.class_of(name, constant[name]),) if name in constant else tuple(space.present(name))
                found[name] = (space.slot[part], classes, name not in surely)
        for table in fed_tables(space, [*surely, *perhaps]):
            part = ("var", table.id)
            if part in space.slot:
                optional = not set(table.inputs) & set(surely)
                found[table.id] = (space.slot[part], self._outputs(table, there), optional)
        return list(found.values())

    def _outputs(self, table: Table, there: frozenset[str]) -> tuple[int, ...]:
        """Return the classes of the outputs that a table may have where these facts are known."""
        worked_out, key = self.space.worked_out, (table.id, there)
        if key not in worked_out:
            lacking = {each for each in table.inputs if may_lack(self.pack, each, there)}
            nothing = {0} if may_decide_nothing(table, table_sources(self.pack, table), absent=lacking) else set()
            outputs = {self.space.class_of(table.id, row.output) for row in table.rows}
            worked_out[key] = tuple(sorted(nothing | outputs))
        found: tuple[int, ...] = worked_out[key]
        return found


def read_slots(space: Space, entry: Act | Chain) -> set[int]:
    """Return the slots of what decides about the result of an act, or a verdict: conditions, approvals, duties."""
    duties = [part for part in space.tracked if part[0] == "duty" and part[1] in space.procedure.duties]
    parts = set(duties)
    if isinstance(entry, Act):
        parts |= {*space.reads(entry.when), *([("var", entry.choice)] if entry.choice else [])}
    for chain in space.procedure.chains.values():
        parts |= {("chain", chain.id), *(part for stage in chain.stages for part in space.reads(stage.where))}
    for duty in duties:
        parts |= set(space.reads(space.procedure.duties[duty[1]].where))
    return {space.slot[part] for part in parts if part in space.slot}
