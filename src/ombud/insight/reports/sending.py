"""Mailing issued reports to whom the policy names, each in their own language and masked as they see the matter."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case, Event
from ombud.cases.references import shown
from ombud.correspondence import composing
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.composing import Draft
from ombud.insight.reports import drafting, papers, presenting, receiving, writing
from ombud.insight.reports.models import Report
from ombud.insight.reports.receiving import Reader
from ombud.organisation.models import Person
from ombud.organisation.staff import people

log = logging.getLogger(__name__)

_ALONG = (papers.PDF, papers.XLSX)


def send_waiting(*, now: datetime) -> int:
    """Mail what is issued and did not go out yet, and return how many reports."""
    sent = 0
    rows = Report.objects.filter(handed_in_at__isnull=False, sent_at=None).select_related("case__complainant")
    for report in rows.order_by("handed_in_at"):
        try:
            sent += _send(report, now)
        except Exception:  # one that cannot be sent must not hold up the others
            log.exception("report of %s cannot be sent", report.case.reference)
    return sent


def _send(report: Report, now: datetime) -> bool:
    wanted, issued = drafting.wanted(report.case, report.act), None
    by = _person_of(Event.objects.filter(case=report.case, seq=report.handed_in_seq or 0).first())
    if wanted is not None:
        later = Event.objects.filter(case=report.case, seq__gte=report.handed_in_seq or 0).order_by("seq")
        issued = later.filter(act__in=wanted.issued or (report.act,)).first()
    if wanted is None or by is None or issued is None:
        return False
    readers = receiving.readers_of(report.case, wanted)
    drafts = [_draft_for(report, each) for each in readers if each.why_not is None]  # set before anything is locked
    not_mailed = [(each.person, each.why_not) for each in readers if each.why_not is not None]
    kept = [[person.pk, why.value] for person, why in not_mailed]
    with transaction.atomic():
        if not Report.objects.filter(pk=report.pk, sent_at=None).update(sent_at=now, not_mailed=kept):
            return False  # another clock was quicker
        receiving.tell(report, [person for person, _why in not_mailed], issued_by=_person_of(issued), now=now)
        for draft in drafts:
            composing.queue(report.case, draft, by=by, now=now, send_at=now, act=report.act, seq=report.handed_in_seq)
    return True


def _person_of(event: Event | None) -> Person | None:
    return people({event.actor}).get(event.actor) if event else None


def _draft_for(report: Report, to: Reader) -> Draft:
    zone = ZoneInfo(to.person.tz) if to.person.tz else timezone.get_default_timezone()
    with translation.override(to.person.reads), timezone.override(zone):
        return _draft(report, to.role, to.person)


def _draft(report: Report, role: str, person: Person) -> Draft:
    # What was handed in, whatever was counted or written since.
    frozen = report.frozen.filter(as_of__lte=report.handed_in_at).order_by("-number")[0]
    written = report.written.filter(at__lte=report.handed_in_at).order_by("-number").first()
    accessed = _seen_by(person, report.case)
    said = writing.readable(accessed, writing.words_of(report, written))
    paper = presenting.paper(accessed, report, frozen, said)
    files = [papers.made(paper, report.report, kind) for kind in _ALONG]
    link = f"{settings.OMBUD_BASE_URL}{reverse('desk_report', args=[report.case.reference, report.act])}"
    text = _("{title}, {period}, was issued. It comes with this message; with what its figures are today it stands at:")
    period = paper.period or shown(report.case.reference)
    return Draft(
        name=str(person),
        address=person.email,
        subject=f"{paper.title} {period}",
        text=f"{text.format(title=paper.title, period=period)}\n\n{link}",
        language=translation.get_language() or "",
        to=role,
        files=[
            Enclosure(name=each.name, content=each.content, media_type=papers.KINDS[kind])
            for kind, each in zip(_ALONG, files, strict=True)
        ],
    )


def _seen_by(person: Person, case: Case) -> Accessed:
    """Return the matter as the person would see it: what the policy sends them they may have, masked as ever."""
    is_masked = permissions_of(person).is_masked(case.policy)
    return Accessed(case=case, actors=(), is_masked=is_masked, is_public=False, reader=person)
