"""Having files scanned for viruses, where the installation has a scanner; until it has said so, none is clean."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from ombud.cases import contents
from ombud.cases.models import Content
from ombud.evidence.clamd import Silent, Unreachable, scan

log = logging.getLogger(__name__)

BATCH = 10  # files that one look of the clock has scanned
AGAIN = timedelta(minutes=10)  # after which it is tried once more with what was not scanned


def scan_waiting(*, now: datetime, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Have those files scanned that nothing is known of and return of how many it is known now.

    Where the scanner is away they wait: nobody can open them before it has said that they are clean.
    """
    if not settings.OMBUD_CLAMD:
        return 0
    known = 0
    waiting = Content.objects.filter(verdict="", uses__gt=0, made_at__lte=now).exclude(scan_after__gt=now)
    for row in waiting.order_by("made_at")[:BATCH]:
        meanwhile()
        try:
            _scan(row)
        except Unreachable as error:
            log.error("files wait for the virus scanner: %s", error)
            break
        except Exception as error:  # whatever one file has: the others are scanned
            log.error("the content %s is not scanned: %s", row.pk, str(error) or type(error).__name__)
            Content.objects.filter(pk=row.pk).update(scan_after=now + AGAIN)
            if isinstance(error, Silent):
                break  # each would take as long
        else:
            known += 1
    return known


def _scan(row: Content) -> None:
    """Ask the scanner about one content and keep what it says. Raises NotScanned, and whatever stops the reading."""
    with contents.opened(row) as file:
        found = scan(settings.OMBUD_CLAMD, file)
    verdict = Content.Verdict.INFECTED if found else Content.Verdict.CLEAN
    Content.objects.filter(pk=row.pk).update(verdict=verdict, malware=found[:200])
    if found:
        log.warning("the virus scanner found %s in the content %s: nobody can open it", found, row.pk)
