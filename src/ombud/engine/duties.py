"""Duty instances: opening, discharging, ending, extending, and looking at them again."""

from __future__ import annotations

from collections.abc import Iterable

from ombud.engine.due import move_due, note_breach, refute_breach, settle
from ombud.engine.finding import opened_late
from ombud.engine.limits import LimitPlan
from ombud.engine.pauses import pauses_of
from ombud.engine.program import DutyPlan
from ombud.engine.state import CANCELLED, ENDED, LATE, MET, OPEN, PAUSED, VOID, WAIVED, Floor, Instance, Schedule, State
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import TRIGGER

_CLOSES_THE_MATTER = frozenset({MET, LATE, WAIVED})


# Closing


def discharge(state: State, plan: DutyPlan, at: int) -> bool:
    """Close every open instance that the act at `at` answers; return whether there was one."""
    indices = state.open.get(plan.id)
    if not indices:
        return False
    closed = 0
    for index in indices:
        instance = state.instances[index]
        if instance.answerable_from <= at or plan.early:
            _fulfil(state, instance, at)
            closed += 1
    if closed == len(indices):
        del state.open[plan.id]
    elif closed:
        left = (index for index in indices if state.instances[index].status in (OPEN, PAUSED))
        state.open[plan.id] = tuple(left)
    return closed > 0


def end(state: State, plan: DutyPlan, at: int | None = None) -> None:
    """End what is open of a duty: its `until` has come at `at`, or nothing will follow it any more (None)."""
    state.schedules.pop(plan.id, None)
    _close_all(state, plan, ENDED, at)


def waive(state: State, plan: DutyPlan) -> None:
    """Let whoever owes a duty off; what was breached stays breached, however early that was said to be decided."""
    _close_all(state, plan, WAIVED)


def extend(state: State, instance: Instance, to: tuple[str, Value]) -> None:
    """Let an instance be due no earlier than the date or instant that a field gives."""
    note_breach(state, instance)
    instance.extended = to
    settle(state, instance)


def cancel_all(state: State, at: int) -> None:
    """Cancel everything that an end phase, reached at `at`, finds open."""
    for id in list(state.open):
        _close_all(state, state.program.duties[id], CANCELLED, at)
    state.schedules.clear()
    for run in state.runs.values():
        if run.status == "pending":
            run.status = VOID


def _close_all(state: State, plan: DutyPlan, status: str, at: int | None = None, regraded: bool = False) -> None:
    """Close what is open; `at` is when it was over, None where that is found only now."""
    for index in state.open.pop(plan.id, ()):
        instance = state.instances[index]
        note_breach(state, instance)
        if at is not None:
            refute_breach(state, instance, at)
        instance.status = status
        instance.closed_seq = state.seq
        instance.was_regraded = regraded


def _fulfil(state: State, instance: Instance, at: int) -> None:
    """Close an instance: `late` where a breach is on record, `met` where none is.

    What was done in time but entered after it takes back the breach that was noted meanwhile. Other breaches stay, also
    where a restart, an extension or another limit has given the duty a later due time since.
    """
    due = instance.due
    is_late = due is not None and at > due and instance.status == OPEN
    if not state.is_history and instance.breached_at is not None:
        is_late = at > instance.breached_at
        if not is_late:
            instance.breached_at = None
    instance.status = LATE if is_late else MET
    instance.done_at = at
    instance.closed_seq = state.seq
    if is_late and instance.breached_at is None:
        instance.breached_at = due


# Opening


def trigger(state: State, plans: Iterable[DutyPlan], at: int) -> None:
    """Do what an event means for the duties that have it in `after`."""
    mark = (state.seq, at)
    for plan in plans:
        if plan.remembers_trigger:
            state.triggers[plan.id] = mark
        if plan.where is None or plan.where.holds(state):
            _answer(state, plan, at)


def _answer(state: State, plan: DutyPlan, at: int) -> None:
    """Open a duty, or do what it says where it is open already."""
    id = plan.id
    if id in state.open or id in state.schedules:
        if plan.retrigger == "keep":
            return
        if plan.retrigger == "restart":
            if plan.id in state.schedules:
                restart_schedule(state, plan, at)
            if plan.id in state.open:
                _restart(state, state.instances[state.open[plan.id][-1]], at)
                return
    open_instance(state, plan, at, at if plan.anchor is None else anchor_of(state, plan, at))


def rearm(state: State, plan: DutyPlan, at: int) -> None:
    """Open the next occurrence of a duty that recurs from the last time it was done: that was its trigger."""
    if plan.remembers_trigger:
        state.triggers[plan.id] = (state.seq, at)
    if plan.id in state.open or (plan.where is not None and not plan.where.holds(state)):
        return
    done = [state.log[name].occurred for name in plan.do if name in state.log]
    open_instance(state, plan, at, anchor=max(done, default=at))


