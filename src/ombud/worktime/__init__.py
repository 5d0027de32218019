"""Working time: calendars, six counting modes, explanations. Pure Python, usable alone."""

from ombud.worktime.announcements import Announcement, announce
from ombud.worktime.calendar import Calendar, Due, Pause, bake, plan_of
from ombud.worktime.edition import Edition
from ombud.worktime.errors import (
    AnnouncementError,
    EditionError,
    HorizonError,
    LimitError,
    NeverOpenError,
    SpecError,
    UnknownCategoryError,
    UnknownDaysError,
    UnknownZoneError,
    WorktimeError,
)
from ombud.worktime.explain import Line, explain
from ombud.worktime.spec import (
    CLOSE,
    UNITS,
    WHOLE_DAY,
    CalendarSpec,
    Cutoff,
    Mode,
    Prayers,
    Season,
    Taken,
    Unit,
    Window,
    Windows,
)

__all__ = [
    "CLOSE",
    "UNITS",
    "WHOLE_DAY",
    "Announcement",
    "AnnouncementError",
    "Calendar",
    "CalendarSpec",
    "Cutoff",
    "Due",
    "Edition",
    "EditionError",
    "HorizonError",
    "LimitError",
    "Line",
    "Mode",
    "NeverOpenError",
    "Pause",
    "Prayers",
    "Season",
    "SpecError",
    "Taken",
    "Unit",
    "UnknownCategoryError",
    "UnknownDaysError",
    "UnknownZoneError",
    "Window",
    "Windows",
    "WorktimeError",
    "announce",
    "bake",
    "explain",
    "plan_of",
]
