"""Courses as readers may see them: what was held, and who owes which in this period, or missed it in the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q
from django.utils import timezone

from ombud.cases.access.permissions import permissions_of
from ombud.cases.reading.course_holders import Held, is_of
from ombud.cases.reading.paging import PAGE, Page, by_id
from ombud.cases.reading.training import sees_records
from ombud.organisation.courses import CoursePeriod, period_before, period_of
from ombud.organisation.models import Membership, Person
from ombud.organisation.sessions import Attendance, TrainingSession
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Course

DONE, OWED, MISSED = "done", "owed", "missed"


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseStanding:
    """Where somebody stands with a course that they owe."""

    person: Person
    course: Course
    period: CoursePeriod  # the present one
    done_on: date | None  # in the present period
    last_on: date | None  # ever
    is_missed: bool  # nothing in the period before, in which they were there already

    @property
    def status(self) -> str:
        if self.done_on is not None:
            return DONE
        return MISSED if self.is_missed else OWED


def standings(pack: Pack, *, now: datetime) -> tuple[CourseStanding, ...]:
    """Return everybody who owes a course of the policy, course by course, who missed one first."""
    asked = [each for each in pack.courses.values() if each.every is not None]
    if not asked:
        return ()
    today = timezone.localdate(now, timezone.get_default_timezone())
    roles = {role for course in asked for role in course.roles}
    held = Membership.objects.filter(policy=pack.id, role__in=roles, person__is_active=True).select_related("person")
    people: dict[Person, set[str]] = defaultdict(set)
    for membership in held.order_by("person__username", "person_id"):
        people[membership.person].add(membership.role)
    days = _days(pack.id)
    found = [
        _standing(person, course, days.get((course.id, person.pk), ()), today)
        for course in asked
        for person, mine in people.items()
        if mine.intersection(course.roles)
    ]
    order = {MISSED: 0, OWED: 1, DONE: 2}
    places = {course.id: place for place, course in enumerate(asked)}
    return tuple(sorted(found, key=lambda each: (places[each.course.id], order[each.status])))


def _days(policy: str) -> Mapping[tuple[str, int], list[date]]:
    """Return the days on which each person took part in each course."""
    there = Attendance.objects.filter(session__policy=policy, session__cancelled_at=None)
    found: dict[tuple[str, int], list[date]] = defaultdict(list)
    for course, person, day in there.values_list("session__course", "person", "session__held_on"):
        found[course, person].append(day)
    return found


def _standing(person: Person, course: Course, days: Iterable[date], today: date) -> CourseStanding:
    assert course.every is not None, "it is owed"
    now = period_of(course.every, today)
    before = period_before(course.every, now)
    days = sorted(days)
    joined = timezone.localdate(person.date_joined, timezone.get_default_timezone())
    return CourseStanding(
        person=person,
        course=course,
        period=now,
        done_on=next((day for day in reversed(days) if now.first <= day <= now.last), None),
        last_on=days[-1] if days else None,
        is_missed=joined < before.first and not any(before.first <= day <= before.last for day in days),
    )


def standings_for(reader: Person, pack: Pack, held: Held, *, now: datetime) -> tuple[CourseStanding, ...]:
    """Return the standings that a reader may see: everybody's to who keeps or audits them, of a course to who holds it.

    Others see their own.
    """
    found = standings(pack, now=now)
    if sees_records(permissions_of(reader), pack.id):
        return found
    return tuple(
        each for each in found if each.person == reader or is_of(held, each.course.id, frozenset({each.person.pk}))
    )


def sessions(reader: Person, pack: Pack, held: Held, *, cursor: str | None = None) -> Page[TrainingSession]:
    """Return what was held, recorded last first, with who took part: to others than keepers where they were there.

    Whoever holds a course sees the sessions in which anybody of theirs took part.
    """
    rows = TrainingSession.objects.filter(policy=pack.id)
    if not sees_records(permissions_of(reader), pack.id):
        seen = Q(person=reader)
        for course, people in held.items():
            seen |= Q(session__course=course, **({} if people is None else {"person__in": people}))
        rows = rows.filter(pk__in=Attendance.objects.filter(seen).values("session"))
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    there = Prefetch("attendances", Attendance.objects.select_related("person").order_by("person__username"))
    found = list(rows.select_related("recorded_by", "cancelled_by").prefetch_related(there).order_by("-pk")[: PAGE + 1])
    return Page(rows=tuple(found[:PAGE]), after=str(found[PAGE - 1].pk) if len(found) > PAGE else None)
