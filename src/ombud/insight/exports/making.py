"""Makes the lists that were asked for: short ones at once, the others beside the clock, told by a notice."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation

from ombud.cases.access.permissions import permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.insight.exports.asking import ATTEMPTS, HIDDEN, KEPT, SEARCHED, is_outdated, standing_of
from ombud.insight.exports.models import Export
from ombud.insight.exports.table import Row, Table
from ombud.insight.exports.writing import MOST, TooLong, write
from ombud.notices.alerts import asking as alerts
from ombud.notices.models import Notice
from ombud.organisation.models import Person

log = logging.getLogger(__name__)

#: A list by its name: what it holds for a reader who narrowed it so. Raises NotOurs for what it cannot be narrowed by.
Lists = Mapping[str, Callable[[Person, Mapping[str, str], datetime], Table]]
SOON = 1000  # rows that are made while their reader waits
LEASE = timedelta(minutes=30)
_TOLD_EVERY = 1000  # rows between two notes of how far it is


def make_soon(export: Export, lists: Lists, *, now: datetime) -> bool:
    """Make a list that is short and return whether it was. Raises NotOurs for what it cannot be narrowed by."""
    if not _waiting(now).filter(pk=export.pk).update(lease_until=now + LEASE):
        return False  # a clock has it
    try:
        _make(export, lists, now, most=SOON)
    except TooLong:
        Export.objects.filter(pk=export.pk).update(lease_until=None, rows=0)
        return False
    except Exception:
        Export.objects.filter(pk=export.pk).update(lease_until=None, attempts=ATTEMPTS, query=_hidden(export))
        raise
    return True


def make_waiting(lists: Lists, *, now: datetime) -> int:
    """Make what was asked for, each under its own lease, and return how many were made."""
    done = 0
    for pk in list(_waiting(now).values_list("pk", flat=True)):
        if not _waiting(now).filter(pk=pk).update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            continue  # another clock has it
        export = Export.objects.select_related("person").get(pk=pk)
        try:
            case = _make(export, lists, now, most=MOST)
        except (TooLong, NotOurs):
            Export.objects.filter(pk=pk).update(
                is_too_long=True, attempts=ATTEMPTS, lease_until=None, query=_hidden(export)
            )
        except Exception:  # one that cannot be made must not hold up the others
            log.exception("export %s", export.pk)
            Export.objects.filter(pk=pk).update(lease_until=None)
        else:
            _tell(export, case, now)
            done += 1
    return done


def _waiting(now: datetime) -> QuerySet[Export]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Export.objects.filter(
        free, done_at=None, person__isnull=False, attempts__lt=ATTEMPTS, asked_at__gt=now - KEPT
    )


def is_given_up(export: Export) -> bool:
    """Return whether nobody tries to make it any more."""
    return export.done_at is None and export.attempts >= ATTEMPTS


def _make(export: Export, lists: Lists, now: datetime, *, most: int) -> int | None:
    """Make the file, and return the first case that stands in it."""
    assert export.person is not None, "only people's lists are kept as files"
    standing, zone = standing_of(permissions_of(export.person)), ZoneInfo(export.zone)
    with translation.override(export.language), timezone.override(zone), tempfile.TemporaryFile() as out:
        table = lists[export.what](export.person, export.query, now)
        passing = _Passing(export, table.rows)
        rows = write(
            Table(name=table.name, headings=table.headings, rows=iter(passing)), export.format, out, zone, most=most
        )
        size = out.tell()
        out.seek(0)
        stored = default_storage.save(f"exports/{export.pk.hex}.{export.format}", File(out))
    export.stored, export.size, export.rows, export.done_at = stored, size, rows, now
    export.standing, export.lease_until, export.query = standing, None, _hidden(export)
    export.save(update_fields=["stored", "size", "rows", "done_at", "standing", "lease_until", "query"])
    return passing.case


def _hidden(export: Export) -> dict[str, str]:
    """Return what it was narrowed by without the words that were searched for: they may name somebody."""
    return {name: HIDDEN if name == SEARCHED else value for name, value in export.query.items()}


class _Passing:
    """The rows on their way, noted now and then; knows the first case among them."""

    def __init__(self, export: Export, rows: Iterator[Row]) -> None:
        self._export, self._rows = export, rows
        self.case: int | None = None

    def __iter__(self) -> Iterator[Row]:
        for number, row in enumerate(self._rows, 1):
            self.case = self.case or row.case
            if number % _TOLD_EVERY == 0:
                Export.objects.filter(pk=self._export.pk).update(rows=number)
            yield row


def _tell(export: Export, case: int | None, now: datetime) -> None:
    """Tell its reader that it is ready, at the first case that stands in it."""
    if case is None:
        return
    notice = Notice(
        person=export.person, case_id=case, kind=Notice.Kind.EXPORT, at=now, dedupe=f"export/{export.pk.hex}"
    )
    with transaction.atomic():
        alerts.tell([notice], now=now)


def tidy(*, now: datetime) -> int:
    """Remove files that were made a day ago, and those that may hold what their reader must not see any more."""
    removed = 0
    for export in Export.objects.exclude(stored="").select_related("person"):
        if export.asked_at <= now - KEPT or is_outdated(export):
            default_storage.delete(export.stored)
            Export.objects.filter(pk=export.pk).update(stored="")
            removed += 1
    for export in Export.objects.filter(done_at=None, asked_at__lte=now - KEPT, query__has_key=SEARCHED):
        Export.objects.filter(pk=export.pk).update(query=_hidden(export))
    return removed
