"""Step 1: what an act carries and sets becomes facts, and the tables that read them are decided again."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.engine.program import ActPlan, Program
from ombud.policy.model import Setting, Value
from ombud.policy.vocabulary import DEPARTMENT, HANDLER, OFFICE, SYSTEM


def merge_facts(
    program: Program,
    facts: dict[str, Value],
    plan: ActPlan,
    data: Mapping[str, Value],
    *,
    person: str,
    role: str,
    department: str | None,
    office: str | None,
    at: int,
) -> set[str]:
    """Write into `facts` what the act brings; return the names whose values are different now."""
    changed: set[str] = set()
    for name, value in data.items():
        if facts.get(name) != value:
            facts[name] = value
            changed.add(name)
    for setting in plan.early_sets:
        value = _value(setting, facts, person, role, department, office, at)
        _write(facts, setting, value, changed)
    if changed and not changed.isdisjoint(program.table_reads):
        decide(program, facts, changed)
    if plan.late_sets:
        for setting in plan.late_sets:
            _write(facts, setting, _value(setting, facts, person, role, department, office, at), changed)
        if not changed.isdisjoint(program.table_reads):
            decide(program, facts, changed)
    return changed


def arrive(facts: dict[str, Value], *, person: str, department: str | None, office: str | None) -> set[str]:
    """Write where a case begins: the office of its first event, and the department if the machine opened it."""
    changed: set[str] = set()
    if office is not None and OFFICE not in facts:
        facts[OFFICE] = office
        changed.add(OFFICE)
    if person == SYSTEM and department is not None:
        facts[DEPARTMENT] = department
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


def _write(facts: dict[str, Value], setting: Setting, value: Value, changed: set[str]) -> None:
    name = setting.fact
    if value is None or facts.get(name) == value:
        return
    facts[name] = value
    changed.add(name)
    if name in (DEPARTMENT, OFFICE) and facts.pop(HANDLER, None) is not None:
        changed.add(HANDLER)  # the new department or office names its own
