"""Acts said otherwise: by another role, from or to another phase, with another fact, without four eyes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ombud.checks.messages import phrase
from ombud.checks.mutation.guards import guard_changes
from ombud.checks.mutation.mutant import Change, Changes, Reach, next_of, said_otherwise
from ombud.checks.mutation.words import phase_word, role_word, value_word
from ombud.checks.wording import act_title
from ombud.policy.guards import with_tree
from ombud.policy.model.acts import Act, Condition, Setting
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import MACHINES


def act_changes(pack: Pack, procedure: Procedure, act: Act) -> Changes:
    """Yield the act with one of its roles, phases, constants or conditions changed."""
    yield from _role_changes(pack, act)
    yield from _phase_changes(procedure, act)
    yield from _setting_changes(pack, act)
    yield from _people_changes(pack, procedure, act)
    for index, condition in enumerate(act.conditions):
        for change in guard_changes(pack, condition.guard):
            conditions = _swapped(act.conditions, index, replace(condition, guard=change.entry))
            entry = replace(act, conditions=conditions, when=_joined(pack, conditions))
            # An automatic act happens wherever its condition holds, so every story can show the difference.
            yield replace(change, entry=entry, reach=Reach.PROCEDURE)


def _role_changes(pack: Pack, act: Act) -> Changes:
    internal = [id for id, role in pack.roles.items() if not role.is_external]
    if set(internal) <= set(act.by):  # everybody may: no role is named
        return
    for index, role in enumerate(act.by):
        other = next_of(internal, role, without=act.by)
        if role in MACHINES or other is None:
            continue
        entry = replace(act, by=_swapped(act.by, index, other))
        yield Change(part="role", old=role_word(pack, role), new=role_word(pack, other), at=act.at, entry=entry)
    for index, role in enumerate(act.tells):
        other = next_of(internal, role, without=[*act.tells, act.contacts or ""])
        if other is not None:
            entry = replace(act, tells=_swapped(act.tells, index, other))
            yield Change(part="tells", old=role_word(pack, role), new=role_word(pack, other), at=act.at, entry=entry)


def _phase_changes(procedure: Procedure, act: Act) -> Changes:
    middle = [id for id, phase in procedure.phases.items() if not phase.is_start and not phase.is_end]
    open_phases = [id for id, phase in procedure.phases.items() if not phase.is_end]
    if set(act.from_phases) != set(middle):  # every phase, where none is written
        for index, phase in enumerate(act.from_phases):
            other = next_of(open_phases, phase, without=act.from_phases)
            if other is not None:
                entry = replace(act, from_phases=_swapped(act.from_phases, index, other))
                yield _phase_change(procedure, act, "from", phase, other, entry)
    if act.to is not None:
        goal = next_of(list(procedure.phases), act.to, without=[_start(procedure)])
        if goal is not None:
            yield _phase_change(procedure, act, "to", act.to, goal, replace(act, to=goal))
    for value, phase in act.choices.items():
        goal = next_of(list(procedure.phases), phase, without=[_start(procedure)])
        if goal is not None:
            entry = replace(act, choices={**act.choices, value: goal})
            yield _phase_change(procedure, act, "to", phase, goal, entry)


def _phase_change(procedure: Procedure, act: Act, part: str, old: str, new: str, entry: Act) -> Change:
    words = phase_word(procedure, old), phase_word(procedure, new)
    return Change(part=part, old=words[0], new=words[1], at=act.at, entry=entry)


def _start(procedure: Procedure) -> str:
    return next(id for id, phase in procedure.phases.items() if phase.is_start)


def _setting_changes(pack: Pack, act: Act) -> Changes:
    for index, setting in enumerate(act.sets):
        for value in _other_values(pack, setting):
            entry = replace(act, sets=_swapped(act.sets, index, replace(setting, value=value)))
            old, new = (value_word(pack, setting.fact, each) for each in (setting.value, value))
            yield Change(part="sets", old=old, new=new, at=act.at, entry=entry)


def _other_values(pack: Pack, setting: Setting) -> Iterator[Any]:
    if setting.kind != "constant":
        return
    value, kind = setting.value, pack.kinds.get(setting.fact)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif kind is not None:
        known = list(pack.departments) if kind.type is FieldType.DEPARTMENT else list(kind.choices)
        other = next_of(known, value)
        if other is not None:
            yield other


def _people_changes(pack: Pack, procedure: Procedure, act: Act) -> Changes:
    """Yield the act without one of its rules on who may not, or must, perform it."""
    for part, names in (("distinct_from", act.distinct_from), ("recuses", act.recuses)):
        for index, name in enumerate(names):
            entry = said_otherwise(act, **{part: names[:index] + names[index + 1 :]})
            yield Change(part=part, old=act_title(pack, procedure, name), new=phrase("none"), at=act.at, entry=entry)
    if act.same_as is not None:
        old = act_title(pack, procedure, act.same_as)
        yield Change(part="same_as", old=old, new=phrase("none"), at=act.at, entry=replace(act, same_as=None))
    if act.qualified is not None:
        old = pack.exams[act.qualified].title
        yield Change(part="qualified", old=old, new=phrase("none"), at=act.at, entry=replace(act, qualified=None))


def _joined(pack: Pack, conditions: Sequence[Condition]) -> Guard:
    guards = [condition.guard for condition in conditions]
    if len(guards) == 1:
        return guards[0]
    whole = replace(
        guards[0],
        names=frozenset().union(*(guard.names for guard in guards)),
        acts=frozenset().union(*(guard.acts for guard in guards)),
        duties=frozenset().union(*(guard.duties for guard in guards)),
        chains=frozenset().union(*(guard.chains for guard in guards)),
    )
    return with_tree(whole, ast.BoolOp(ast.And(), [guard.tree for guard in guards]), pack.kinds, pack.currency)


def _swapped(values: tuple[Any, ...], index: int, value: Any) -> tuple[Any, ...]:
    return (*values[:index], value, *values[index + 1 :])
