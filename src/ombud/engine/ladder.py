"""What time does to a case: which rung passes, or which occurrence opens, next and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ombud.engine.limits import RungPlan
from ombud.engine.state import OPEN, Instance, State

OPENING = -1  # in place of a rung: the next occurrence of a schedule opens


class Passing(NamedTuple):
    """Something that time will do. Sorted by instant, then by the order of the file."""

    at: int
    order: int  # of the duty in its file
    instance: int
    rung: int  # OPENING comes after the rungs of its duty at the same instant, see `passings`
    duty: str
    revision: int
    repeat: int  # how often a repeating rung has passed, this time included; else 0


def passings(state: State) -> list[Passing]:
    """Return everything that time has in store as the case stands, soonest first."""
    return sorted(_all(state), key=_order)


def next_passing(state: State) -> Passing | None:
    """Return what time does next, or None."""
    return min(_all(state), key=_order, default=None)


def _all(state: State) -> Iterator[Passing]:
    for indices in state.open.values():
        for index in indices:
            instance = state.instances[index]
            if instance.plan.rungs:
                yield from _of_instance(instance)
    yield from _openings(state)


def _order(passing: Passing) -> tuple[int, int, bool, int, int]:
    return passing.at, passing.order, passing.rung == OPENING, passing.instance, passing.rung


def _openings(state: State) -> Iterator[Passing]:
    for id, series in state.series.items():
        if not series.is_paused:
            order = state.program.duties[id].index
            yield Passing(series.due, order, state.made[id] + 1, OPENING, id, series.occurrence + 1, 0)


def _of_instance(instance: Instance) -> Iterator[Passing]:
    if instance.status != OPEN:
        return
    plan = instance.plan
    gravest = _gravest(instance) if instance.was_past else None
    for rung in plan.rungs:
        repeat = 0
        if rung.every is not None:
            next_repeat = _next_repeat(instance, rung)
            if next_repeat is None:
                continue
            moment, repeat = next_repeat
        elif instance.due is None or rung.index in instance.fired:
            continue
        else:
            moment = rung.instant(instance.due)
            if moment < instance.armed:
                if gravest != rung.index:
                    continue
                moment = instance.armed
            moment = max(moment, instance.awake)
        yield Passing(moment, plan.index, instance.number, rung.index, plan.id, instance.revision, repeat)


def _gravest(instance: Instance) -> int | None:
    """Return the last of the rungs that had passed before an instance was opened past its due time."""
    assert instance.due is not None, "past due, so there is a due time"
    passed = [(rung.instant(instance.due), rung.index) for rung in instance.plan.rungs if rung.every is None]
    silent = [each for each in passed if each[0] < instance.armed]
    return max(silent)[1] if silent else None


def _next_repeat(instance: Instance, rung: RungPlan) -> tuple[int, int] | None:
    """Return when a repeating rung passes next and its number; None once the duty is due."""
    limit = rung.every
    assert limit is not None, "only a repeating rung has an interval"
    repeat = dict(instance.repeats).get(rung.index, 0)
    while True:
        repeat += 1
        moment = limit.due(instance.opened_at, {}, (), repeat).at
        if instance.due is not None and moment >= instance.due:
            return None
        if moment >= instance.armed and moment >= instance.awake:
            return moment, repeat
