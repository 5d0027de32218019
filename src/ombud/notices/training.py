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
_told: dict[str, date] = {}  # policy -> day on which all were told: the clock asks every other second


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
    wanted = [each for each in standings(pack, now=now) if each.course.procedure and _is_due(each, today)]
    known = set(
        Notice.objects.filter(dedupe__in=[_key(pack, each) for each in wanted]).values_list("dedupe", flat=True)
    )
    for each in wanted:
        if _key(pack, each) in known:
            continue
        case = _matter(pack, each)
        if case is not None:
            yield Notice(
                person=each.person, case=case, kind=Notice.Kind.TRAINING, clauses=list(each.course.cite), at=now,
                dedupe=_key(pack, each),
            )  # fmt: skip


def _is_due(each: CourseStanding, today: date) -> bool:
    return each.done_on is None and (each.is_missed or today >= each.period.last - AHEAD)


def _key(pack: Pack, each: CourseStanding) -> str:
    kind = "missed" if each.is_missed else "owed"
    return f"training/{pack.id}/{each.course.id}/{each.period.first}/{kind}/{each.person.pk}"


def _matter(pack: Pack, each: CourseStanding) -> Case | None:
    """Return the newest matter of the course that the person may see."""
    rows = scoped(permissions_of(each.person), is_leading=False)
    rows = rows.filter(policy=pack.id, procedure=each.course.procedure)
    return rows.order_by("-received_at", "-pk").first()
