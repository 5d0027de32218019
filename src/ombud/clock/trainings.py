"""Courses that each person owes: their duty is opened when the period begins, and done once they took part."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.utils import timezone

from ombud.cases import commands
from ombud.cases.errors import Refused
from ombud.cases.fold import program_of
from ombud.cases.reading.courses import CourseStanding, standings
from ombud.clock.models import OwedCourse
from ombud.engine.model import CLOCK_ACTOR
from ombud.organisation import library, publishing
from ombud.organisation.models import Membership, PolicyVersion
from ombud.organisation.sessions import Attendance
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import CourseDuty
from ombud.policy.procedure import first_act

log = logging.getLogger(__name__)

_NOON = time(12)  # of the day of a session, whose hour is not known
_opened: dict[str, date] = {}  # hash of a version -> day on which all were opened: the clock asks every other second


def run(*, now: datetime) -> int:
    """Open what people owe from today on, settle what they took part in, and return how many acts that were."""
    return _open(now) + _settle(now)


def _open(now: datetime) -> int:
    today = timezone.localdate(now, timezone.get_default_timezone())
    opened = 0
    for version in publishing.policies_in_force(now=now):
        if _opened.get(version.hash) == today:
            continue
        pack = library.pack(version.hash)
        for each, duty in _owed(pack, now):
            try:
                opened += _open_one(version, pack, each, duty, now=now)
            except Exception:  # one that cannot be opened must not keep the others from being opened
                log.exception("%s: %s of %s could not be opened", version, each.course.id, each.person)
        _opened[version.hash] = today
    return opened


def _owed(pack: Pack, now: datetime) -> Iterator[tuple[CourseStanding, CourseDuty]]:
    """Yield who owes a course as a duty of their own that is not opened yet."""
    owed = [each for each in standings(pack, now=now) if each.course.each is not None]
    firsts = {each.period.first for each in owed}
    rows = OwedCourse.objects.filter(policy=pack.id, first_on__in=firsts)
    known = set(rows.values_list("course", "person", "first_on"))
    for each in owed:
        if each.course.each and (each.course.id, each.person.pk, each.period.first) not in known:
            yield each, each.course.each


def _open_one(version: PolicyVersion, pack: Pack, each: CourseStanding, duty: CourseDuty, *, now: datetime) -> bool:
    act = first_act(pack.procedures[duty.procedure])
    assert act is not None, "the loader asks for it"
    try:
        with transaction.atomic():
            received = commands.receive(
                version,
                channel="",
                language="zh",
                data={duty.person: each.person.key, duty.until: each.period.last.isoformat()},
                actor=replace(CLOCK_ACTOR, office=_office(pack, each)),
                at=now,
                now=now,
                act=act,
                procedure=duty.procedure,
            )
            OwedCourse.objects.create(
                policy=pack.id,
                course=each.course.id,
                person=each.person,
                first_on=each.period.first,
                last_on=each.period.last,
                case=received.case,
            )
    except IntegrityError:
        return False  # another clock opened it at the same moment
    return True


def _office(pack: Pack, each: CourseStanding) -> str | None:
    """Return the office where the person holds a role that owes the course."""
    held = Membership.objects.filter(person=each.person, policy=pack.id, role__in=each.course.roles)
    return held.exclude(office=None).order_by("pk").values_list("office__key", flat=True).first()


def _settle(now: datetime) -> int:
    """Perform the act of whoever took part within their period, whenever that was recorded."""
    rows = list(OwedCourse.objects.filter(case__closed_at=None).select_related("case").order_by("pk"))
    there = Attendance.objects.filter(person__in={row.person_id for row in rows}, session__cancelled_at=None)
    days: dict[tuple[str, str, int], list[date]] = defaultdict(list)
    for policy, course, person, day in there.values_list(
        "session__policy", "session__course", "person", "session__held_on"
    ):
        days[policy, course, person].append(day)
    settled = 0
    for row in rows:
        held = [day for day in days[row.policy, row.course, row.person_id] if row.first_on <= day <= row.last_on]
        settled += bool(held) and _settle_one(row, min(held), now)
    return settled


def _settle_one(row: OwedCourse, held_on: date, now: datetime) -> bool:
    course = program_of(row.case).pack.courses.get(row.course)
    if course is None or course.each is None:
        return False  # its version says no more by which act
    noon = datetime.combine(held_on, _NOON, timezone.get_default_timezone())
    at = min(now, max(row.case.received_at, noon))
    try:
        commands.perform(row.case, course.each.attended, actor=CLOCK_ACTOR, at=at, now=now)
    except Refused as refused:  # the matter has gone another way
        log.warning("%s: %s", row.case.reference, refused)
        return False
    return True
