"""Nobody is late after the fact: the one rule about due times that an entry moves or opens.

What an entry changes is found when it is written down (`Event.found`), however long ago it happened. A due time that
it brings is therefore never before min(the old due time, the finding). Whoever owes a duty whose limit is found late
has the time to react that the pack states (`react`), or else, where that limit is over already, the whole limit from
then. What was paused had no due time, and what nobody owed had none either.
Events of schema 1 were found when they happened, and know neither `react` nor the whole limit.
"""

from __future__ import annotations

from ombud.engine.limits import LimitPlan, Span
from ombud.engine.model import LATE_ANCHOR
from ombud.engine.state import OPEN, Floor, Instance, State
from ombud.worktime import Calendar, Mode


def least_due(floor: Floor, limit: LimitPlan, spans: list[Span]) -> int:
    """Return the instant before which an instance is not due, pauses since the finding added."""
    if floor.found is None:
        return next((end for start, end in spans if start <= floor.at < end), floor.at)
    at = floor.at
    for start, end in spans:
        begin = max(start, floor.found)
        if begin < end and begin <= at:
            at = resumed(limit, limit.calendar, at, begin, end)
    return at


def resumed(limit: LimitPlan | None, calendar: Calendar, due: int, begin: int, end: int) -> int:
    """Return when it is due after a pause: what was left of the time at its beginning runs on from its end.

    What has no limit of its own is counted on `calendar`.
    """
    if limit is not None and limit.parts:
        return limit.of_parts(resumed(part, part.calendar, due, begin, end) for part in limit.parts)
    if limit is not None and limit.mode is Mode.CLOCK:
        return due + end - begin
    calendar = limit.calendar if limit is not None else calendar
    return calendar.open_after(end, calendar.open_seconds(begin, due))


def held(
    state: State,
    instance: Instance,
    counted: int,
    spans: list[Span],
    running: int | None,
    *,
    old: int,
    is_limit_new: bool,
) -> int:
    """Return the due time that an entry brings, where `counted` is what the count alone gives and `old` what it was.

    A due time in a pause is one "so far"; the two are compared as if the clock ran on from the finding.
    """
    found, limit = state.found, instance.limit
    if not is_limit_new and running is None and (counted >= found or (instance.status == OPEN and counted >= old)):
        return counted
    now_counted = _as_of(state, limit, counted, running)
    least = _found_late(state, instance, now_counted) if is_limit_new else found
    if instance.status == OPEN:
        least = min(least, old)
    else:
        begin = running if running is not None else next((each for each, _ in reversed(spans) if each <= found), None)
        least = least if begin is None else min(least, _as_of(state, limit, old, begin))
    if now_counted >= least:
        return counted
    instance.not_due_before = Floor(least, found)
    return least


def _as_of(state: State, limit: LimitPlan | None, due: int, begin: int | None) -> int:
    """Return a due time as it would be if the pause that began then ended at the finding."""
    if begin is None or begin > due or begin >= state.found:
        return due
    return resumed(limit, state.program.calendar, due, begin, state.found)


def _found_late(state: State, instance: Instance, counted: int) -> int:
    """Return the earliest due time under a limit found just now."""
    react, limit, found = instance.plan.react, instance.limit, state.found
    if react is not None:
        plan = react.pick(state, instance.bearer)
        assert plan is not None, "a time to react is a plain length"
        return plan.due(found, state.facts).at
    if counted > found or limit is None or limit.field is not None:
        return found
    return limit.due(found, state.facts).at


def _anchor_found(state: State, instance: Instance) -> int:
    """Return when the act that the limit counts from was written down; 0 where it counts from anything else."""
    anchor = instance.plan.anchor
    if state.schema < LATE_ANCHOR or anchor is None or instance.plan.anchor_is_field or anchor not in state.log:
        return 0
    return state.log[anchor].found


def opened_late(state: State, instance: Instance, at: int, *, is_limit_new: bool) -> int | None:
    """Return when an instance opened or given back just now is due instead, where its time is over at the finding.

    What was past due already when it was opened (`at`) is the pack's to judge, by `if_past`; what only came to be so
    until its entry, or by a limit found later, is not held against anybody.
    """
    due, found, plan = instance.due, state.found, instance.plan
    if due is None or instance.status != OPEN:
        return None
    known = max(due, _anchor_found(state, instance))  # nobody was late before it was known what the limit counts from
    if plan.if_past == "now":
        least = found
    elif (known < at and not is_limit_new) or state.is_history:
        instance.was_past = known < found
        return known if due < known else None
    elif is_limit_new or (found > at and plan.react is not None):
        least = _found_late(state, instance, due)
    else:
        least = found
    return least if due < least else None
