"""The registry of measures: what each is called, in what unit, how it is counted, and which way is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Unit(Enum):
    """In what a figure is said."""

    COUNT = "count"
    SHARE = "share"
    HOURS = "hours"
    DAYS = "days"
    MONEY = "money"
    SCORE = "score"


class Direction(Enum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Rows(Enum):
    """What a measure counts, and by which instant it belongs to a span of time."""

    RECEIVED = "received_at"  # complaints that came in within it
    CLOSED = "closed_at"  # complaints that ended within it
    OPEN = "open"  # complaints that were open at its end, or are now
    OVERDUE = "overdue"  # complaints in which something is overdue now, whatever the span
    DUTIES = "opened_at"  # duties of ours that began within it
    SUGGESTED = "suggested_at"  # complaints in which something was first suggested within it


#: What belongs to a day by an instant of the case itself.
OF_A_DAY = (Rows.RECEIVED, Rows.CLOSED, Rows.SUGGESTED)


class How(Enum):
    """What is made of the rows."""

    COUNT = "count"
    SHARE = "share"  # of the rows those that `hit` holds for
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    TENTH = "tenth"  # what nine of ten do not exceed
    PART = "part"  # of the sum of one column that of another


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One number that can be asked for."""

    id: str
    name: Words
    unit: Unit
    definition: Words  # one sentence
    good: Direction
    rows: Rows
    how: How = How.COUNT
    where: Q = Q()  # noqa: RUF009  # of the rows only these; a Q is never changed
    hit: Q = Q()  # noqa: RUF009  # of a share: its numerator
    column: str = ""  # what is summed or ordered
    of: str = ""  # of a part: the column that is the whole
    divisor: int = 1  # from the column to the unit
    named: tuple[str, ...] = ()  # what of these the pack's `figures` must name, else nobody can count it


ORDERED = {How.MEDIAN: 5, How.TENTH: 9}  # tenths
#: What is summed of the rows of a measure, in the order in which sums of days keep it.
PARTS: Mapping[How, tuple[str, ...]] = {
    How.COUNT: ("n",),
    How.SHARE: ("n", "hits"),
    How.SUM: ("n", "total"),
    How.MEAN: ("n", "total"),
    How.PART: ("n", "total", "whole"),
}


def condition_of(asked: Measure) -> Q:
    """Return which of its rows a measure counts; where a column is ordered or summed, only those that have it."""
    return asked.where & Q(**{f"{asked.column}__isnull": False}) if asked.column else asked.where


_HOUR, _DAY = 3600, 86_400
_UP, _DOWN, _NEITHER = Direction.UP, Direction.DOWN, Direction.NEITHER
_ENDED = Q(is_withdrawn=False)

