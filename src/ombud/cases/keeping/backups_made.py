"""Which backups were made, as far as this installation knows: when the last one was, and what an old key opens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ombud.cases.models import BackupMade

KEPT = 1000  # that are remembered


def note(*, made_at: datetime, kind: str, file: str, size: int, generation: int) -> None:
    """Write down that a backup was made."""
    BackupMade.objects.create(made_at=made_at, kind=kind, file=file[:200], size=size, generation=generation)
    old = BackupMade.objects.order_by("-made_at").values_list("pk", flat=True)[KEPT : KEPT + 100]
    BackupMade.objects.filter(pk__in=list(old)).delete()


def latest(number: int = 1) -> list[BackupMade]:
    """Return the last backups, newest first."""
    return list(BackupMade.objects.order_by("-made_at", "-id")[:number])


def last_under(generations: Collection[int]) -> datetime | None:
    """Return when the last backup was made that only these master keys open."""
    rows = BackupMade.objects.filter(generation__in=generations).order_by("-made_at")
    return rows.values_list("made_at", flat=True).first()
