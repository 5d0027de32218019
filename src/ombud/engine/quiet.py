"""Quiet time: when somebody is told of what a rung tells. The rung itself passes at its instant, whatever the hour."""

from __future__ import annotations

from ombud.engine.limit_calendar import ROLE, CalendarOwner
from ombud.engine.roles import role_of_bearer
from ombud.engine.state import State
from ombud.policy.model.duties import Bearer
from ombud.policy.model.people import Quiet
from ombud.policy.vocabulary import BEARER
from ombud.worktime import Calendar

DAY = 24 * 3600


def end_of_quiet(state: State, to: Bearer, at: int) -> int:
    """Return when somebody may be told of what passes at an instant: at once, or when their quiet time ends.

    The clock on their wall counts: that of their department or office, or of the policy.
    """
    pack = state.program.pack
    role = pack.roles.get(role_of_bearer(state, to) or "")
    if role is None or role.quiet is None:
        return at
    holder = CalendarOwner(BEARER, Bearer(kind=ROLE, name=role.id), pack, {}).owner(state)
    own = holder.calendar if holder else None
    return after_quiet(role.quiet, state.program.calendars[own] if own else state.program.calendar, at)


def after_quiet(quiet: Quiet, calendar: Calendar, at: int) -> int:
    """Return the first instant, not before `at`, at which the wall clock shows no quiet minute."""
    moved = True
    while moved:
        moved = False
        local = calendar.zone.local(at)
        midnight, second = local - local % DAY, local % DAY
        for start, end in quiet.windows:
            if start * 60 <= second < end * 60:
                # Where the clock is put back the end may come twice, the first time before `at`.
                later = calendar.zone.instant(midnight + end * 60)
                at = later if later > at else at + end * 60 - second
                moved = True
                break
    return at
