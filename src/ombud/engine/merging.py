"""Step 1: what an act carries and sets becomes facts, and the tables that read them are decided again."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.engine.program import ActPlan, Program
from ombud.policy.model.acts import Setting
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import CLOCK, DEPARTMENT, HANDLER, OFFICE, SYSTEM


def merge_facts(
    program: Program,
    facts: dict[str, Value],
    said: dict[str, int],
    plan: ActPlan,
    data: Mapping[str, Value],
    *,
    person: str,
    role: str,
    department: str | None,
    office: str | None,
    at: int,
    in_order: bool,
) -> set[str]:
    """Write into `facts` what the act brings; return the names whose values are different now.

    `said` holds when each fact was said that holds. Facts follow the order in which things happened (`in_order`):
    what an act brings that happened before does not replace it. What the clock took for granted when a time ran out is
    nothing that anybody said: it gives way to what somebody did say before.
    """
    is_said = role != CLOCK
    changed: set[str] = set()
    for name, value in data.items():
        if in_order and said.get(name, at) > at:
            continue
        if is_said:
            said[name] = at
        if facts.get(name) != value:
            facts[name] = value
            changed.add(name)
    for setting in plan.early_sets:
        value = _value(setting, facts, person, role, department, office, at)
        _write(facts, said, setting.fact, value, changed, at, in_order, is_said)
    if changed and not changed.isdisjoint(program.table_reads):
        decide(program, facts, changed)
    if plan.late_sets:
        for setting in plan.late_sets:
            # What this act says of another fact, also where something newer holds there.
            source = data if setting.kind == "name" and setting.value in data else facts
            value = _value(setting, source, person, role, department, office, at)
            _write(facts, said, setting.fact, value, changed, at, in_order, is_said)
        if not changed.isdisjoint(program.table_reads):
            decide(program, facts, changed)
    return changed


def outdated(
    facts: Mapping[str, Value], said: Mapping[str, int], plan: ActPlan, data: Mapping[str, Value], at: int, pack: Pack
) -> list[str]:
    """Return what an act that happened at `at` says of facts that were said anew since, and that it leaves alone."""
    anew = {
        name for name in data if name in pack.fields and pack.fields[name].is_anew
    }  # said with every act, as reasons
    set_here = {setting.fact for setting in (*plan.early_sets, *plan.late_sets)}
    return [
        name
        for name in dict.fromkeys((*data, *sorted(set_here)))
        if said.get(name, at) > at and name not in anew and not (name in data and data[name] == facts.get(name))
    ]


def chosen(plan: ActPlan, data: Mapping[str, Value], facts: Mapping[str, Value]) -> Value:
    """Return the choice of an act whose next phase hangs on one: its own, whatever was said since."""
    name = plan.choice or ""
    return data[name] if name in data else facts.get(name)


def clear(facts: dict[str, Value], said: dict[str, int], name: str, at: int) -> bool:
    """Let a fact be unknown from `at` on; return whether it was known."""
    said[name] = at
    return facts.pop(name, None) is not None


def arrive(
    facts: dict[str, Value], said: dict[str, int], at: int, *, person: str, department: str | None, office: str | None
) -> set[str]:
    """Write where a case begins: the office of its first event, and the department if the machine opened it."""
    changed: set[str] = set()
    if office is not None and OFFICE not in facts:
        facts[OFFICE], said[OFFICE] = office, at
        changed.add(OFFICE)
    if person == SYSTEM and department is not None:
        facts[DEPARTMENT], said[DEPARTMENT] = department, at
        changed.add(DEPARTMENT)
    return changed


def decide(program: Program, facts: dict[str, Value], changed: set[str]) -> None:
    """Decide every table that reads a changed fact; tables come after those whose outputs they read."""
    for table in program.tables:
        if changed.isdisjoint(table.inputs):
            continue
        output = table.decide(facts)
        if output == facts.get(table.id):
            continue
        changed.add(table.id)
        if output is None:
            del facts[table.id]
        else:
            facts[table.id] = output


def _value(
    setting: Setting,
    facts: Mapping[str, Value],
    person: str,
    role: str,
    department: str | None,
    office: str | None,
    at: int,
) -> Value:
    """Return what an act sets a fact to."""
    match setting.kind:
        case "name":
            return facts.get(setting.value)
        case "actor":
            return person
        case "actor_department":
            return department
        case "actor_office":
            return office
        case "actor_role":
            return role
        case "instant":
            return at
    return setting.value


def _write(
    facts: dict[str, Value],
    said: dict[str, int],
    name: str,
    value: Value,
    changed: set[str],
    at: int,
    in_order: bool,
    is_said: bool,
) -> None:
    if value is None or (in_order and said.get(name, at) > at):
        return
    if is_said:
        said[name] = at
    if facts.get(name) == value:
        return
    facts[name] = value
    changed.add(name)
    # A new department or office names its own handler.
    is_place = name in (DEPARTMENT, OFFICE) and not (in_order and said.get(HANDLER, at) > at)
    if is_place and clear(facts, said, HANDLER, at):
        changed.add(HANDLER)
