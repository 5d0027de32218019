"""Which facts every path has brought by a given point: what the acts on the way need, set or make sure of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ombud.checks.tables.geometry import may_decide_nothing
from ombud.policy.model.acts import Act
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Table
from ombud.policy.procedure import acts_of, decided_to, led, origins_of


def implied(guard: Guard | None) -> frozenset[str]:
    """Return the fields that are surely there when the guard holds (a comparison with an absent value is false)."""
    return frozenset(_implied(guard.tree) & guard.names) if guard else frozenset()


def _implied(node: ast.expr) -> set[str]:
    if isinstance(node, ast.BoolOp):
        sides = [_implied(value) for value in node.values]
        return set.union(*sides) if isinstance(node.op, ast.And) else set.intersection(*sides)
    if isinstance(node, ast.UnaryOp):
        return set()
    if isinstance(node, ast.Call):
        is_known = isinstance(node.func, ast.Name) and node.func.id == "known"
        return {each.id for each in node.args if isinstance(each, ast.Name)} if is_known else set()
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def brought(act: Act) -> frozenset[str]:
    """Return the facts that are surely there after an act."""
    return frozenset(act.needs) | {each.fact for each in act.sets if each.kind != "name"} | implied(act.when)


def known_by_phase(procedure: Procedure) -> dict[str, frozenset[str]]:
    """Return for every phase the facts that every path to it has brought; an unreached phase has none."""
    known: dict[str, frozenset[str]] = {p.id: frozenset() for p in procedure.phases.values() if p.is_start}
    origins = origins_of(procedure)
    work = list(known)
    while work:
        phase = work.pop()
        for act in procedure.acts.values():
            if phase not in act.from_phases:
                continue
            after = known[phase] | brought(act)
            leads = led(act, phase, origins)
            if act.starts is not None:
                leads |= {there for here in leads for there in decided_to(procedure.chains[act.starts], here)}
            for target in leads:
                held = known.get(target)
                now = after if held is None else held & after
                if target in procedure.phases and now != held:
                    known[target] = now
                    work.append(target)
    return known


def reads(pack: Pack, table: str, names: Iterable[str]) -> bool:
    """Return whether any of the names is the table or a table fed by it."""
    return any(
        name == table or (name in pack.tables and reads(pack, table, pack.tables[name].inputs)) for name in names
    )


def limit_names(limit: Limit | None) -> Iterator[str]:
    """Yield the fields and tables that a limit hangs on."""
    if limit is None:
        return
    for name in (limit.by, limit.field):
        if name:
            yield name
    for case in (*limit.cases.values(), limit.otherwise):
        yield from limit_names(case)


def readings(pack: Pack, procedure: Procedure, table: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield (act or outcome, facts made sure of) for every point at which the table has to have an output."""
    for duty in procedure.duties.values():
        sure = implied(duty.where)
        where = duty.where.names if duty.where else frozenset()
        held_by = [duty.bearer.name] if duty.bearer.kind == "field" else []
        if reads(pack, table, [*where, *limit_names(duty.limit), *held_by]):
            yield from ((act, sure) for act in duty.after)
    for chain in procedure.chains.values():
        names = [name for stage in chain.stages for name in (*(stage.where.names if stage.where else ()),)]
        names += [name for stage in chain.stages for name in limit_names(stage.within)]
        if reads(pack, table, names):
            yield from ((act.id, frozenset()) for act in procedure.acts.values() if act.starts == chain.id)
    for act in procedure.acts.values():
        if any(each.kind == "name" and reads(pack, table, [each.value]) for each in act.sets):
            yield act.id, frozenset()


def known_at(procedure: Procedure, known: dict[str, frozenset[str]], name: str) -> frozenset[str] | None:
    """Return the facts that are there once an act or outcome has happened; None where it never can."""
    ways = [
        known[phase] | brought(act) for act in acts_of(procedure, name) for phase in act.from_phases if phase in known
    ]
    return frozenset.intersection(*ways) if ways else None


def absent_inputs(pack: Pack, table: Table) -> frozenset[str]:
    """Return the inputs that may be missing where the table's output is relied on."""
    missing: set[str] = set()
    for procedure in pack.procedures.values():
        known = known_by_phase(procedure)
        for name, sure in readings(pack, procedure, table.id):
            there = known_at(procedure, known, name)
            if there is not None:
                missing |= {each for each in table.inputs if may_lack(pack, each, there | sure)}
    return frozenset(missing)


def may_lack(pack: Pack, name: str, known: frozenset[str]) -> bool:
    """Return whether a field, or a table's output, may be absent when these facts are known."""
    if name not in pack.tables:
        return name not in known
    table = pack.tables[name]
    lacking = {each for each in table.inputs if may_lack(pack, each, known)}
    sources = [pack.tables[each] if each in pack.tables else pack.fields[each] for each in table.inputs]
    return may_decide_nothing(table, sources, absent=lacking)
