"""Calendar editions in the database: the current one, and how a new one comes to be."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction

from ombud.organisation.models import CalendarEdition
from ombud.policy.model import Pack
from ombud.worktime import Announcement, Edition


@lru_cache(maxsize=32)
def read(edition: str) -> Edition:
    """Return a stored edition. Raises CalendarEdition.DoesNotExist, EditionError for one that was tampered with."""
    return Edition.from_json(CalendarEdition.objects.values_list("baked", flat=True).get(edition=edition))


def current() -> CalendarEdition | None:
    """Return the edition that new cases are counted on; None before the first policy is published."""
    with connection.cursor() as cursor:  # every complaint asks
        cursor.execute("SELECT id, hash FROM organisation_calendaredition ORDER BY id DESC LIMIT 1")
        newest = cursor.fetchone()
    return stored(*newest) if newest else None


@lru_cache(maxsize=32)
def stored(edition_id: int, edition_hash: str) -> CalendarEdition:
    """Return the row of an edition without what is baked; it is shared, so nobody changes it.

    The hash is part of the key: where making an edition was rolled back, the next one gets the same number.
    """
    return CalendarEdition.objects.defer("baked").get(pk=edition_id)


def latest_moving() -> CalendarEdition | None:
    """Return the newest edition that moved due times."""
    return CalendarEdition.objects.defer("baked").filter(moves_dues=True).order_by("-id").first()


def store(edition: Edition, *, source: str, moves_dues: bool, now: datetime) -> CalendarEdition:
    """Return the row of an edition; an unknown one becomes the current edition."""
    row, _ = CalendarEdition.objects.get_or_create(
        hash=edition.hash,
        defaults={
            "edition": edition.id,
            "baked": edition.to_json(),
            "source": source,
            "moves_dues": moves_dues,
            "entered_at": now,
        },
    )
    return row


def cover(pack: Pack, *, now: datetime) -> CalendarEdition:
    """Return the current edition with all that the pack's calendars need frozen into it."""
    with transaction.atomic():
        row = current()
        edition = read(row.edition) if row else Edition.shipped(now.year)
        covered = edition.covering(pack.calendars.values())
        if row is not None and covered.hash == edition.hash:
            return row
        return store(covered, source=f"{pack.id} {pack.version}", moves_dues=False, now=now)


def announce(announcement: Announcement, *, now: datetime) -> CalendarEdition:
    """Enter a year's announcement; the clock then counts open cases anew.

    Raises LookupError before the first policy is published: nothing counts yet.
    """
    with transaction.atomic():
        row = current()
        if row is None:
            raise LookupError("no policy is published yet")
        edition = read(row.edition).with_announcement(announcement)
        return store(edition, source=announcement.source, moves_dues=True, now=now)


def turn_year(*, now: datetime) -> CalendarEdition | None:
    """Move the horizon when a year has begun; return the new edition, or None where there is nothing to do."""
    with transaction.atomic():
        row = current()
        if row is None or (edition := read(row.edition)).year >= now.year:
            return None
        return store(edition.with_year(now.year), source=f"{now.year}", moves_dues=True, now=now)
