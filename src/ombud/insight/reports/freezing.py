"""The figures of a report as canonical JSON: what was counted, as of when, under which version; and their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from ombud.cases.models import Case
from ombud.insight import compliance
from ombud.insight.compliance import Narrowing
from ombud.insight.measures import Figure, Scope, Unit
from ombud.insight.model_cases import reading as library
from ombud.insight.registry import Rows
from ombud.insight.reports import measuring, survey_rows
from ombud.insight.reports.models import Frozen
from ombud.insight.reports.numbers import number
from ombud.insight.reports.period import Period
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Report, Section

MOST = 100  # cases that a list names; how many there are stands beside it


def contents(pack: Pack, report: Report, period: Period | None, case: Case, *, now: datetime) -> dict[str, Any]:
    """Return everything that a report counts, as JSON values; of a report about a case, the event it is as of."""
    found: dict[str, Any] = {"report": report.id, "policy": pack.id, "version": pack.version, "as_of": _at(now)}
    if period is None:
        return {**found, "seq": case.seq, "sections": [{} for _section in report.sections]}
    scope = Scope(reader=None, policy=pack.id, span=period.span, department=period.department, office=period.office)
    before = replace(scope, span=period.before)

    def counted(section: Section) -> dict[str, Any]:
        if section.survey:
            return {"rows": survey_rows.counted(pack, section.survey, scope)}
        if section.model_cases:
            return {"rows": _model_cases(report, scope)}
        of_some = replace(scope, only=section.only)
        return _section(section, of_some, replace(before, only=section.only), case, now)

    return {
        **found,
        "period": period.name,
        "period_before": period.name_before,
        "begin": _at(period.span.begin),
        "end": _at(period.span.end),
        "department": period.department,
        "office": period.office,
        "sections": [counted(each) for each in report.sections],
    }


def canonical(content: Mapping[str, Any]) -> str:
    """Return the one way in which figures are written down for their hash."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the figures."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _section(section: Section, scope: Scope, before: Scope, case: Case, now: datetime) -> dict[str, Any]:
    if section.figures and section.by:
        return {"rows": _table(section.figures, section.by, scope, now)}
    if section.figures:
        return {"rows": [_row(each, scope, before, now) for each in section.figures]}
    if section.clauses:
        return {"rows": _clauses(scope, before, case, now)}
    return _cases(section.cases, scope, now) if section.cases else {}


def _model_cases(report: Report, scope: Scope) -> list[dict[str, Any]]:
    """Return the words of what the library took in since the last report of the kind: they name nobody."""
    begin = _told_until(report, scope) or scope.span.begin
    return [
        {
            "kind": each.kind,
            "title": each.title,
            "story": each.story,
            "lesson": each.lesson,
            "reference": each.case.reference,
        }
        for each in library.published_between(scope.policy, begin, scope.span.end)
    ]


def _told_until(report: Report, scope: Scope) -> datetime | None:
    """Return until when reports of earlier periods that were handed in told; None before the first of them.

    A report is often handed in before its period is over, and what is published after that is told by the next one.
    """
    told = Frozen.objects.filter(
        report__report=report.id,
        report__case__policy=scope.policy,
        as_of__lte=F("report__handed_in_at"),
        content__department=scope.department,
        content__office=scope.office,
    )
    spans = [
        (as_of, *map(datetime.fromisoformat, span))
        for as_of, *span in told.values_list("as_of", "content__begin", "content__end")
    ]
    return max((min(as_of, end) for as_of, begin, end in spans if begin < scope.span.begin), default=None)


def _row(measure: str, scope: Scope, before: Scope, now: datetime) -> dict[str, Any]:
    return {
        "measure": measure,
        "now": written(measuring.figure(measure, scope, now)),
        "before": written(measuring.figure(measure, before, now) if _has_past(measure) else Figure(value=None, of=0)),
    }


def _has_past(measure: str) -> bool:
    """Return whether anybody can say what it was in the period before: what is overdue now is of this moment."""
    return measuring.MEASURES[measure].rows is not Rows.OVERDUE


def _nothing(measure: str) -> Figure:
    """Return what comes of no cases: none of them, but no share and no time."""
    return Figure(value=0 if measuring.MEASURES[measure].unit in (Unit.COUNT, Unit.MONEY) else None, of=0)


def _table(measures: tuple[str, ...], dimension: str, scope: Scope, now: datetime) -> list[dict[str, Any]]:
    columns = [dict(measuring.by(measure, dimension, scope, now)) for measure in measures]
    keys = dict.fromkeys(key for column in columns for key in column)
    asked = list(zip(measures, columns, strict=True))
    return [
        {"key": key, "figures": [written(column.get(key, _nothing(measure))) for measure, column in asked]}
        for key in keys
    ]


def _clauses(scope: Scope, before: Scope, case: Case, now: datetime) -> list[dict[str, Any]]:
    found, earlier = (_by_clause(each, case, now) for each in (scope, before))
    rows = []
    for ref in sorted(found):
        counts, rate = found[ref], found[ref].on_time
        was = earlier[ref].on_time.share if ref in earlier else None
        rows.append(
            {
                "clause": ref,
                "owed": counts.applied,
                "met": counts.met,
                "late": counts.late,
                "overdue": counts.overdue,
                "on_time": number(rate.share),
                "is_from_few": rate.is_from_few,
                "before": number(was),
            }
        )
    return rows


def _by_clause(scope: Scope, case: Case, now: datetime) -> dict[str, compliance.Counts]:
    """Return the counts of each clause, without what is owed in the matter of this report itself."""
    only = Narrowing(department=scope.department, office=scope.office)
    owed = compliance.owed(scope.reader, policy=scope.policy, span=scope.span, only=only)
    return compliance.by_clause(compliance.lines(owed.exclude(case=case), now))


def _cases(which: str, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return the cases by number: what they are about stands in them, for who may read it.

    A report is kept and sent out, so that a confidential case is counted and not named.
    """
    rows = measuring.cases(which, scope, now)
    shown = rows.filter(confidants=None).select_related("department", "office")[:MOST]
    return {
        "total": rows.count(),
        "rows": [
            {
                "reference": case.reference,
                "received": _at(case.received_at),
                "closed": _at(case.closed_at) if case.closed_at else None,
                "phase": case.phase,
                "grades": case.grades,
                "department": case.department.key if case.department else None,
                "office": case.office.key if case.office else None,
            }
            for case in shown
        ],
    }


def written(figure: Figure) -> dict[str, Any]:
    """Return a figure as it is kept."""
    found = asdict(figure)
    return {name: number(value) if isinstance(value, float | Decimal) else value for name, value in found.items()}


def _at(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
