"""Telling that a virus was found in a case's file: whoever handles the case, else the service department."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.cases.models import Attachment, Content
from ombud.notices.alerts.asking import tell
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice


def tell_infected(*, now: datetime) -> int:
    """Tell of infected files of which nobody was told yet, and return of how many."""
    rows = Attachment.objects.filter(content__verdict=Content.Verdict.INFECTED, case__isnull=False)
    found = {f"infected/{row.pk}": row for row in rows.select_related("case__handler")}
    if not found:
        return 0
    cases = {row.case_id for row in found.values()}
    told = Notice.objects.filter(kind=Notice.Kind.INFECTED, case__in=cases).values_list("dedupe", flat=True)
    known = {each.rpartition("/")[0] for each in told}
    fresh = {key: row for key, row in found.items() if key not in known}
    with transaction.atomic():
        readers = Readers()
        notices = []
        for key, row in fresh.items():
            case = row.case
            assert case is not None, "only files of cases were asked for"
            people = [case.handler] if case.handler is not None else readers.serving(case)
            notices += [
                Notice(person=person, case=case, kind=Notice.Kind.INFECTED, at=now, dedupe=f"{key}/{person.pk}")
                for person in people
            ]
        tell(notices, now=now)
    return len(fresh)
