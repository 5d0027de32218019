"""A member of staff reminds those who can do an act that a case waits for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.kept_out import doors_of
from ombud.cases.access.permissions import may_see, permissions_of
from ombud.cases.reading.ways_out import who_can
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.organisation.models import Person


def remind(accessed: Accessed, act: str, *, by: Person, now: datetime) -> tuple[tuple[Person, ...], int]:
    """Tell everybody else who sees the case and can do an act that it is waited for; return them, and how many are new.

    Whoever was reminded of the same act on the same day already is not told again. Raises KeyError for an act that the
    case's procedure does not have.
    """
    door = doors_of([accessed.case.pk])[accessed.case.pk]
    others = [each for each in who_can(accessed, act) if each != by and door.admits(each.pk) and each.is_active]
    people = tuple(each for each in others if may_see(accessed.case, permissions_of(each)))
    day = timezone.localdate(now).isoformat()
    notices = [
        Notice(
            person=each,
            case=accessed.case,
            kind=Notice.Kind.REMINDER,
            act=act,
            at=now,
            asked_by=by,
            dedupe=f"reminder/{accessed.case.reference}/{act}/{day}/{each.pk}",
        )
        for each in people
    ]
    known = set(Notice.objects.filter(dedupe__in=[each.dedupe for each in notices]).values_list("dedupe", flat=True))
    with transaction.atomic():
        tell([each for each in notices if each.dedupe not in known], now=now)
    return people, len(notices) - len(known)
