"""Who wants to know at once what is owed within the hour: told as it opens, not only shortly before it is due.

Only whoever chose to be told so outside the desk has a notice of it: the desk's own lists show it anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ombud.cases.models import Duty
from ombud.notices.alerts.asking import tell, wanted
from ombud.notices.alerts.urgency import SHORT
from ombud.notices.alerts.ways import is_chosen
from ombud.notices.alerts.wording import OPENINGS
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice
from ombud.organisation import library, publishing


def tell_opened(*, now: datetime) -> int:
    """Tell of the duties of an hour or less that opened within the last hour and are open; return how many notices."""
    if not is_chosen(OPENINGS):
        return 0
    with transaction.atomic():
        duties = _untold(_short(now))
        readers = Readers(duties)
        notices = wanted([_notice(duty, person.pk, now) for duty in duties for person in readers.owing(duty)])
        tell(notices, now=now)
    return len(notices)


def _short(now: datetime) -> list[Duty]:
    """Return the duties; asked for by policy and name, by which what has opened is found without a look at the rest."""
    found: list[Duty] = []
    for version in publishing.policies_in_force(now=now):
        names = {name for each in library.pack(version.hash).procedures.values() for name in each.duties}
        rows = Duty.objects.filter(policy=version.policy, duty__in=names, opened_at__gte=now - SHORT)
        rows = rows.filter(status=Duty.Status.OPEN, due_at__gt=now, is_outsiders=False).exclude(waits=True)
        found += [row for row in rows.select_related("case") if row.due_at and row.due_at - row.opened_at <= SHORT]
    return found


def _untold(duties: Iterable[Duty]) -> list[Duty]:
    by_key = {_key(duty): duty for duty in duties}
    cases = {duty.case_id for duty in by_key.values()}
    told = set(Notice.objects.filter(kind=Notice.Kind.OPENED, case__in=cases).values_list("case", "duty", "instance"))
    return [duty for key, duty in by_key.items() if key not in told]


def _key(duty: Duty) -> tuple[int, str, int]:
    return duty.case_id, duty.duty, duty.instance


def _notice(duty: Duty, person: int, now: datetime) -> Notice:
    return Notice(
        person_id=person,
        case=duty.case,
        kind=Notice.Kind.OPENED,
        duty=duty.duty,
        instance=duty.instance,
        clauses=duty.clauses,
        due_at=duty.due_at,
        at=duty.opened_at,
        dedupe=f"opened/{duty.case_id}/{duty.duty}/{duty.instance}/{person}"[:240],
    )
