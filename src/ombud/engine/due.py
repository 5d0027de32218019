"""When an instance is due: its limit, pauses, extensions, and the duties that wait for an approval."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from ombud.engine.finding import held, least_due
from ombud.engine.limits import LimitPlan, Span
from ombud.engine.model import IN_TIME
from ombud.engine.pauses import pauses_of
from ombud.engine.state import OPEN, PAUSED, Floor, Instance, State
from ombud.policy.model.values import Value
from ombud.worktime import Due


class Deadline(NamedTuple):
    """What decides when an instance is due, but for the pauses: whenever it is counted anew, it comes out the same."""

    limit: LimitPlan
    anchor: int  # what the limit is counted from
    times: int  # how many limits long
    floor: Floor | None  # before which it is not due
    extended: Due | None  # the date or instant before which it is not due either

    def due(self, facts: Mapping[str, Value], pauses: list[Span]) -> Due:
        """Return when it is due with these pauses, all of which are over."""
        at, provisional = self.limit.due(self.anchor, facts, pauses, self.times)
        if self.floor is not None:
            at = max(at, least_due(self.floor, self.limit, pauses))
        if self.extended is not None and self.extended.at > at:
            # What would fall due in a pause, had it not been one, does when the pause ends.
            over = (end for start, end in pauses if start <= self.extended.at < end)
            return Due(next(over, self.extended.at), self.extended.provisional)
        return Due(at, provisional)


def settle(state: State, instance: Instance, *, is_limit_new: bool = False) -> None:
    """Bring due time and status up to date with limit, anchor and pauses, as is found now."""
    plan, limit, old = instance.plan, instance.limit, instance.due
    if limit is None:
        instance.status = PAUSED if state.phase in plan.pause else OPEN
        longer = _extended(state, instance)
        move_due(state, instance, longer.at if longer else None, longer is not None and longer.provisional)
        return
    spans: list[Span] = []
    running = None
    if plan.pause:
        spans, running = pauses_of(state, plan.pause, instance.anchor)
    deadline = Deadline(limit, instance.anchor, instance.times, instance.not_due_before, _extended(state, instance))
    due, provisional = deadline.due(state.facts, spans)
    if old is not None and not state.is_history:
        due = held(state, instance, due, spans, running, old=old, is_limit_new=is_limit_new)
    if running is not None and instance.breached_at is not None:
        refute_breach(state, instance, running)
    was_paused = instance.status == PAUSED
    # A pause that begins after the due time changes nothing: the duty stays overdue.
    instance.status = PAUSED if running is not None and running <= due else OPEN
    if was_paused:
        instance.resumed_at = state.found
    move_due(state, instance, due, provisional)


def extension(state: State, instance: Instance, value: Value) -> Due:
    """Return when an instance would be due if it were extended to a date or an instant."""
    if isinstance(value, int):
        return Due(value, False)
    calendar = instance.limit.calendar if instance.limit else state.program.calendar
    return calendar.due_on(date.fromisoformat(value))


def due_unextended(state: State, instance: Instance, at: int) -> int | None:
    """Return when an instance would be due had it not been extended; a pause that runs is taken to end at `at`."""
    plan, limit = instance.plan, instance.limit
    if limit is None:
        return min((each.due for id in plan.follows for each in state.owed(id) if each.due is not None), default=None)
    spans, running = pauses_of(state, plan.pause, instance.anchor) if plan.pause else ([], None)
    if running is not None and running < at:
        spans = [*spans, (running, at)]
    return Deadline(limit, instance.anchor, instance.times, instance.not_due_before, None).due(state.facts, spans).at


def _extended(state: State, instance: Instance) -> Due | None:
    return None if instance.extended is None else extension(state, instance, instance.extended[1])


def move_due(state: State, instance: Instance, due: int | None, provisional: bool) -> None:
    """Set the due time; a change makes a new revision, at which rungs before the finding are silent."""
    instance.is_provisional = provisional
    if due == instance.due:
        return
    if instance.due is not None:
        instance.revision += 1
        instance.fired = ()
        instance.rungs_from = state.found
        instance.was_past = False
    instance.due = due


def follow(state: State) -> None:
    """Give stages without a time of their own the due time of the earliest duty that waits for the approval."""
    for plan in state.program.following:
        for instance in state.owed(plan.id):
            waiting = [each for id in plan.follows for each in state.owed(id)]
            dues = [each.due for each in waiting if each.status == OPEN and each.due is not None]
            if dues:
                if instance.status == PAUSED:
                    instance.status, instance.resumed_at = OPEN, state.found
                old, due = instance.due, min(dues)
                if (longer := _extended(state, instance)) is not None:
                    due = max(due, longer.at)
                if old is not None and not state.is_history:
                    due = held(state, instance, due, [], None, old=old, is_limit_new=False)
                elif old is None and instance.opened_at <= due < state.found:
                    due = state.found  # reached in time, as was found too late
                move_due(state, instance, due, any(each.is_provisional for each in waiting))
                if old is None and due < instance.rungs_from:
                    instance.was_past = True  # what waits for the approval is overdue, so the stage is from the start
            elif waiting:
                instance.status = PAUSED
                if instance.breached_at is not None:
                    _refute_followers(state, instance, waiting)


def note_breach(state: State, instance: Instance) -> None:
    """Put on record that the due time has passed, before something moves or closes the instance."""
    if (
        instance.status == OPEN
        and instance.due is not None
        and instance.due < state.found
        and instance.breached_at is None
    ):
        instance.breached_at = instance.due


def refute_breach(state: State, instance: Instance, since: int) -> None:
    """Take back the breach that was noted before it was known that, since then, nobody had to do it or its clock stood.

    What was breached before the duty was counted anew stays on record.
    """
    breached = instance.breached_at
    if state.schema >= IN_TIME and breached is not None and instance.answerable_from <= breached >= since:
        instance.breached_at = None


def _refute_followers(state: State, instance: Instance, waiting: list[Instance]) -> None:
    """Take back the breach of a stage that is due with duties whose clocks, as is found now, had all stopped before."""
    began = [pauses_of(state, each.plan.pause, each.anchor)[1] for each in waiting]
    known = [each for each in began if each is not None]
    if len(known) == len(waiting):
        refute_breach(state, instance, max(known))