_ALL = (
    Measure(
        id="received",
        name=_("Complaints received"),
        unit=Unit.COUNT,
        definition=_("Complaints that were received in the span."),
        good=_NEITHER,
        rows=Rows.RECEIVED,
    ),
    Measure(
        id="closed",
        name=_("Complaints closed"),
        unit=Unit.COUNT,
        definition=_("Complaints that ended in the span, withdrawn ones too."),
        good=_NEITHER,
        rows=Rows.CLOSED,
    ),
    Measure(
        id="open",
        name=_("Open"),
        unit=Unit.COUNT,
        definition=_(
            "Complaints received before the end of the span that were not closed then, or are not closed now."
        ),
        good=_DOWN,
        rows=Rows.OPEN,
    ),
    Measure(
        id="overdue",
        name=_("Overdue now"),
        unit=Unit.COUNT,
        definition=_(
            "Open complaints in which at this moment something of ours is owed after its time, whenever they came."
        ),
        good=_DOWN,
        rows=Rows.OVERDUE,
    ),
    Measure(
        id="withdrawn",
        name=_("Withdrawn"),
        unit=Unit.COUNT,
        definition=_("Complaints that ended in the span because the complainant withdrew them."),
        good=_NEITHER,
        rows=Rows.CLOSED,
        where=Q(is_withdrawn=True),
    ),
    Measure(
        id="on_time",
        name=_("On time"),
        unit=Unit.SHARE,
        definition=_(
            "Of our duties that began in the span and whose time has told, those done in time; waived, paused and"
            " running ones and those withdrawn in time are in neither part."
        ),
        good=_UP,
        rows=Rows.DUTIES,
        how=How.SHARE,
    ),
    Measure(
        id="satisfied",
        name=_("Satisfied"),
        unit=Unit.SHARE,
        definition=_(
            "Of the complaints closed in the span whose complainant said how satisfied they were, the satisfied."
        ),
        good=_UP,
        rows=Rows.CLOSED,
        how=How.SHARE,
        where=Q(is_satisfied__isnull=False),
        hit=Q(is_satisfied=True),
        named=("satisfaction",),
    ),
    Measure(
        id="satisfaction_known",
        name=_("Satisfaction known"),
        unit=Unit.SHARE,
        definition=_(
            "Of the complaints closed in the span and not withdrawn, those whose complainant said how satisfied"
            " they were."
        ),
        good=_UP,
        rows=Rows.CLOSED,
        how=How.SHARE,
        where=_ENDED,
        hit=Q(is_satisfied__isnull=False),
        named=("satisfaction",),
    ),
    Measure(
        id="first_contact",
        name=_("Settled at the first solution"),
        unit=Unit.SHARE,
        definition=_(
            "Of the complaints closed in the span and not withdrawn, those for which at most one solution was"
            " put to the complainant."
        ),
        good=_UP,
        rows=Rows.CLOSED,
        how=How.SHARE,
        where=_ENDED,
        hit=Q(rounds__lte=1),
        named=("proposed",),
    ),
    Measure(
        id="repeat",
        name=_("Repeat complainants"),
        unit=Unit.SHARE,
        definition=_(
            "Of the complaints received in the span, those whose person or order, known by telephone, e-mail or order"
            " number, had complained under the same policy within the year before."
        ),
        good=_DOWN,
        rows=Rows.RECEIVED,
        how=How.SHARE,
        hit=Q(is_repeat=True),
    ),
    Measure(
        id="registering_hours",
        name=_("Hours to registration"),
        unit=Unit.HOURS,
        definition=_(
            "From receipt to registration, the middle one of the complaints received in the span, by the clock"
            " on the wall."
        ),
        good=_DOWN,
        rows=Rows.RECEIVED,
        how=How.MEDIAN,
        column="registering",
        divisor=_HOUR,
        named=("registered",),
    ),
    Measure(
        id="answering_hours",
        name=_("Hours to the first answer"),
        unit=Unit.HOURS,
        definition=_(
            "From receipt to the first answer, the middle one of the complaints received in the span, by the"
            " clock on the wall."
        ),
        good=_DOWN,
        rows=Rows.RECEIVED,
        how=How.MEDIAN,
        column="answering",
        divisor=_HOUR,
        named=("answered",),
    ),
    Measure(
        id="answering_worked",
        name=_("Working hours to the first answer"),
        unit=Unit.HOURS,
        definition=_(
            "From receipt to the first answer, the middle one of the complaints received in the span, in the"
            " policy's working time."
        ),
        good=_DOWN,
        rows=Rows.RECEIVED,
        how=How.MEDIAN,
        column="answering_worked",
        divisor=_HOUR,
        named=("answered",),
    ),
    Measure(
        id="closing_days",
        name=_("Days to the end"),
        unit=Unit.DAYS,
        definition=_(
            "From receipt to the end, the middle one of the complaints closed in the span and not withdrawn, by"
            " the clock on the wall."
        ),
        good=_DOWN,
        rows=Rows.CLOSED,
        how=How.MEDIAN,
        where=_ENDED,
        column="closing",
        divisor=_DAY,
    ),
    Measure(
        id="closing_days_90",
        name=_("Days in which nine of ten end"),
        unit=Unit.DAYS,
        definition=_(
            "From receipt to the end, what nine of ten complaints closed in the span and not withdrawn do not exceed."
        ),
        good=_DOWN,
        rows=Rows.CLOSED,
        how=How.TENTH,
        where=_ENDED,
        column="closing",
        divisor=_DAY,
    ),
    Measure(
        id="closing_worked",
        name=_("Working hours to the end"),
        unit=Unit.HOURS,
        definition=_(
            "From receipt to the end, the middle one of the complaints closed in the span and not withdrawn, in"
            " the policy's working time."
        ),
        good=_DOWN,
        rows=Rows.CLOSED,
        how=How.MEDIAN,
        where=_ENDED,
        column="closing_worked",
        divisor=_HOUR,
    ),
    Measure(
        id="rounds",
        name=_("Rounds of solutions"),
        unit=Unit.SCORE,
        definition=_(
            "How often a solution was put to the complainant, on average of the complaints closed in the span"
            " and not withdrawn."
        ),
        good=_DOWN,
        rows=Rows.CLOSED,
        how=How.MEAN,
        where=_ENDED,
        column="rounds",
        named=("proposed",),
    ),
    Measure(
        id="ours",
        name=_("Time that lay with us"),
        unit=Unit.SHARE,
        definition=_(
            "Of all the time that the complaints closed in the span and not withdrawn took, the part in which one of"
            " us could have gone on."
        ),
        good=_DOWN,
        rows=Rows.CLOSED,
        how=How.PART,
        where=_ENDED,
        column="ours",
        of="closing",
    ),
    Measure(
        id="asked",
        name=_("Money asked for"),
        unit=Unit.MONEY,
        definition=_(
            "The sum of what the complaints received in the span are about, in the policy's currency; unknown"
            " rates are left out."
        ),
        good=_NEITHER,
        rows=Rows.RECEIVED,
        how=How.SUM,
        column="asked",
        named=("asked",),
    ),
    Measure(
        id="given",
        name=_("Money given"),
        unit=Unit.MONEY,
        definition=_(
            "The sum of what was given in the complaints closed in the span, in the policy's currency; unknown"
            " rates are left out."
        ),
        good=_NEITHER,
        rows=Rows.CLOSED,
        how=How.SUM,
        column="given",
        named=("given",),
    ),
    Measure(
        id="suggested",
        name=_("Suggestions"),
        unit=Unit.COUNT,
        definition=_("Complaints in which the complainant suggested something for the first time in the span."),
        good=_NEITHER,
        rows=Rows.SUGGESTED,
        named=("suggestion",),
    ),
    Measure(
        id="suggestions_answered",
        name=_("Suggestions answered"),
        unit=Unit.SHARE,
        definition=_(
            "Of the complaints in which something was first suggested in the span, those where it was said, after the"
            " latest suggestion, what came of it."
        ),
        good=_UP,
        rows=Rows.SUGGESTED,
        how=How.SHARE,
        hit=Q(suggestion_answered_at__isnull=False),
        named=("suggestion",),
    ),
)

MEASURES: Mapping[str, Measure] = {each.id: each for each in _ALL}
