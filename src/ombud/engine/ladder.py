"""What time does to a case: which rung passes, or which occurrence opens, next and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ombud.engine.limits import RungPlan
from ombud.engine.state import OPEN, Instance, State

OPENING = -1  # in place of a rung: the next occurrence of a schedule opens


class TimedEvent(NamedTuple):
    """Something that time will do. Sorted by instant, then by the order of the file."""

    at: int
    order: int  # of the duty in its file
    instance: int
    rung: int  # OPENING comes after the rungs of its duty at the same instant, see `passings`
    duty: str
    revision: int
    repeat: int  # how often a repeating rung has passed, this time included; else 0


def timed_events(state: State) -> list[TimedEvent]:
    """Return everything that time has in store as the case stands, soonest first."""
    found = [_timed_event(instance, *rung) for instance in _standing(state) for rung in _rungs(instance)]
    return sorted([*found, *_openings(state)], key=_order)


def next_timed_event(state: State) -> TimedEvent | None:
    """Return what time does next, or None."""
    found = None
    for instance in _standing(state):
        soonest = min(_rungs(instance), default=None)
        if soonest is not None and (found is None or soonest[0] <= found.at):
            passing = _timed_event(instance, *soonest)
            if found is None or _order(passing) < _order(found):
                found = passing
    if state.schedules:
        return min([*_openings(state), *([found] if found else ())], key=_order, default=None)
    return found


def _standing(state: State) -> Iterator[Instance]:
    """Yield the instances whose clock runs and whose ladder is not empty."""
    instances = state.instances
    for indices in state.open.values():
        for index in indices:
            instance = instances[index]
            if instance.status == OPEN and instance.plan.rungs:
                yield instance


def _order(passing: TimedEvent) -> tuple[int, int, bool, int, int]:
    return passing.at, passing.order, passing.rung == OPENING, passing.instance, passing.rung


def _openings(state: State) -> Iterator[TimedEvent]:
    for id, schedule in state.schedules.items():
        if not schedule.is_paused:
            order = state.program.duties[id].index
            yield TimedEvent(schedule.due, order, state.made[id] + 1, OPENING, id, schedule.occurrence + 1, 0)


def _timed_event(instance: Instance, at: int, rung: int, repeat: int) -> TimedEvent:
    plan = instance.plan
    return TimedEvent(at, plan.index, instance.number, rung, plan.id, instance.revision, repeat)


def _rungs(instance: Instance) -> list[tuple[int, int, int]]:
    """Return (instant, rung, repeat) of every rung that is still to pass."""
    due, fired, limit = instance.due, instance.fired, instance.limit
    rungs_from, resumed_at = instance.rungs_from, instance.resumed_at
    found = []
    for rung in instance.plan.rungs:
        if rung.every is not None:
            next_repeat = _next_repeat(instance, rung)
            if next_repeat is not None:
                found.append((next_repeat[0], rung.index, next_repeat[1]))
            continue
        if due is None or rung.index in fired:
            continue
        moment = rung.instant(due, limit) if rung.shift is None else due + rung.shift
        if moment < rungs_from:
            if not instance.was_past or rung.index != _gravest(instance):
                continue
            moment = rungs_from
        found.append((moment if moment > resumed_at else resumed_at, rung.index, 0))
    return found


def _gravest(instance: Instance) -> int | None:
    """Return the last of the rungs that had passed before an instance was opened past its due time."""
    assert instance.due is not None, "past due, so there is a due time"
    due, limit = instance.due, instance.limit
    passed = [(rung.instant(due, limit), rung.index) for rung in instance.plan.rungs if rung.every is None]
    silent = [each for each in passed if each[0] < instance.rungs_from]
    return max(silent)[1] if silent else None


def _next_repeat(instance: Instance, rung: RungPlan) -> tuple[int, int] | None:
    """Return when a repeating rung passes next and its number; None once the duty is due."""
    repeat = dict(instance.repeats).get(rung.index, 0)
    while True:
        repeat += 1
        moment = rung.repeat(instance.opened_at, repeat, instance.limit)
        if instance.due is not None and moment >= instance.due:
            return None
        if moment >= instance.rungs_from and moment >= instance.resumed_at:
            return moment, repeat


def next_wake(state: State) -> int | None:
    """Return the next instant at which time does something: a rung passes or an occurrence opens."""
    found = next_timed_event(state)
    return found.at if found else None


def wakes(state: State) -> list[tuple[int, str, int, int, int]]:
    """Return what time will do as (at, duty, instance, revision, rung); rung -1 opens a scheduled occurrence."""
    return [(each.at, each.duty, each.instance, each.revision, each.rung) for each in timed_events(state)]
