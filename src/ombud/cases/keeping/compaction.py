"""Making the database let go of what was erased: its index and files keep deleted rows until they are tidied."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from ombud.cases import search
from ombud.cases.models import Case, Outbox

KIND = "compact"
#: What makes deleted rows unreadable in the database's own files: pages before they were changed, dead tuples.
_LETTING_GO = {
    "sqlite": ["PRAGMA wal_checkpoint(TRUNCATE)"],
    "postgresql": [
        f"VACUUM {table}" for table in ("cases_search", "privacy_complainant", "privacy_blindindex", "cases_case")
    ],
}


def ask(case: Case, *, now: datetime) -> None:
    """Have the clock do it soon; written with the erasure, so that neither a crash nor a lock makes it forgotten."""
    Outbox.objects.get_or_create(
        dedupe=f"{KIND}/{case.reference}/{now.isoformat()}", defaults={"kind": KIND, "case": case, "available_at": now}
    )


def run(*, now: datetime) -> int:
    """Tidy if an erasure asked for it, and return for how many it was; others may write between the steps."""
    waiting = list(Outbox.objects.filter(kind=KIND, done_at=None, available_at__lte=now).values_list("pk", flat=True))
    if not waiting:
        return 0
    search.compact()
    if not connection.in_atomic_block:  # as tests are
        with connection.cursor() as cursor:
            for statement in _LETTING_GO[connection.vendor]:
                cursor.execute(statement)
    return Outbox.objects.filter(pk__in=waiting).update(done_at=now)
