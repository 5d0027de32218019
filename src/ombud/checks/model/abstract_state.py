"""The abstract case: what of a case its guards can tell apart, and the guards themselves asked about it.

A component is one thing that guards read: a fact ("var"), an act done ("done"), its count, an order of two acts
("since"), an approval ("chain") or a duty ("duty"). Facts are reduced to classes of values that no guard distinguishes;
each class is represented by a real value, so that the engine's own compiled guards answer for it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations, product
from typing import Any

from ombud.checks.model.sample_values import candidates
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Value

Component = tuple[str, ...]
State = tuple[int, ...]  # one value per tracked component

Asks = dict[tuple[int, ...], list[bool]]

NONE, APPROVED, PENDING = 0, 1, 2  # of a chain; PENDING + n is stage n, beyond the last one: begun again by regrading
SILENT, WAITING, OPEN = 0, 1, 2  # of a duty; WAITING = triggered, its `where` false
COUNTED = 9  # repetitions of an act counted one by one, however many a guard names
CLASSES_LIMIT = 4096  # combinations to try before values are left apart without proof


@dataclass(slots=True)
class AbstractReader:
    """An abstract case as a guard reads it (the engine's `Reader`)."""

    facts: Mapping[str, Value]
    values: Mapping[Component, int]
    overdue: Mapping[str, bool]
    domains: Mapping[Component, Sequence[Value]]

    def done(self, act: str) -> bool:
        return self.values.get(("done", act), 0) > 0

    def done_since(self, act: str, since: str) -> bool:
        return self.values.get(("since", act, since), 0) > 0

    def count(self, act: str) -> int:
        part = ("count", act)
        return int(self.domains[part][self.values.get(part, 0)])

    def is_open(self, duty: str) -> bool:
        return self.values.get(("duty", duty), SILENT) == OPEN

    def is_overdue(self, duty: str) -> bool:
        return self.overdue.get(duty, False)

    def is_passed(self, duty: str) -> bool:
        return self.overdue.get(_passed(duty), False)

    def is_approved(self, chain: str) -> bool:
        return self.values.get(("chain", chain), NONE) == APPROVED


@dataclass(frozen=True, slots=True)
class Uses:
    """What one guard reads."""

    names: frozenset[str]
    parts: frozenset[Component]
    overdue: frozenset[str]
    constants: frozenset[float]  # with which facts are compared
    words: frozenset[str]
    times: Mapping[str, frozenset[int]]  # the numbers with which the count of an act is compared


def _passed(duty: str) -> str:
    """Return the key of a duty's time being over beside that of its being overdue."""
    return f"passed({duty})"


def uses(guard: Guard, procedure: Procedure) -> Uses:
    """Read off a guard's tree what it asks about."""
    parts: set[Component] = set()
    overdue: set[str] = set()
    constants: set[float] = set()
    words: set[str] = set()
    times: dict[str, frozenset[int]] = {}
    counted: set[int] = set()  # constants that are no values of facts
    for node in ast.walk(guard.tree):
        if isinstance(node, ast.Compare):
            for act, constant in _counts(node):
                times[act] = times.get(act, frozenset()) | {int(str(constant.value))}
                counted.add(id(constant))
        if isinstance(node, ast.Constant) and id(node) not in counted and not isinstance(node.value, bool):
            value: Value = node.value
            if isinstance(value, int | float | Decimal):
                constants.add(float(value))
            elif isinstance(value, str):
                words.add(value)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        args = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
        match node.func.id:
            case "done" | "count":
                parts.add((node.func.id, args[0]))
            case "done_since":
                parts.add(("since", args[0], args[1]))
            case "open":
                parts.add(("duty", args[0]))
            case "overdue":
                parts.add(("duty", args[0]))
                overdue.add(args[0])
            case "passed":  # whether it is still owed or not: it has to have begun, however it went on
                parts.update(opening(procedure, args[0]))
                overdue.add(_passed(args[0]))
            case "approved":
                parts.add(("chain", args[0]))
    return Uses(guard.names, frozenset(parts), frozenset(overdue), frozenset(constants), frozenset(words), times)


def opening(procedure: Procedure, duty: str) -> frozenset[Component]:
    """Return the events of which one has to have happened before a duty is owed for the first time."""
    found, seen, work = set[Component](), {duty}, [duty]
    for id in work:
        found |= {("done", event) for event in procedure.duties[id].after}
        before = [each.id for each in procedure.duties.values() if each.then == id and each.id not in seen]
        seen.update(before)
        work += before
    return frozenset(found)


def _counts(node: ast.Compare) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the act whose count is compared with a number, and that number."""
    for one, other in permutations((node.left, node.comparators[0])):
        match one, other:
            case ast.Call(func=ast.Name(id="count"), args=[ast.Constant(value=act)]), ast.Constant():
                yield str(act), other


class Space:
    """The components of one procedure, their domains, and questions put to abstract states."""

    def __init__(self, pack: Pack, procedure: Procedure) -> None:
        self.pack, self.procedure = pack, procedure
        self.guards = list(_guards(procedure))
        self._uses = {id(guard): uses(guard, procedure) for guard in self.guards}
        self._opening = {_passed(duty): opening(procedure, duty) for duty in procedure.duties}
        names = {name for each in self._uses.values() for name in each.names}
        names |= {need for act in procedure.acts.values() if act.is_auto for need in act.needs}
        self.derived = {name for name in names if name in pack.tables and self._is_derived(name, names)}
        self.domains: dict[Component, list[Value]] = {}  # of a var: representatives, the absent one first
        self._class: dict[str, dict[Value, int]] = {}
        for name in sorted(names - self.derived):
            self._add_variable(name)
        for part in sorted({part for each in self._uses.values() for part in each.parts}):
            self.domains[part] = self._numbers(part[1]) if part[0] == "count" else list(range(self._size(part)))
        for part in ladder_duties(procedure):
            self.domains[part] = [SILENT, WAITING, OPEN]
        for chain in procedure.chains.values():
            self.domains["chain", chain.id] = list(range(self._size(("chain", chain.id))))
        self._reads = {id(guard): self._components(guard) for guard in self.guards}
        for name in sorted(names - self.derived):
            self._join_classes(name)
        self._track(self.domains)
        self.whole = self  # that remembers everything, for a view that was made of it
        self.worked_out: dict[object, Any] = {}  # what is the same for all views of it

    def _track(self, parts: Iterable[Component]) -> None:
        kept = set(parts)
        self.tracked = [part for part in self.domains if part in kept]
        self.slot = {part: index for index, part in enumerate(self.tracked)}
        self._answers: dict[int, dict[tuple[int, ...], tuple[bool, bool]]] = {id(guard): {} for guard in self.guards}
        # For each approval the slots that its stages read, and which are asked by what stands there.
        self.stages = {id: (self._read_by_stages(chain), Asks()) for id, chain in self.procedure.chains.items()}
        self._asks: dict[int, dict[tuple[int, ...], bool]] = {id(guard): {} for guard in self.guards}

    def _read_by_stages(self, chain: Chain) -> list[int]:
        parts = {part for stage in chain.stages for part in self.reads(stage.where)}
        return sorted(self.slot[part] for part in parts if part in self.slot)

    def tracking(self, parts: Iterable[Component]) -> Space:
        """Return the same space remembering only these components, and what approvals and the clock hang on."""
        twin = copy(self)
        always = {part for part in self.domains if part[0] == "chain"} | set(ladder_duties(self.procedure))
        for chain in self.procedure.chains.values():
            always |= {part for stage in chain.stages for part in self.reads(stage.where)}
        twin._track(always | set(parts))
        return twin

    def is_asked(self, guard: Guard, state: State) -> bool:
        """Return whether a stage with this `if` is needed: one that reads an absent value is not skipped."""
        reads, slot = self._reads[id(guard)], self.slot
        key = tuple([state[slot[part]] for part in reads if part in slot])
        memo = self._asks[id(guard)]
        if key not in memo:
            facts = self.asked(state).facts
            names = [name for name in guard.names if name in self.derived or ("var", name) in slot]
            memo[key] = self.holds(guard, state)[0] or any(name not in facts for name in names)
        return memo[key]

    def unsure(self, guard: Guard | None, state: State) -> list[Component]:
        """Return what would have to be remembered to know whether the guard holds."""
        if guard is None or self.holds(guard, state) != (True, True):
            return []
        return [part for part in self._reads[id(guard)] if part not in self.slot]

    def choices(self, part: Component) -> list[int]:
        """Return the values of a component that guards can tell apart."""
        if part[0] == "duty":
            return [SILENT, OPEN]
        if part[0] == "chain":
            return [NONE, APPROVED]
        if part[0] == "var":
            return [0, *self.present(part[1])]
        return list(range(len(self.domains[part])))

    # -- domains

    def _is_derived(self, table: str, names: Iterable[str]) -> bool:
        """A table whose inputs are all tracked anyway is computed, not remembered."""
        return all(name in names and name not in self.pack.tables for name in self.pack.tables[table].inputs)

    def _numbers(self, act: str) -> list[Value]:
        """Return the counts of an act that guards tell apart; far from what they name, a jump counts as one step."""
        named = {number for each in self._uses.values() for number in each.times.get(act, ())}
        near = {number + step for number in named for step in (-1, 0, 1) if number + step > 0}
        return sorted({*range(min(max(named, default=0), COUNTED) + 2), *near})

    def _size(self, part: Component) -> int:
        if part[0] == "chain":
            return PENDING + 2 * len(self.procedure.chains[part[1]].stages)
        return 3 if part[0] == "duty" else 2

    def _add_variable(self, name: str) -> None:
        reading = [each for each in self._uses.values() if name in each.names]
        constants = {value for each in reading for value in each.constants}
        words = {word for each in reading for word in each.words}
        present = candidates(self.pack, self.procedure, name, constants, words)
        self.domains["var", name] = [None, *present]
        self._class[name] = {_key(value): index + 1 for index, value in enumerate(present)}

    def class_of(self, name: str, value: Value) -> int:
        """Return the class of a real value; one that nothing names is in the last class."""
        return self._class[name].get(_key(value), len(self.domains["var", name]) - 1)

    def present(self, name: str) -> list[int]:
        """Return the classes of a fact that is there."""
        return sorted(set(self._class[name].values()))

    def _join_classes(self, name: str) -> None:
        """Give values that no guard tells apart one class."""
        part = ("var", name)
        reading = [guard for guard in self.guards if part in self._reads[id(guard)]]
        count = len(self.domains[part])
        signatures: list[list[bool]] = [[] for _ in range(count)]
        for guard in reading:
            others = [each for each in self._reads[id(guard)] if each != part]
            total = count
            for each in others:
                total *= len(self.choices(each))
            if total > CLASSES_LIMIT:
                return
            late = self._uses[id(guard)].overdue
            for values in product(*(self.choices(each) for each in others)):
                for index in range(count):
                    given = dict(zip(others, values, strict=True)) | {part: index}
                    signatures[index] += [guard.holds(self._asked(given, {d: x for d in late})) for x in (False, True)]
        if any(name in act.needs for act in self.procedure.acts.values() if act.is_auto):
            signatures = [[index > 0, *each] for index, each in enumerate(signatures)]
        first: dict[tuple[bool, ...], int] = {}
        for value, index in self._class[name].items():
            self._class[name][value] = first.setdefault(tuple(signatures[index]), index)

    def empty(self) -> State:
        """Return the memory of a case of which nothing is known yet, tables decided."""
        values = [0] * len(self.tracked)
        for part, slot in self.slot.items():
            if part[0] == "var" and part[1] in self.pack.tables:
                output = self.pack.tables[part[1]].decide({})
                values[slot] = self.class_of(part[1], output) if output is not None else 0
        return tuple(values)

    # -- questions

    def _components(self, guard: Guard) -> list[Component]:
        found = set(self._uses[id(guard)].parts)
        for name in self._uses[id(guard)].names:
            inputs = self.pack.tables[name].inputs if name in self.derived else (name,)
            found |= {("var", each) for each in inputs}
        return sorted(found)

    def reads(self, guard: Guard | None) -> list[Component]:
        """Return the components that a guard reads."""
        return self._reads[id(guard)] if guard else []

    def asked(self, state: State) -> AbstractReader:
        """Return a state as a guard reads it, components that are not tracked left out."""
        return self._asked(dict(zip(self.tracked, state, strict=True)), {})

    def as_read(self, values: Mapping[Component, int], facts: Mapping[str, Value]) -> AbstractReader:
        """Return an abstract case as a guard reads it, some facts (table outputs too) given as they are."""
        read = self._asked(values, {})
        return AbstractReader({**read.facts, **facts}, read.values, read.overdue, self.domains)

    def _asked(self, values: Mapping[Component, int], overdue: Mapping[str, bool]) -> AbstractReader:
        facts = {part[1]: self.domains[part][v] for part, v in values.items() if part[0] == "var" and v}
        for name in self.derived:
            if all(("var", each) in values for each in self.pack.tables[name].inputs):
                output = self.pack.tables[name].decide(facts)
                if output is not None:
                    facts[name] = output
        late = {key: is_late and self._may_be_late(key, values) for key, is_late in overdue.items()}
        return AbstractReader(facts, values, late, self.domains)

    def _may_be_late(self, key: str, values: Mapping[Component, int]) -> bool:
        """Return whether a duty is open, or for `passed` has been, so that its time can be over."""
        if key in self._opening:
            return any(values.get(part, 0) for part in self._opening[key])
        return values.get(("duty", key), OPEN) == OPEN

    def holds(self, guard: Guard | None, state: State) -> tuple[bool, bool]:
        """Return (may hold, may fail); both where the answer hangs on what is not tracked."""
        if guard is None:
            return True, False
        reads = self._reads[id(guard)]
        slot = self.slot
        key = tuple([state[slot[part]] for part in reads if part in slot])
        memo = self._answers[id(guard)]
        if key not in memo:
            fixed = dict(zip([part for part in reads if part in slot], key, strict=True))
            free = [part for part in reads if part not in slot]
            late = sorted(self._uses[id(guard)].overdue)
            answers = {
                guard.holds(
                    self._asked(fixed | dict(zip(free, values, strict=True)), dict(zip(late, times, strict=True)))
                )
                for values in product(*(self.choices(part) for part in free))
                for times in product((False, True), repeat=len(late))
            }
            memo[key] = True in answers, False in answers
        return memo[key]

    def may_hold(self, guard: Guard, values: Mapping[Component, int]) -> bool:
        """Return whether a condition holds with these values of all that it reads, a limit past or not."""
        late = sorted(self._uses[id(guard)].overdue)
        return any(
            guard.holds(self._asked(values, dict(zip(late, times, strict=True))))
            for times in product((False, True), repeat=len(late))
        )

    def is_needed(self, stage: Stage, values: Mapping[Component, int]) -> bool:
        """Return whether a stage is asked with these values; one that reads an absent value is not skipped."""
        if stage.where is None:
            return True
        facts = self._asked(values, {}).facts
        return any(name not in facts for name in stage.where.names) or self.may_hold(stage.where, values)


def _key(value: Value) -> Value:
    return repr(value) if isinstance(value, list | dict | bool) else value


def _guards(procedure: Procedure) -> Iterator[Guard]:
    for act in procedure.acts.values():
        if act.when:
            yield act.when
    for duty in procedure.duties.values():
        if duty.where:
            yield duty.where
    for chain in procedure.chains.values():
        for stage in chain.stages:
            if stage.where:
                yield stage.where


def ladder_duties(procedure: Procedure) -> Sequence[Component]:
    """Return the duties whose ladders perform acts: whether they are open decides what the clock may do."""
    return [("duty", duty.id) for duty in procedure.duties.values() if any(rung.act for rung in duty.breach)]


def fed_tables(space: Space, fields: Iterable[str]) -> list[Table]:
    """Return the remembered tables that change when these fields are written."""
    changed = set(fields)
    found: list[Table] = []
    grown = True
    while grown:
        grown = False
        for table in space.pack.tables.values():
            if table.id not in changed and changed & set(table.inputs):
                changed.add(table.id)
                grown = True
                found.append(table)
    return [table for table in found if ("var", table.id) in space.domains]
