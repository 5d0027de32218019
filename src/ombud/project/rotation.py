"""The clock brings what an old master key sealed under the new one, a few rows at a time.

How far it came is written in the transaction that moved them: whoever is killed in between has done nothing, and the
next one goes on from there. Web and clock go on meanwhile; they read under both keys and seal under the new one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from ombud.privacy import blind, keys, rotations
from ombud.privacy.models import KeyRotation
from ombud.project.rotation_steps import INDEX, MESSAGES, STEPS

#: By then every process knows that all who are known are found under the new key.
KNOWN_EVERYWHERE = timedelta(seconds=2 * blind.ASKED_AGAIN)


def advance(*, now: datetime) -> int:
    """Do the next few, where a rotation is under way; return how many were looked at, 0 where nothing is to do now."""
    if len(keys.ring()) == 1:
        return rotations.settle(now=now)
    begun = rotations.begin(now=now)
    if begun.finished_at is not None:
        return 0
    STEPS[begun.step or next(iter(STEPS))].get_ready(begun.after)
    with transaction.atomic():
        rows = KeyRotation.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        row = rows.filter(generation=keys.ring()[0].generation, finished_at=None).first()
        return _step(row, now) if row is not None else 0  # none: done, or another clock is at it


def _step(row: KeyRotation, now: datetime) -> int:
    name = row.step or next(iter(STEPS))
    if name == MESSAGES and row.indexed_at is not None and now - row.indexed_at < KNOWN_EVERYWHERE:
        return 0
    if not row.of:
        row.of = {each: step.rows().count() for each, step in STEPS.items()}
    done = STEPS[name].do(row.after)
    row.moved += done.moved
    row.done[name] = row.done.get(name, 0) + done.looked
    row.step, row.after = name, done.last
    if not done.looked:
        _go_on(row, name)
    row.save(update_fields=["step", "after", "done", "of", "moved", "indexed_at", "finished_at"])
    return done.looked or 1


def _go_on(row: KeyRotation, name: str) -> None:
    """Let the next kind follow one that is through."""
    names = [*STEPS, ""]
    row.step = names[names.index(name) + 1]
    if name == INDEX and row.indexed_at is None:
        row.indexed_at = timezone.now()
    if not row.step:
        row.finished_at = timezone.now()


def left() -> dict[str, int]:
    """Return by kind how much needs an old master key, from the rows themselves; nothing where nothing does."""
    found = {name: step.count_left() for name, step in STEPS.items()}
    return {name: number for name, number in found.items() if number}