def open_instance(
    state: State, plan: DutyPlan, at: int, anchor: int, times: int = 1, *, is_limit_new: bool = False
) -> Instance | None:
    """Open an instance, unless it would be past due and the pack skips those.

    `is_limit_new`: not its trigger opens it, but a condition that was found to hold later.
    """
    id = plan.id
    number = state.made.get(id, 0) + 1
    instance = Instance(plan, number, at, state.seq, anchor, state.found)
    if times != 1:
        instance.times = times
    if plan.limit is not None:
        limit = plan.limit.pick(state) if plan.limit.is_graded else plan.limit
        instance.limit = limit
        if limit is None or (plan.pause and state.has_paused):
            settle(state, instance)
        elif limit.seconds is not None:
            instance.due = anchor + limit.seconds * times
        else:
            instance.due, provisional = limit.due(anchor, state.facts, (), times)
            if provisional:
                instance.is_provisional = True
    done_at = _done_before(state, plan) if plan.early else None
    if instance.due is not None and (instance.due < state.found or plan.react is not None):
        if plan.if_past == "skip" and instance.due < at and instance.status == OPEN:
            return None
        if done_at is None or plan.if_past == "now":
            _hold_opening(state, instance, at, is_limit_new=is_limit_new)
    state.made[id] = number
    state.instances.append(instance)
    if times == 1 and plan.recurs == "schedule" and instance.limit is not None:
        state.schedules[id] = Schedule(anchor, instance.limit, due=instance.due or at, paused=instance.status == PAUSED)
    if done_at is not None:
        _fulfil(state, instance, done_at)  # late where the trigger was recorded after it, from before its limit ended
    else:
        state.open[id] = (*state.open.get(id, ()), len(state.instances) - 1)
    return instance


def _done_before(state: State, plan: DutyPlan) -> int | None:
    """Return when the duty was done ahead of its trigger, if that did not answer an earlier instance already."""
    used = max((each.closed_seq for each in state.instances if each.plan.id == plan.id), default=0)
    done = [state.log[name] for name in plan.do if name in state.log]
    fresh = [entry.occurred for entry in done if used < entry.seq < state.seq]
    return max(fresh, default=None)


def anchor_of(state: State, plan: DutyPlan, at: int) -> int:
    """Return the instant that the limit counts from, for an instance opened by an event at `at`."""
    if plan.anchor is None:
        return at
    if plan.anchor_is_field:
        value = state.facts.get(plan.anchor)
        limit = plan.limit.pick(state) if plan.limit else None
        return at if value is None or limit is None else limit.start_of(value)
    if plan.anchor == TRIGGER:
        triggered = state.triggers.get(plan.id)
        return triggered[1] if triggered else at
    entry = state.log.get(plan.anchor)
    return entry.occurred if entry else at


def _restart(state: State, instance: Instance, at: int) -> None:
    """Count an open instance anew; what was breached stays breached."""
    note_breach(state, instance)
    instance.answerable_from = at
    instance.anchor = anchor_of(state, instance.plan, at)
    instance.not_due_before, instance.extended, instance.times = None, None, 1
    assert instance.plan.limit is not None, "a duty with `after` has a limit"
    instance.limit = instance.plan.limit.pick(state, instance.bearer)
    old = instance.due
    settle(state, instance)
    if instance.due is not None and instance.due != old and instance.due < state.found:
        _hold_opening(state, instance, at, is_limit_new=False)


def _hold_opening(state: State, instance: Instance, at: int, *, is_limit_new: bool) -> None:
    """Let an instance whose time is over from the start be due when that was found, or as its `if_past` says."""
    least = opened_late(state, instance, at, is_limit_new=is_limit_new)
    if least is None:
        return
    instance.not_due_before = Floor(least, None if state.is_history else state.found)
    if instance.opened_seq == state.seq:
        instance.due = least  # still its first due time
    else:
        move_due(state, instance, least, instance.is_provisional)
    if instance.plan.pause and state.has_paused:
        settle(state, instance)  # the later due time may lie in a pause


def settle_phases(state: State, concerned: set[str]) -> None:
    """Pause, resume and count anew what the stays in these phases concern."""
    for instance in state.all_owed():
        if not concerned.isdisjoint(instance.plan.pause):
            settle(state, instance)
    for id, schedule in state.schedules.items():
        plan = state.program.duties[id]
        if not concerned.isdisjoint(plan.pause):
            settle_schedule(state, plan, schedule)


# Regrading


def regrade(state: State, plan: DutyPlan, at: int) -> None:
    """Look at a duty's `where` and limit again."""
    indices = state.open.get(plan.id)
    if indices is None:
        triggered = state.triggers.get(plan.id)
        if triggered is None or triggered[0] == state.seq:
            return  # nothing to open, or the trigger itself has just looked
    elif state.instances[indices[0]].opened_seq == state.seq:
        return  # opened by this very event, on these very facts
    if plan.where is not None:
        if not plan.where.holds(state):
            _close_all(state, plan, ENDED, regraded=True)
            return
        if plan.id not in state.open:
            _reopen(state, plan, at)
    for instance in state.owed(plan.id):
        relimit(state, instance, at)
    if plan.id in state.schedules:
        settle_schedule(state, plan, state.schedules[plan.id])


