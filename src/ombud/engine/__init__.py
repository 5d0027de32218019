"""A case under a policy: events, state, one step, duties, replay, explanation. Pure."""

from ombud.engine.apply import EventError
from ombud.engine.model import (
    Actor,
    DutyView,
    Event,
    Offer,
    Outcome,
    Refusal,
    Staff,
    Submission,
    Tell,
)
from ombud.engine.program import Library, Program
from ombud.engine.state import State
from ombud.engine.step import ENFORCE, OBSERVE, advance, begin, fold, migrate, observe, recalendar, step

__all__ = [
    "ENFORCE",
    "OBSERVE",
    "Actor",
    "DutyView",
    "Event",
    "EventError",
    "Library",
    "Offer",
    "Outcome",
    "Program",
    "Refusal",
    "Staff",
    "State",
    "Submission",
    "Tell",
    "advance",
    "begin",
    "fold",
    "migrate",
    "observe",
    "recalendar",
    "step",
]
