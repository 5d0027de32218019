"""Rungs and openings: every case whose next instant has passed is woken, once, at its exact instants."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from ombud.cases.commands import pass_time, recount
from ombud.cases.fold import seconds
from ombud.cases.models import Case, WakeUp
from ombud.cases.waking import wake
from ombud.organisation import editions

log = logging.getLogger(__name__)

BATCH = 200
TOGETHER = 25  # cases written in one transaction: an act waits for a few dozen milliseconds at most


def sweep(*, now: datetime) -> int:
    """Wake the cases that are due and return how many events that wrote; call again while it returns some.

    Any number of clocks may do this at once: a case that another process holds is passed over, and
    one that another clock woke has nothing left to do.
    """
    at = seconds(now)
    # Cases that could not be woken come last: however many they are, they must not hold up the others.
    rows = WakeUp.objects.filter(at__lt=at).order_by("failures", "at")[:BATCH]
    # What failed a moment ago waits, and then comes alone.
    fresh = [row.case_id for row in rows if not row.failures]
    again = [row.case_id for row in rows if row.failures and at >= row.at + 30 * 2**row.failures]
    batches = [fresh[first : first + TOGETHER] for first in range(0, len(fresh), TOGETHER)]
    random.shuffle(batches)  # two clocks that look at the same moment do not begin with the same cases
    written = sum(_together(batch, now) for batch in batches)
    return written + sum(_alone(case_id, now) for case_id in again)


def _together(case_ids: Sequence[int], now: datetime) -> int:
    """Wake cases in one transaction, and those alone that cannot be woken so; return how many events that wrote."""
    try:
        written, done = wake(case_ids, now=now)
    except Exception:  # what is wrong with one of them is found by waking each
        log.exception("%s cases could not be woken together", len(case_ids))
        written, done = 0, set()
    return written + sum(_alone(case_id, now) for case_id in case_ids if case_id not in done)


def _alone(case_id: int, now: datetime) -> int:
    """Wake one case, unless somebody holds it; return how many events that wrote."""
    try:
        performed = pass_time(case_id, now=now, is_patient=False)
    except Exception:  # one case that cannot be folded must not stop time for all others
        log.exception("case %s could not be woken", case_id)
        WakeUp.objects.filter(pk=case_id, failures__lt=12).update(failures=F("failures") + 1)
        return 0
    return len(performed.events) if performed else 0


def next_wake() -> int | None:
    """Return the instant of the next wake-up."""
    return WakeUp.objects.order_by("at").values_list("at", flat=True).first()


def recount_open(*, now: datetime) -> int:
    """Count open cases anew under the current edition where a year or an announcement moved days; return how many."""
    newest = editions.current()
    moving = editions.latest_moving()
    if newest is None or moving is None:
        return 0
    done = 0
    for pk in Case.objects.filter(closed_at=None, edition__lt=moving).values_list("pk", flat=True)[:BATCH]:
        try:
            done += recount(pk, newest.pk, now=now) is not None
        except Exception:  # likewise
            log.exception("case %s could not be counted anew", pk)
    return done
