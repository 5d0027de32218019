"""Rungs and openings: every case whose next instant has passed is woken, once, at its exact instants."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import F

from ombud.cases.commands import pass_time, recount
from ombud.cases.fold import seconds
from ombud.cases.models import Case, WakeUp
from ombud.organisation import editions

log = logging.getLogger(__name__)

BATCH = 200


def sweep(*, now: datetime) -> int:
    """Wake the cases that are due and return how many events that wrote; call again while it returns some.

    Any number of clocks may do this at once: a case that another process holds is passed over, and
    one that another clock woke has nothing left to do.
    """
    written = 0
    at = seconds(now)
    # Cases that could not be woken come last: however many they are, they must not hold up the others.
    for row in WakeUp.objects.filter(at__lt=at).order_by("failures", "at")[:BATCH]:
        if row.failures and at < row.at + 30 * 2**row.failures:
            continue  # it failed a moment ago
        try:
            performed = pass_time(row.case_id, now=now, is_patient=False)
        except Exception:  # one case that cannot be folded must not stop time for all others
            log.exception("case %s could not be woken", row.case_id)
            WakeUp.objects.filter(pk=row.pk, failures__lt=12).update(failures=F("failures") + 1)
        else:
            written += len(performed.events) if performed else 0
    return written


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
