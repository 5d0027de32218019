"""What the checks say of each policy version: walking every way through a policy takes seconds, so it is kept."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from ombud.checks import Report, apart, packed, unpacked, with_staff
from ombud.organisation import library
from ombud.organisation.models import PolicyReport, PolicyVersion
from ombud.organisation.staff import Roster


def make_missing(*, now: datetime) -> int:
    """Check the published versions that have no report yet and return how many; the clock does it.

    Drafts are checked when they are handed in.
    """
    published = PolicyVersion.objects.filter(report=None, status=PolicyVersion.Status.PUBLISHED)
    rows = list(published.values_list("pk", "hash"))
    for pk, pack_hash in rows:
        # Another clock may have been quicker: the report is the same.
        PolicyReport.objects.get_or_create(version_id=pk, defaults={"content": _checked(pack_hash), "made_at": now})
    return len(rows)


def report_of(version: PolicyVersion, *, now: datetime) -> Report | None:
    """Return what the checks found, or None while the clock has not come to it.

    Whether there are people enough for its approvals is looked at anew: people come and go, the rules stay.
    """
    content = PolicyReport.objects.filter(version=version).values_list("content", flat=True).first()
    if content is None:
        return None
    report, roster = unpacked(content), Roster(version.policy)
    if version.status != PolicyVersion.Status.PUBLISHED or not roster.holdings:
        return report  # nobody has a role in it yet, so nothing can be said about the people
    return with_staff(report, library.pack(version.hash), roster, int(now.timestamp()))


@lru_cache(maxsize=16)
def _checked(pack_hash: str) -> dict[str, Any]:
    pack = library.pack(pack_hash)
    return packed(apart.check_whole(pack.sources, policy=pack.id, owner="clock").report)
