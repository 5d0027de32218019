"""A case under a policy: events, state, one step, duties, replay, explanation. Pure."""

from ombud.engine.available_acts import available_act, available_acts
from ombud.engine.compiling import calendars_of, compile_program
from ombud.engine.errors import EngineError, EventError, MigrationError, ProcedureError
from ombud.engine.explain import explain_duty
from ombud.engine.late_entries import is_reported, late_reason_refusal
from ombud.engine.model import (
    Actor,
    AvailableAct,
    DutyView,
    Event,
    Link,
    Matter,
    Notification,
    Outcome,
    Record,
    Refusal,
    Spread,
    Staff,
    Submission,
)
from ombud.engine.program import Library, Program
from ombud.engine.scenario.expect import check_story, story_differences
from ombud.engine.scenario.run import replay_story
from ombud.engine.side_effects import languages_of
from ombud.engine.state import State
from ombud.engine.step import (
    ENFORCE,
    OBSERVE,
    advance,
    allot,
    begin,
    fold,
    migrate,
    observe,
    recalendar,
    record_beside,
    repair_clock,
    step,
)

__all__ = [
    "ENFORCE",
    "OBSERVE",
    "Actor",
    "AvailableAct",
    "DutyView",
    "EngineError",
    "Event",
    "EventError",
    "Library",
    "Link",
    "Matter",
    "MigrationError",
    "Notification",
    "Outcome",
    "ProcedureError",
    "Program",
    "Record",
    "Refusal",
    "Spread",
    "Staff",
    "State",
    "Submission",
    "advance",
    "allot",
    "available_act",
    "available_acts",
    "begin",
    "calendars_of",
    "check_story",
    "compile_program",
    "explain_duty",
    "fold",
    "is_reported",
    "languages_of",
    "late_reason_refusal",
    "migrate",
    "observe",
    "recalendar",
    "record_beside",
    "repair_clock",
    "replay_story",
    "step",
    "story_differences",
]
