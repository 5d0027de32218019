"""Recording training that was held, with who took part; and the periods in which a course is owed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ombud.organisation import changes, library, publishing
from ombud.organisation.models import Person
from ombud.organisation.sessions import Attendance, TrainingSession
from ombud.policy.courses import EVERY
from ombud.policy.plain_text import plain

LONGEST = 5000
_YEAR = 12


class CourseError(ValueError):
    """A session cannot be kept; the code says why: course, date, contents, people, reason, cancelled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursePeriod:
    """A calendar month, quarter, half-year or year, first and last day included."""

    first: date
    last: date


def period_of(every: str, day: date) -> CoursePeriod:
    """Return the period of that length in which a day lies."""
    length, month = EVERY[every], day.year * _YEAR + day.month - 1
    first = month - month % length
    return CoursePeriod(first=_day(first), last=date.fromordinal(_day(first + length).toordinal() - 1))


def period_before(every: str, period: CoursePeriod) -> CoursePeriod:
    """Return the period that ends where this one begins."""
    return period_of(every, date.fromordinal(period.first.toordinal() - 1))


def _day(month: int) -> date:
    return date(month // _YEAR, month % _YEAR + 1, 1)


def hold(
    policy: str,
    course: str,
    *,
    held_on: date,
    contents: str,
    trainer: str,
    minutes: int,
    people: Collection[Person],
    by: Person,
    now: datetime,
) -> TrainingSession:
    """Record a session with who took part. Raises CourseError."""
    version = publishing.latest(policy)
    if version is None or course not in library.pack(version.hash).courses:
        raise CourseError("course")
    if held_on > timezone.localdate(now, timezone.get_default_timezone()):
        raise CourseError("date")
    contents = plain(contents, lines=True)[:LONGEST]
    if not contents:
        raise CourseError("contents")
    if not people:
        raise CourseError("people")
    with transaction.atomic():
        row = TrainingSession.objects.create(
            policy=policy,
            course=course,
            held_on=held_on,
            contents=contents,
            trainer=plain(trainer)[:200],
            minutes=minutes,
            recorded_by=by,
            recorded_at=now,
        )
        there = Attendance.objects.bulk_create(
            [Attendance(session=row, person=each) for each in sorted(people, key=lambda person: person.pk)]
        )
        changes.note([row, *there], by=by, now=now)
    return row


def cancel(row: TrainingSession, *, reason: str, by: Person, now: datetime) -> None:
    """Take a session back, with the reason: nobody has taken part in it any more. Raises CourseError."""
    reason = plain(reason, lines=True)[:500]
    if not reason:
        raise CourseError("reason")
    with transaction.atomic():
        waiting = TrainingSession.objects.filter(pk=row.pk, cancelled_at=None)
        if not waiting.update(cancelled_at=now, cancelled_by=by, cancelled_because=reason):
            raise CourseError("cancelled")
        row.refresh_from_db()
        changes.note([row], by=by, now=now)
