"""What a report is about: the period, and the part of the organisation, of the occurrence that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ombud.cases.models import Case
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import calendar_of, period_about
from ombud.insight.spans import Span
from ombud.policy.model.duties import Periodic
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Report
from ombud.policy.reports import LAST_PERIOD
from ombud.policy.vocabulary import CASE


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A stretch of whole days with the one before it, and of whom."""

    name: str  # 2026-11, 2026-Q4 ...
    span: Span
    name_before: str
    before: Span
    department: int | None  # whose occurrence it is; None: everybody's
    office: int | None
    every: str = ""


def occurrence_of(case: Case) -> Occurrence | None:
    """Return the occurrence that a case is; None for what the calendar did not begin."""
    return Occurrence.objects.select_related("department", "office").filter(case=case).first()


def period_of(pack: Pack, report: Report, occurrence: Occurrence | None) -> Period | None:
    """Return what a report of this occurrence counts; None for one about a case, or of a duty that is no more."""
    periodic = pack.periodic.get(occurrence.periodic) if occurrence else None
    if report.subject == CASE or occurrence is None or periodic is None:
        return None
    office, department = occurrence.office, occurrence.department
    calendar = calendar_of(pack, periodic, office.key if office else None, department.key if department else None)
    zone = ZoneInfo(pack.calendars[calendar].tz)
    day = occurrence.due_at.astimezone(zone).date()
    if report.subject == LAST_PERIOD:
        day = _before(periodic, day)
    name, first, last = period_about(periodic, day)
    earlier, first_before, last_before = period_about(periodic, _before(periodic, day))
    return Period(
        name=name,
        span=_span(first, last, zone),
        name_before=earlier,
        before=_span(first_before, last_before, zone),
        department=occurrence.department_id,
        office=occurrence.office_id,
        every=periodic.every,
    )


def _before(periodic: Periodic, day: date) -> date:
    return period_about(periodic, day)[1] - timedelta(days=1)


def _span(first: date, last: date, zone: ZoneInfo) -> Span:
    begin, end = (datetime.combine(each, time.min, zone) for each in (first, last + timedelta(days=1)))
    return Span(begin=begin, end=end)
