"""Tells of tables of promise limits: those who decide that one waits, and everybody concerned what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from ombud.notices import limits
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.notices.staffing import fresh
from ombud.organisation import ceiling_tables
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.publishing import in_force
from ombud.texts import Text, same

WORTH = timedelta(days=7)  # how long after a decision it is still told


def tell_limits(*, now: datetime) -> int:
    """Tell what has not been told yet, and return how many notices that were."""
    rows = CeilingTable.objects.select_related("proposed_by", "decided_by")
    found = list(rows.filter(Q(decided_at=None) | Q(decided_at__gt=now - WORTH)))
    keepers = list(ceiling_tables.keepers()) if found else []
    told: list[Notice] = []
    for row in found:
        title, done_by = _title(row.policy, now), row.decided_by or row.proposed_by
        of = limits.waits if row.decided_at is None else limits.decided
        people = dict.fromkeys([*keepers, row.proposed_by])
        told += [of(row, each, title, now=now) for each in people if each != done_by]
    told = fresh(told)
    if told:
        with transaction.atomic():
            tell(told, now=now)
    return len(told)


def _title(policy: str, now: datetime) -> Text:
    version = in_force(policy, now=now)
    return version.title if version is not None else same(policy)
