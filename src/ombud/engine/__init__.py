"""A case under a policy: events, state, one step, duties, replay, explanation. Pure."""

from ombud.engine.apply import EventError
from ombud.engine.compiling import calendars_of, compile_program
from ombud.engine.expect import check_story
from ombud.engine.explain import explain_duty
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
from ombud.engine.offers import offer_of, offers
from ombud.engine.program import Library, Program
from ombud.engine.state import State
from ombud.engine.step import ENFORCE, OBSERVE, advance, begin, fold, migrate, observe, recalendar, step
from ombud.engine.story import replay_story

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
    "calendars_of",
    "check_story",
    "compile_program",
    "explain_duty",
    "fold",
    "migrate",
    "observe",
    "offer_of",
    "offers",
    "recalendar",
    "replay_story",
    "step",
]
