"""When everything was verified last, by whom, and what came of it; and asking the clock to do it anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Recusal, Verification
from ombud.organisation.models import Person

SHOWN = 100  # problems that are kept word for word
LOST = timedelta(hours=6)  # after which a verification is begun anew: the clock that had begun it was killed


def ask(*, by: Person, now: datetime) -> bool:
    """Ask the clock to verify everything; return False where that waits already."""
    try:
        with transaction.atomic():
            Verification.objects.create(way=Verification.Way.PAGE, asked_by=by, asked_at=now)
    except IntegrityError:
        return False
    return True


def run_waiting(*, now: datetime) -> int:
    """Do what somebody asked for, and return how many times."""
    row = waiting()
    if row is None or (row.begun_at is not None and now - row.begun_at < LOST):
        return 0
    mine = Verification.objects.filter(pk=row.pk, begun_at=row.begun_at, finished_at=None)
    if not mine.update(begun_at=now):
        return 0  # another clock has it
    _finish(row.pk, verify_all())
    return 1


def record(report: Mapping[str, Any], *, begun_at: datetime) -> None:
    """Write down what a command found."""
    row = Verification.objects.create(way=Verification.Way.COMMAND, asked_at=begun_at, begun_at=begun_at)
    _finish(row.pk, report)


def _finish(pk: int, report: Mapping[str, Any]) -> None:
    Verification.objects.filter(pk=pk).update(
        finished_at=timezone.now(),
        cases=report["cases"],
        events=report["events"],
        roots=report["roots"],
        ahead=len(report["ahead"]),
        problems=len(report["problems"]),
        found=report["problems"][:SHOWN],
    )


def latest() -> Verification | None:
    """Return the last one that came to its end."""
    rows = Verification.objects.filter(finished_at__isnull=False).select_related("asked_by")
    return rows.order_by("-finished_at", "-id").first()


def waiting() -> Verification | None:
    """Return the one that somebody asked for and that has not come to its end."""
    return Verification.objects.filter(finished_at=None, way=Verification.Way.PAGE).select_related("asked_by").first()


def shown(row: Verification, reader: Person) -> list[str]:
    """Return the problems that a reader may be told: none of a case from which they are taken out."""
    hidden = set(Recusal.objects.filter(person=reader).values_list("case__reference", flat=True))
    return [line for line in row.found if line.partition(":")[0] not in hidden]
