"""A case whose last entries lie ahead of a clock that was set back goes on from now: what lay ahead counts as of now.

Events stay as they were written, and so do closed duties. What is owed is counted anew from the repair where it was
counted from ahead of it, and what time did ahead of it (warnings, breaches) comes again when its time has come.
"""

from __future__ import annotations

from ombud.engine.due import follow, settle
from ombud.engine.duties import settle_schedule
from ombud.engine.state import Instance, State


def bring_back(state: State, at: int) -> None:
    """Read everything that lies ahead of `at` as of then; `at` is also when that was found and written down."""
    state.at = state.found = state.recorded = at
    state.stays = [(phase, None if entered is None else min(entered, at)) for phase, entered in state.stays]
    _bring_back_facts(state, at)
    for run in state.runs.values():
        run.reached_at = min(run.reached_at, at)
    for instance in state.all_owed():
        if _lies_ahead(instance, at):
            _bring_back_instance(state, instance, at)
    for id, schedule in state.schedules.items():
        if schedule.anchor > at:
            schedule.anchor = at
            settle_schedule(state, state.program.duties[id], schedule)
    follow(state)


def _bring_back_facts(state: State, at: int) -> None:
    for name, said in state.said.items():
        if said > at:
            if state.facts.get(name) == said:  # the instant of the act itself, as `sets` notes it
                state.facts[name] = at
            state.said[name] = at
    for name, entry in state.log.items():
        state.log[name] = entry._replace(occurred=min(entry.occurred, at), found=min(entry.found, at))
    state.triggers = {id: (seq, min(occurred, at)) for id, (seq, occurred) in state.triggers.items()}


def _lies_ahead(instance: Instance, at: int) -> bool:
    """Return whether an instance was opened, moved, warned of or breached ahead of `at`."""
    instants = (instance.opened_at, instance.answerable_from, instance.anchor, instance.rungs_from)
    floor = instance.not_due_before
    if max(*instants, instance.resumed_at, instance.breached_at or 0, (floor and floor.found) or 0) > at:
        return True
    return bool(instance.repeats) or any(_passed(instance, index) > at for index in instance.fired)


def _passed(instance: Instance, index: int) -> int:
    """Return when a rung has passed."""
    due, rung = instance.due, instance.plan.rungs[index]
    assert due is not None, "a rung passes on the way to a due time"
    moment = rung.instant(due, instance.limit) if rung.shift is None else due + rung.shift
    return max(moment, instance.resumed_at)


def _bring_back_instance(state: State, instance: Instance, at: int) -> None:
    if instance.breached_at is not None and instance.breached_at > at:
        instance.breached_at = None
    for name in ("opened_at", "answerable_from", "rungs_from", "resumed_at"):
        setattr(instance, name, min(getattr(instance, name), at))
    instance.revision += 1
    instance.fired, instance.repeats, instance.was_past = (), (), False
    instance.rungs_from = at  # what passed before is not told again
    instance.anchor, instance.not_due_before = min(instance.anchor, at), None
    settle(state, instance)
