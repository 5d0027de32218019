"""Which open duties would fall due at another time under another calendar edition; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.fold import folded, seconds
from ombud.cases.models import Case, Duty
from ombud.engine import advance, recalendar
from ombud.engine.compiling import compile_program
from ombud.engine.due_moves import dues_of, moved_between
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster
from ombud.texts import Text
from ombud.worktime import Edition
from ombud.worktime.difference import DayChange

LOOKED_AT = 200  # cases: folding one takes some milliseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedDuty:
    """A duty that would fall due at another time."""

    case: Case
    title: Text
    before: datetime
    after: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RecountPreview:
    """What counting anew would move, as far as it was looked at."""

    moved: tuple[MovedDuty, ...]
    looked_at: int
    concerned: int  # open cases with a due time on or after the first day that changes

    @property
    def cases(self) -> int:
        """The number of cases in which something moves."""
        return len({each.case.pk for each in self.moved})


def preview(changes: tuple[DayChange, ...], after: Edition, reader: Person, *, now: datetime) -> RecountPreview:
    """Return what would move in the cases that the reader may see, those due first first."""
    if not changes:
        return RecountPreview(moved=(), looked_at=0, concerned=0)
    rows = _concerned(changes, reader)
    cases = list(rows.order_by("next_due_at", "pk")[:LOOKED_AT])
    moved = tuple(each for case in cases for each in _moved(case, after, now))
    return RecountPreview(moved=moved, looked_at=len(cases), concerned=rows.count())


def _concerned(changes: tuple[DayChange, ...], reader: Person) -> QuerySet[Case]:
    """Return the open cases with a due time that can move: none before the first day that changes does."""
    first = min(change.day for change in changes) - timedelta(days=1)  # in whatever zone
    start = datetime.combine(first, time(0), UTC)
    owed = Duty.objects.filter(case=OuterRef("pk"), status__in=("open", "paused"), due_at__gte=start)
    return scoped(permissions_of(reader)).filter(Exists(owed), closed_at=None)


def _moved(case: Case, edition: Edition, now: datetime) -> Iterator[MovedDuty]:
    state, at = folded(case), seconds(now)
    advance(state, at, staff=Roster(case.policy))
    if state.ended:
        return
    before, program = dues_of(state), state.program
    recalendar(state, compile_program(program.pack, edition, program.procedure.id), at=at)
    for move in moved_between(before, state):
        yield MovedDuty(case=case, title=move.title, before=_instant(move.before), after=_instant(move.after))


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
