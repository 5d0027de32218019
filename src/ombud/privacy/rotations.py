"""A new master key takes an old one's place: when it began, how far it has come, and when the old one may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from ombud.organisation.models import Change
from ombud.privacy import keys
from ombud.privacy.master_keys import Ring
from ombud.privacy.models import BlindIndex, InheritedKey, KeyRotation

CHANGE = "master key"  # the kind of its lines among the changes
KEPT = timedelta(hours=25)  # uploads in parts, answers to repeated requests and codes that were asked for end before


@dataclass(frozen=True, kw_only=True, slots=True)
class KeySituation:
    """How it stands with the master keys."""

    ring: Ring
    rotation: KeyRotation | None  # of the key that seals now
    may_retire_at: datetime | None  # when what lives for some time only has ended

    @property
    def is_under_way(self) -> bool:
        """Return whether an old key is still at hand beside the one that seals."""
        return len(self.ring) > 1


def standing() -> KeySituation:
    """Return how it stands with the master keys."""
    ring = keys.ring()
    row = KeyRotation.objects.filter(generation=ring[0].generation).first()
    return KeySituation(ring=ring, rotation=row, may_retire_at=may_retire_at(row) if row is not None else None)


def may_retire_at(row: KeyRotation) -> datetime:
    """Return when nothing is left that lives for some time only: drafts in sessions above all."""
    return row.begun_at + max(KEPT, timedelta(hours=settings.OMBUD_SESSION_LONGEST + 1))


def begin(*, now: datetime) -> KeyRotation:
    """Begin, or return what was begun; from now on the new key takes over what must stay what it is."""
    first = keys.ring()[0]
    if (known := KeyRotation.objects.filter(generation=first.generation).first()) is not None:
        return known
    with transaction.atomic():
        row, is_new = KeyRotation.objects.get_or_create(
            generation=first.generation, defaults={"mark": first.mark, "begun_at": now}
        )
        if is_new:
            keys.inherit(under=first.generation)
            _note(row, "begun", now)
    return row


def is_taken_over(generation: int) -> bool:
    """Return whether what must stay what it is lies under a master key of that number, all of it."""
    under = InheritedKey.objects.filter(under=generation).values_list("purpose", flat=True)
    return set(under) >= set(keys.INHERITED)


def progress(row: KeyRotation) -> list[tuple[str, int, int]]:
    """Return for each kind its name, how many rows are through and how many there were.

    What came since came under the new key.
    """
    is_over = {name: row.step != name and (name in row.done or row.finished_at is not None) for name in row.of}
    return [
        (name, total if is_over[name] else min(row.done.get(name, 0), total), total) for name, total in row.of.items()
    ]


def begin_again(row: KeyRotation) -> None:
    """Look at everything once more: a process that did not know the new key sealed under the old one meanwhile."""
    row.step, row.after, row.done, row.of, row.finished_at = "", "", {}, {}, None
    row.save(update_fields=["step", "after", "done", "of", "finished_at"])


def settle(*, now: datetime) -> int:
    """Write down that the old key is gone, once it is, and forget by what people were known under it."""
    ring = keys.ring()
    rows = KeyRotation.objects.filter(generation=ring[0].generation, finished_at__isnull=False, retired_at=None)
    row = rows.first() if len(ring) == 1 else None
    if row is None:
        return 0
    with transaction.atomic():
        if not rows.filter(pk=row.pk).update(retired_at=now):
            return 0
        BlindIndex.objects.filter(generation__lt=row.generation).delete()
        _note(row, "old key retired", now)
    return 1


def _note(row: KeyRotation, what: str, now: datetime) -> None:
    content = {"what": what, "mark": row.mark}
    Change.objects.create(kind=CHANGE, key=str(row.generation), content=content, by=None, at=now)
