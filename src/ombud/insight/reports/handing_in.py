"""Handing a report in: its papers become files of the matter, its words the facts of the act."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases import attachments
from ombud.cases.access.case_access import Accessed
from ombud.cases.commands import Performed, perform
from ombud.engine.model import Actor
from ombud.insight.reports import drafting
from ombud.insight.reports.models import Frozen, Report
from ombud.insight.reports.papers import Made
from ombud.organisation.models import Person


class CountedMeanwhile(Exception):
    """The figures were counted anew since the papers were made."""


def hand_in(
    accessed: Accessed,
    report: Report,
    frozen: Frozen,
    papers: Mapping[str, Made],
    *,
    actor: Actor,
    by: Person,
    data: Mapping[str, Any],
    seen: int,
    now: datetime,
) -> Performed:
    """Perform the act with the papers, made of these figures, among its files.

    Raises CountedMeanwhile, Refused, Stale, AttachmentRefused; then nothing was written.
    """
    wanted = drafting.wanted(accessed.case, report.act)
    assert wanted is not None, "a report is begun only where the policy has it"
    said = dict(data)
    if wanted.keeps:
        kept = [
            str(attachments.store(io.BytesIO(each.content), name=each.name, uploaded_by=by.key, now=now).pk)
            for each in papers.values()
        ]
        said[wanted.keeps] = [*said.get(wanted.keeps, ()), *kept]
    with transaction.atomic():  # the act and what is told of it here: killed between them, it would never be sent
        done = perform(accessed.case, report.act, actor=actor, at=now, now=now, data=said, seen=seen)
        seq = next(event.seq for event in done.events if event.act == report.act)
        locked = Report.objects.select_for_update().get(pk=report.pk)
        if drafting.latest(locked).number != frozen.number:
            raise CountedMeanwhile
        Report.objects.filter(pk=report.pk).update(handed_in_at=now, handed_in_seq=seq, sent_at=None)
    return done
