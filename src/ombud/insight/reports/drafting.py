"""Beginning reports: as soon as one is owed, its figures are counted and kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty
from ombud.insight.reports import freezing
from ombud.insight.reports.models import Frozen, Report
from ombud.insight.reports.period import occurrence_of, period_of
from ombud.organisation import library
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Report as Wanted
from ombud.policy.procedure import acts_of
from ombud.policy.vocabulary import CASE

log = logging.getLogger(__name__)

_STILL_OWED = (Duty.Status.OPEN, Duty.Status.PAUSED)


def begin_owed(*, now: datetime) -> int:
    """Begin the reports that are owed and not begun yet, and return how many."""
    begun = 0
    for policy, procedure, duty, act in _owing():
        rows = Duty.objects.filter(policy=policy, duty=duty, case__procedure=procedure, status__in=_STILL_OWED)
        known = Report.objects.filter(case=OuterRef("case"), act=act)
        for row in rows.filter(~Exists(known)).select_related("case").order_by("id"):
            try:
                begun += begin(row.case, act, now=now) is not None
            except Exception:  # one that cannot be counted must not keep the others from being begun
                log.exception("report of %s cannot be begun", row.case.reference)
    return begun


def _owing() -> Iterator[tuple[str, str, str, str]]:
    """Yield (policy, procedure, duty, act) wherever doing the duty hands in a report about a period.

    One about a case begins when somebody opens it: until then it would tell what is past.
    """
    found = set()
    for policy, known in PolicyVersion.objects.filter(status=PolicyVersion.Status.PUBLISHED).values_list(
        "policy", "hash"
    ):
        pack = library.pack(known)
        for procedure in pack.procedures.values():
            for duty in procedure.duties.values():
                events = (act for event in duty.do for act in acts_of(procedure, event))
                acts = {act.id for act in events if act.hands_in and pack.reports[act.hands_in].subject != CASE}
                found |= {(policy, procedure.id, duty.id, act) for act in acts}
    yield from sorted(found)


def begin(case: Case, act: str, *, now: datetime) -> Report | None:
    """Begin the report that an act of the case hands in, once; None where the act hands in none."""
    known = wanted(case, act)
    if known is None:
        return None
    pack, content = _counted(case, known, now)  # before anything is locked: it may take long
    try:
        with transaction.atomic():
            report = Report.objects.create(case=case, report=known.id, act=act, begun_at=now)
            _keep(report, 1, pack, content, by=None, now=now)
    except IntegrityError:  # another clock, or somebody who opened the page, was quicker
        return Report.objects.get(case=case, act=act)
    return report


def freeze(report: Report, seen: Frozen, *, by: Person | None, now: datetime) -> Frozen:
    """Count anew and keep what came out beside what was counted before.

    Where somebody else counted since `seen`, theirs are returned; where it was handed in since, what it was handed
    in with: two who count at the same moment, or one who counts while another hands in, are harmless.
    """
    known = wanted(report.case, report.act)
    assert known is not None, "a report is begun only where the policy has it"
    pack, content = _counted(report.case, known, now)
    with transaction.atomic():
        locked = Report.objects.select_for_update().get(pk=report.pk)
        newest = latest(locked)
        if newest.number != seen.number or locked.handed_in_seq != report.handed_in_seq:
            return newest
        return _keep(report, newest.number + 1, pack, content, by=by, now=now)


def latest(report: Report) -> Frozen:
    """Return the newest figures."""
    return report.frozen.order_by("-number")[0]


def _counted(case: Case, known: Wanted, now: datetime) -> tuple[Pack, dict[str, Any]]:
    pack = wanted_pack(case)
    period = period_of(pack, known, occurrence_of(case))
    return pack, freezing.contents(pack, known, period, case, now=now)


def _keep(
    report: Report, number: int, pack: Pack, content: dict[str, Any], *, by: Person | None, now: datetime
) -> Frozen:
    return Frozen.objects.create(
        report=report,
        number=number,
        as_of=now,
        version=pack.version,
        pack_hash=pack.hash,
        content=content,
        hash=freezing.digest(content),
        by=by,
    )


def wanted(case: Case, act: str) -> Wanted | None:
    """Return the report that an act of a case hands in: that of its periodic duty, else the act's own."""
    pack = wanted_pack(case)
    known = pack.procedures[case.procedure].acts.get(act)
    if known is None or known.hands_in is None:
        return None
    occurrence = occurrence_of(case)
    periodic = pack.periodic.get(occurrence.periodic) if occurrence else None
    return pack.reports[(periodic.hands_in if periodic else None) or known.hands_in]


def wanted_pack(case: Case) -> Pack:
    """Return the policy that a case runs under now."""
    return program_of(case).pack
