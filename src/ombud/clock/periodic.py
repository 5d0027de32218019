"""Periodic duties: each occurrence is a case of its own procedure, opened when its time comes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.utils import timezone

from ombud.cases import commands
from ombud.cases.access import assignees
from ombud.cases.models import Case
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import Planned, between
from ombud.engine.model import CLOCK_ACTOR
from ombud.organisation import editions, library, publishing
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import first_act

log = logging.getLogger(__name__)

#: Days looked back on: what fell due while no clock ran.
BACK = {"day": 7, "workday": 7, "week": 21, "month": 62, "quarter": 184, "half-year": 366, "year": 732}


def open_due(*, now: datetime) -> int:
    """Open the occurrences whose time has come and return how many."""
    row = editions.current()
    if row is None:
        return 0
    opened = 0
    for version in publishing.policies_in_force(now=now):
        due = list(_due(version, row.edition, now))
        if not due:
            continue
        rows = Occurrence.objects.filter(policy=version.policy, due_at__gte=min(each.at for each in due))
        known = set(rows.values_list("periodic", "period", "office__key", "department__key"))
        for each in due:
            if (each.periodic.id, each.period, each.office, each.department) in known:
                continue
            try:
                opened += open_one(version, each, now=now) is not None
            except Exception:  # one that cannot be opened must not keep the others from being opened
                log.exception("%s: %s of %s could not be opened", version, each.periodic.id, each.period)
    return opened


def _due(version: PolicyVersion, edition: str, now: datetime) -> Iterator[Planned]:
    """Yield what fell due under this version: what did so before it was in force was nobody's duty."""
    zone = timezone.get_default_timezone()
    began = datetime.combine(version.effective_on, time(0), zone)
    for each in _planned(version.hash, edition, now.astimezone(UTC).date()):
        if version.published_at is not None and max(began, version.published_at) <= each.at <= now:
            yield each


@lru_cache(maxsize=64)
def _planned(pack_hash: str, edition: str, today: date) -> tuple[Planned, ...]:
    """Return what falls due about this day; a clock asks every other second."""
    pack, known = library.pack(pack_hash), editions.read(edition)
    # A day more than today, since a place may be in tomorrow already.
    last = today + timedelta(days=1)
    found = (
        each
        for periodic in pack.periodic.values()
        for each in between(pack, periodic, known, today - timedelta(days=BACK[periodic.every]), last)
    )
    return tuple(sorted(found, key=lambda each: each.at))


def open_one(version: PolicyVersion, planned: Planned, *, now: datetime) -> Case | None:
    """Open one occurrence and return its case; None where it is open already or the procedure has no beginning."""
    pack: Pack = library.pack(version.hash)
    periodic = planned.periodic
    first = first_act(pack.procedures[periodic.procedure])
    if first is None:
        log.error("%s: no act of the clock begins %s", version, periodic.procedure)
        return None
    try:
        with transaction.atomic():
            received = commands.receive(
                version,
                channel="",
                language="zh",
                data={},
                actor=replace(CLOCK_ACTOR, office=planned.office, department=planned.department),
                at=planned.at,
                now=now,
                act=first,
                procedure=periodic.procedure,
            )
            Occurrence.objects.create(
                policy=version.policy,
                periodic=periodic.id,
                period=planned.period,
                office_id=assignees.office_id(planned.office),
                department_id=assignees.department_id(version.policy, planned.department),
                due_at=planned.at,
                case=received.case,
            )
    except IntegrityError:
        return None  # another clock opened it at the same moment
    return received.case
