"""A case under a policy: events, state, one step, duties, replay, explanation. Pure."""

from ombud.engine.beyond import languages_of
from ombud.engine.compiling import calendars_of, compile_program
from ombud.engine.errors import EngineError, EventError, MigrationError, ProcedureError
from ombud.engine.expect import check_story
from ombud.engine.explain import explain_duty
from ombud.engine.model import (
    Actor,
    DutyView,
    Event,
    Link,
    Matter,
    Offer,
    Outcome,
    Record,
    Refusal,
    Spread,
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
    "EngineError",
    "Event",
    "EventError",
    "Library",
    "Link",
    "Matter",
    "MigrationError",
    "Offer",
    "Outcome",
    "ProcedureError",
    "Program",
    "Record",
    "Refusal",
    "Spread",
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
    "languages_of",
    "migrate",
    "observe",
    "offer_of",
    "offers",
    "recalendar",
    "replay_story",
    "step",
]
