"""Asking for a list, seeing how far it is, and taking it along: each of them on record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone, translation

from ombud.cases.access.kept_out import kept_from
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_instant_and_uuid, instant_cursor
from ombud.insight.exports.columnar import COLUMNAR, is_installed
from ombud.insight.exports.models import Export
from ombud.insight.exports.writing import CSV, XLSX
from ombud.organisation.models import Person
from ombud.privacy.models import Complainant

KEPT = timedelta(hours=24)
ATTEMPTS = 3  # to make a list; then it is given up
WAITING = 5  # lists of one person that wait to be made at the same time
SEARCHED = "q"  # what somebody searched for may be a name
HIDDEN = "***"


class TooMany(ValueError):
    """So many of somebody's lists are still being made that no other is begun."""


class Gone(LookupError):
    """There is no such file for this person: another's, not made, not kept any more, or not theirs to see any more."""


def ask(person: Person, what: str, query: Mapping[str, str], format: str, *, now: datetime) -> Export:
    """Ask for a list, in the person's language and zone. Raises NotOurs for a format not offered, TooMany."""
    if format not in formats():
        raise NotOurs(f"format={format}")
    waiting = Export.objects.filter(person=person, done_at=None, asked_at__gt=now - KEPT, attempts__lt=ATTEMPTS)
    if waiting.count() >= WAITING:
        raise TooMany
    return Export.objects.create(
        person=person,
        what=what,
        query=dict(query),
        format=format,
        language=translation.get_language() or "",
        zone=str(timezone.get_current_timezone()),
        asked_at=now,
    )


def formats() -> tuple[str, ...]:
    """Return what people are offered: by columns only where that can be written."""
    return (CSV, XLSX, *(COLUMNAR if is_installed() else ()))


def of_person(person: Person, cursor: str | None) -> Page[Export]:
    """Return the lists that a person asked for, newest first. Raises NotOurs for a bad cursor."""
    return _page(Q(person=person), cursor)


def everybodys(reader: Permissions, cursor: str | None) -> Page[Export]:
    """Return who asked for which list, newest first, to who manages or audits the organisation; else their own."""
    return _page(Q() if reader.sees_all else Q(person=reader.person), cursor)


def _page(whose: Q, cursor: str | None) -> Page[Export]:
    rows = Export.objects.filter(whose)
    if (last := by_instant_and_uuid(cursor)) is not None:
        at, key = last
        rows = rows.filter(asked_at__lte=at).filter(Q(asked_at__lt=at) | Q(pk__lt=key))
    found = list(rows.select_related("person").order_by("-asked_at", "-pk")[: PAGE + 1])
    more = len(found) > PAGE
    return Page(
        rows=tuple(found[:PAGE]), after=instant_cursor(found[PAGE - 1].asked_at, found[PAGE - 1].pk) if more else None
    )


def open_file(person: Person, key: UUID, *, now: datetime) -> tuple[Export, IO[bytes]]:
    """Return a list that the person had made, and its file, opened; that it was taken is noted.

    Raises Gone, also where the person's roles have changed since, they were taken out of a case, or somebody was
    erased: what they see now may be less than what stands in the file.
    """
    export = Export.objects.filter(pk=key, person=person, done_at__isnull=False, asked_at__gt=now - KEPT).first()
    if export is None or not export.stored or is_outdated(export):
        raise Gone
    try:
        opened = default_storage.open(export.stored, "rb")
    except FileNotFoundError as error:
        raise Gone from error
    Export.objects.filter(pk=key, taken_at=None).update(taken_at=now)
    return export, opened


def is_outdated(export: Export) -> bool:
    """Return whether a file may hold what its reader may no longer see, or what was erased since it was begun."""
    assert export.person is not None, "only people's lists are kept as files"
    is_erased = Complainant.objects.filter(erased_at__gte=export.asked_at).exists()
    return is_erased or standing_of(permissions_of(export.person)) != export.standing


def standing_of(reader: Permissions) -> str:
    """Return what is another text whenever somebody sees other cases, or sees them otherwise masked."""
    masked = sorted(policy for policy, mine in reader.policies.items() if mine.is_masked)
    seen = (reader.sees_all, sorted(reader.full_policies), sorted(reader.viewers), sorted(reader.policies), masked)
    without = list(kept_from(reader.person))
    lent = [(each.absent, each.policy, each.held.is_full, each.held.is_masked) for each in reader.stand_ins]
    standing = (reader.person.is_active, seen, without, *([lent] if lent else []))
    return hashlib.sha256(repr(standing).encode()).hexdigest()
