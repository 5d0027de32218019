"""Handing a report in: its papers become files of the matter, its words the facts of the act."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ombud.cases import attachments
from ombud.cases.access.case_access import Accessed
from ombud.cases.commands import Performed, perform
from ombud.engine.model import Actor
from ombud.insight.reports import drafting
from ombud.insight.reports.models import Report
from ombud.insight.reports.papers import Made
from ombud.organisation.models import Person


def hand_in(
    accessed: Accessed,
    report: Report,
    papers: Mapping[str, Made],
    *,
    actor: Actor,
    by: Person,
    data: Mapping[str, Any],
    seen: int,
    now: datetime,
) -> Performed:
    """Perform the act with the papers among its files. Raises Refused, Stale, AttachmentRefused."""
    wanted = drafting.wanted(accessed.case, report.act)
    assert wanted is not None, "a report is begun only where the policy has it"
    said = dict(data)
    if wanted.keeps:
        kept = [
            str(attachments.store(io.BytesIO(each.content), name=each.name, uploaded_by=by.key, now=now).pk)
            for each in papers.values()
        ]
        said[wanted.keeps] = [*said.get(wanted.keeps, ()), *kept]
    done = perform(accessed.case, report.act, actor=actor, at=now, now=now, data=said, seen=seen)
    seq = next(event.seq for event in done.events if event.act == report.act)
    Report.objects.filter(pk=report.pk).update(handed_in_at=now, handed_in_seq=seq, sent_at=None)
    return done
