"""Training records: who passed which exam of a policy, until when, and what was taken back."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from ombud.organisation import changes, library, publishing
from ombud.organisation.models import Person, TrainingRecord
from ombud.policy.plain_text import plain


class TrainingError(ValueError):
    """A training record cannot be kept; the code says why: exam, self, date, valid, twice, reason, revoked."""


def record(
    person: Person,
    policy: str,
    exam: str,
    *,
    passed_on: date,
    by: Person,
    now: datetime,
    valid_until: date | None = None,
    score: str = "",
    evidence: uuid.UUID | None = None,
) -> TrainingRecord:
    """Record that somebody passed an exam; `evidence` is an attachment that nobody else links.

    Raises TrainingError: an unknown exam, one's own, a date that lies ahead or after its end, one recorded already.
    """
    version = publishing.latest(policy)
    if version is None or exam not in library.pack(version.hash).exams:
        raise TrainingError("exam")
    if person == by:  # nobody lets themselves in
        raise TrainingError("self")
    if passed_on > timezone.localdate(now, timezone.get_default_timezone()):
        raise TrainingError("date")
    if valid_until is not None and valid_until < passed_on:
        raise TrainingError("valid")
    try:
        with transaction.atomic():
            row = TrainingRecord.objects.create(
                person=person,
                policy=policy,
                exam=exam,
                passed_on=passed_on,
                valid_until=valid_until,
                score=plain(score)[:40],
                evidence=evidence,
                recorded_by=by,
                recorded_at=now,
            )
            changes.note([row], by=by, now=now)
    except IntegrityError as error:
        raise TrainingError("twice") from error
    return row


def revoke(row: TrainingRecord, *, reason: str, by: Person, now: datetime) -> TrainingRecord:
    """Take a record back: from now on it opens nothing; what was done under it stays. Raises TrainingError."""
    reason = plain(reason, lines=True)
    if not reason:
        raise TrainingError("reason")
    with transaction.atomic():
        changed = TrainingRecord.objects.filter(pk=row.pk, revoked_at=None).update(
            revoked_at=now, revoked_by=by, revoked_because=reason[:500]
        )
        if not changed:
            raise TrainingError("revoked")
        row.refresh_from_db()
        changes.note([row], by=by, now=now)
    return row