def relimit(state: State, instance: Instance, at: int) -> None:
    """Recompute the due time where another limit, calendar or anchor holds now."""
    plan = instance.plan
    if plan.limit is None:
        return
    limit = plan.limit.pick(state, instance.bearer)
    anchor = anchor_of(state, plan, at) if plan.anchor_is_field else instance.anchor
    if limit is instance.limit and anchor == instance.anchor and (limit is None or limit.field is None):
        return
    _count_anew(state, instance, limit, anchor)


def recount(state: State, instance: Instance, *, anchor: int) -> None:
    """Recompute the due time on another calendar edition or version, under the same rule as regrading."""
    limit = instance.plan.limit.pick(state, instance.bearer) if instance.plan.limit else None
    _count_anew(state, instance, limit, anchor)


def _count_anew(state: State, instance: Instance, limit: LimitPlan | None, anchor: int) -> None:
    old = instance.due
    note_breach(state, instance)
    instance.limit, instance.anchor = limit, anchor
    if not state.is_history:
        instance.not_due_before = None  # `settle` finds it anew
        instance.resumed_at = state.found  # on another calendar a warning may lie earlier, though due is the same
    elif old is not None:
        instance.not_due_before = Floor(min(old, state.found), None)
    settle(state, instance, is_limit_new=True)


def _reopen(state: State, plan: DutyPlan, at: int) -> None:
    """Open a duty whose `where` has become true, if a trigger has happened and nobody has dealt with it since."""
    if plan.id not in state.triggers:
        return
    triggered, _ = state.triggers[plan.id]
    since = [
        index
        for index, each in enumerate(state.instances)
        if each.plan.id == plan.id and _closed_since(each, triggered)
    ]
    if any(state.instances[index].status in _CLOSES_THE_MATTER for index in since):
        return
    if any(state.log[name].seq > triggered for name in plan.until if name in state.log):
        return  # its end has come: what was no longer owed then is not owed now
    regraded = [index for index in since if state.instances[index].was_regraded]
    for index in regraded:
        # A closed instance is shared with copies of the state, so a new object takes its place.
        instance = state.instances[index] = state.instances[index].copy()
        instance.plan = plan  # the calendar edition may have changed meanwhile
        _give_back(state, instance, at)
        state.open[plan.id] = (*state.open.get(plan.id, ()), index)
    if regraded:
        return
    if schedule := state.schedules.get(plan.id):
        open_instance(state, plan, at, anchor=schedule.anchor, times=schedule.occurrence, is_limit_new=True)
    else:
        open_instance(state, plan, at, anchor=anchor_of(state, plan, at), is_limit_new=True)


def _give_back(state: State, instance: Instance, at: int) -> None:
    """Let an instance be owed again with its old count; while nobody owed it nobody became late."""
    instance.status, instance.was_regraded, instance.closed_seq = OPEN, False, 0
    settle(state, instance)
    instance.rungs_from = max(instance.rungs_from, state.found)
    if instance.breached_at is None and not state.is_history:
        least = opened_late(state, instance, at, is_limit_new=True)
        if least is not None:
            instance.not_due_before = Floor(least, state.found)
            settle(state, instance)
    instance.was_past = instance.due is not None and instance.due < state.found


def _closed_since(each: Instance, triggered: int) -> bool:
    """Return whether an instance was closed after a trigger: within one event, discharging comes before opening."""
    if each.closed_seq == triggered:
        return each.was_regraded or each.opened_seq == triggered
    return each.closed_seq > triggered


# Schedules


def restart_schedule(state: State, plan: DutyPlan, at: int) -> None:
    schedule = state.schedules[plan.id]
    schedule.anchor, schedule.occurrence = anchor_of(state, plan, at), 1
    settle_schedule(state, plan, schedule)


def open_occurrence(state: State, plan: DutyPlan, at: int) -> None:
    """Open the next occurrence of a schedule: what the `open` event does. It is the occurrence's own trigger."""
    if plan.remembers_trigger:
        state.triggers[plan.id] = (state.seq, at)
    schedule = state.schedules[plan.id]
    schedule.occurrence += 1
    settle_schedule(state, plan, schedule)
    if plan.where is None or plan.where.holds(state):
        open_instance(state, plan, at, anchor=schedule.anchor, times=schedule.occurrence)


def settle_schedule(state: State, plan: DutyPlan, schedule: Schedule) -> None:
    """Compute when the occurrence opened last is due, which is when the next one opens; not while paused."""
    limit = plan.limit.pick(state) if plan.limit else None
    if limit is not None:
        schedule.limit = limit
    spans, running = pauses_of(state, plan.pause, schedule.anchor) if plan.pause else ([], None)
    schedule.due = schedule.limit.due(schedule.anchor, state.facts, spans, schedule.occurrence).at
    schedule.is_paused = running is not None and running <= schedule.due
