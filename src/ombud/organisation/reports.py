"""What the checks say of each policy version: walking every way through a policy takes seconds, so it is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from ombud.checks import Report, apart, packed, unpacked, with_staff
from ombud.organisation import library
from ombud.organisation.models import PolicyReport, PolicyVersion
from ombud.organisation.staff import Roster

log = logging.getLogger(__name__)

AGAIN = timedelta(hours=1)  # until checks that were ended or failed are tried again
_KNOWN: dict[str, dict[str, Any]] = {}  # by hash, which means the same in every database


def make_missing(*, now: datetime, meanwhile: Callable[[], None] = apart.nothing) -> int:
    """Check the published versions that have no report yet and return how many; the clock does it.

    Checks that were ended or failed are repeated after a while: it may have been the machine, which did other things
    too. `meanwhile` is called about each second. Drafts are checked when they are handed in.
    """
    is_due = Q(report=None) | Q(report__is_final=False, report__made_at__lte=now - AGAIN)
    published = PolicyVersion.objects.filter(is_due, status=PolicyVersion.Status.PUBLISHED)
    rows = list(published.values_list("pk", "hash"))
    for pk, pack_hash in rows:
        try:
            content, is_final = _checked(pack_hash, meanwhile)
        except Exception:  # one that cannot be checked must not hold up the others
            log.exception("policy version %s cannot be checked", pk)
            content, is_final = None, False
        _keep(pk, content, is_final=is_final, now=now)
    return len(rows)


def _keep(version_id: int, content: dict[str, Any] | None, *, is_final: bool, now: datetime) -> None:
    """Keep a report; one that is final stays, as another clock that was quicker found the same."""
    found = {"content": content, "is_final": is_final, "made_at": now}
    _row, is_new = PolicyReport.objects.get_or_create(version_id=version_id, defaults=found)
    if not is_new:
        PolicyReport.objects.filter(version_id=version_id, is_final=False).update(**found)


def report_of(version: PolicyVersion, *, now: datetime) -> Report | None:
    """Return what the checks found, or None while the clock has not come to it.

    Whether there are people enough for its approvals is looked at anew: people come and go, the rules stay.
    """
    row = PolicyReport.objects.filter(version=version).first()
    if row is None or row.content is None:
        return None
    report, roster = unpacked(row.content), Roster(version.policy)
    if not row.is_final or version.status != PolicyVersion.Status.PUBLISHED or not roster.holdings:
        return report  # nobody has a role in it yet, so nothing can be said about the people
    return with_staff(report, library.pack(version.hash), roster, int(now.timestamp()))


def _checked(pack_hash: str, meanwhile: Callable[[], None]) -> tuple[dict[str, Any], bool]:
    """Return what the checks found, and whether they came to their end."""
    if pack_hash not in _KNOWN:
        pack = library.pack(pack_hash)
        checked = apart.check_whole(pack.sources, policy=pack.id, owner="clock", meanwhile=meanwhile)
        if checked.is_ended:
            return packed(checked.report), False
        _KNOWN[pack_hash] = packed(checked.report)
    return _KNOWN[pack_hash], True
