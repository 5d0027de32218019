"""When an instance is due: its limit, pauses, extensions, and the duties that wait for an approval."""

from __future__ import annotations

from datetime import date

from ombud.engine.limits import Span
from ombud.engine.pauses import pauses_of
from ombud.engine.state import OPEN, PAUSED, Instance, State
from ombud.policy.model import Value
from ombud.worktime import Due


def settle(state: State, instance: Instance, at: int) -> None:
    """Bring due time and status up to date with limit, anchor and pauses."""
    plan, limit = instance.plan, instance.limit
    if limit is None:
        instance.status = PAUSED if state.phase in plan.pause else OPEN
        longer = _extended(state, instance)
        move_due(instance, longer.at if longer else None, longer is not None and longer.provisional, at)
        return
    if plan.pause:
        spans, running = pauses_of(state, plan.pause, instance.anchor)
        due, provisional = limit.due(instance.anchor, state.facts, spans, instance.times)
    else:
        spans, running = [], None
        due, provisional = limit.due(instance.anchor, state.facts, (), instance.times)
    if instance.floor is not None and due < instance.floor:
        due = _after_pause(instance.floor, spans)
    if (longer := _extended(state, instance)) is not None and longer.at > due:
        due, provisional = _after_pause(longer.at, spans), longer.provisional
    was_paused = instance.status == PAUSED
    # A pause that begins after the due time changes nothing: the duty stays overdue.
    instance.status = PAUSED if running is not None and running <= due else OPEN
    if was_paused:
        instance.awake = at
    move_due(instance, due, provisional, at)


def _after_pause(at: int, spans: list[Span]) -> int:
    """Return when it falls due: what would have done so in a pause, had it not been one, does when the pause ends."""
    return next((end for start, end in spans if start <= at < end), at)


def extension(state: State, instance: Instance, value: Value) -> Due:
    """Return when an instance would be due if it were extended to a date or an instant."""
    if isinstance(value, int):
        return Due(value, False)
    calendar = instance.limit.calendar if instance.limit else state.program.calendar
    return calendar.due_on(date.fromisoformat(value))


def _extended(state: State, instance: Instance) -> Due | None:
    return None if instance.extended is None else extension(state, instance, instance.extended[1])


def move_due(instance: Instance, due: int | None, provisional: bool, at: int) -> None:
    """Set the due time; a change makes a new revision, at which rungs before the event are silent."""
    instance.is_provisional = provisional
    if due == instance.due:
        return
    if instance.due is not None:
        instance.revision += 1
        instance.fired = ()
        instance.armed = at
        instance.was_past = False
    instance.due = due


def follow(state: State, at: int) -> None:
    """Give stages without a time of their own the due time of the earliest duty that waits for the approval."""
    for plan in state.program.following:
        for instance in state.owed(plan.id):
            waiting = [each for id in plan.follows for each in state.owed(id)]
            dues = [each.due for each in waiting if each.status == OPEN and each.due is not None]
            if dues:
                if instance.status == PAUSED:
                    instance.status, instance.awake = OPEN, at
                is_new, due = instance.due is None, min(dues)
                if (longer := _extended(state, instance)) is not None:
                    due = max(due, longer.at)
                move_due(instance, due, any(each.is_provisional for each in waiting), at)
                if is_new and due < instance.armed:
                    instance.was_past = True  # what waits for the approval is overdue, so the stage is from the start
            elif waiting:
                instance.status = PAUSED


def note_breach(instance: Instance, at: int) -> None:
    if instance.status == OPEN and instance.due is not None and instance.due < at and instance.breached_at is None:
        instance.breached_at = instance.due
