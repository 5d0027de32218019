"""Having files scanned for viruses, where the installation has a scanner; until it has said so, none is clean."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from ombud.cases import contents
from ombud.cases.models import Content
from ombud.evidence.clamd import Unreachable, scan

log = logging.getLogger(__name__)

BATCH = 10  # files that one look of the clock has scanned


def scan_waiting(*, now: datetime, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Have those files scanned that nothing is known of and return of how many it is known now.

    Where the scanner is away they wait: nobody can open them before it has said that they are clean.
    """
    if not settings.OMBUD_CLAMD:
        return 0
    known = 0
    for row in Content.objects.filter(verdict="", uses__gt=0, made_at__lte=now).order_by("made_at")[:BATCH]:
        meanwhile()
        try:
            with contents.opened(row) as file:
                found = scan(settings.OMBUD_CLAMD, file)
        except FileNotFoundError:
            continue  # `ombud verify` names it
        except Unreachable as error:
            log.error("files wait for the virus scanner: %s", error)
            break
        verdict = Content.Verdict.INFECTED if found else Content.Verdict.CLEAN
        Content.objects.filter(pk=row.pk).update(verdict=verdict, malware=found[:200])
        if found:
            log.warning("the virus scanner found %s in the content %s: nobody can open it", found, row.pk)
        known += 1
    return known
