"""Who still owes a course, or missed it, is told at the matter in which it is organised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.models import Case
from ombud.cases.reading.courses import CourseStanding, standings
from ombud.notices.alerts import asking
from ombud.notices.models import Notice
from ombud.organisation import library, publishing
from ombud.policy.model.pack import Pack

AHEAD = timedelta(days=14)  # before the period ends, who still owes the course is told
_HOUR = time(9)  # not in the middle of the night
_told: dict[str, date] = {}  # hash of a version -> day on which all were told: the clock asks every other second


def run(*, now: datetime) -> int:
    """Tell whoever owes or missed a course and was not told yet, once a day; return how many notices that were."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    if local.time() < _HOUR:
        return 0
    told = 0
    for version in publishing.policies_in_force(now=now):
        pack = library.pack(version.hash)
        if not any(course.every and course.procedure for course in pack.courses.values()):
            continue
        if _told.get(version.hash) == local.date():
            continue
        notices = list(_due(pack, now, local.date()))
        with transaction.atomic():
            asking.tell(notices, now=now)
        _told[version.hash] = local.date()
        told += len(notices)
    return told


def _due(pack: Pack, now: datetime, today: date) -> Iterator[Notice]:
    """Yield the notices that are due; one that was given before has the same key, and is not given again."""
    wanted = {
        f"training/{pack.id}/{each.course.id}/{each.period.first}/{why}/{each.person.pk}": each
        for each in standings(pack, now=now)
        if each.course.procedure
        for why in _reasons(each, today)
    }
    known = set(Notice.objects.filter(dedupe__in=wanted).values_list("dedupe", flat=True))
    for key, each in wanted.items():
        case = _matter(pack, each) if key not in known else None
        if case is not None:
            yield Notice(
                person=each.person, case=case, kind=Notice.Kind.TRAINING, clauses=list(each.course.cite), at=now,
                dedupe=key,
            )  # fmt: skip


def _reasons(each: CourseStanding, today: date) -> Iterator[str]:
    """Yield why somebody is told who has not taken part in this period."""
    if each.done_on is None and each.is_missed:
        yield "missed"
    if each.done_on is None and today >= each.period.last - AHEAD:
        yield "owed"


def _matter(pack: Pack, each: CourseStanding) -> Case | None:
    """Return the newest matter of the course that the person may see."""
    rows = scoped(permissions_of(each.person), is_leading=False)
    rows = rows.filter(policy=pack.id, procedure=each.course.procedure)
    return rows.order_by("-received_at", "-pk").first()
