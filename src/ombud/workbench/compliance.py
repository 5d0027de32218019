"""Clause compliance: what was owed under each clause, how much of it in time, and every case behind every number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.access.permissions import Permissions
from ombud.checks.rules.clauses import trace
from ombud.insight import clause_counts, spans
from ombud.insight import compliance as counting
from ombud.insight.compliance import NOTHING, Counts
from ombud.insight.rates import points
from ombud.policy.model.pack import Pack
from ombud.policy.model.source import Clause
from ombud.workbench.clause_duties import MATTERS
from ombud.workbench.figures import DEFINITIONS, STATES, Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of

READ = 50_000  # duties whose times are read for what was used of them; beyond, each clause's own page tells


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseLine:
    """One clause with its counts in the span, and how the span before compares."""

    clause: Clause
    counts: Counts
    change: int | None  # of the rate in points of a hundred; None where either has nothing to count
    used: tuple[float, float] | None  # of the time allowed, by the middle one done and by the slowest tenth
    course: tuple[tuple[date, Counts], ...]  # by month
    href: str


@require_GET
@desk
def compliance(request: HttpRequest) -> HttpResponse:
    """Show every clause of a policy that asks for something to be done in time, the worst first."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        return show(request, "workbench/compliance.html", "compliance", {"pack": None}, now=now)
    wanted = asked_for(request, known, now)
    reader = reader_state_of(request, person(request), now=now).permissions
    policy, only = wanted.pack.id, wanted.only
    found = clause_counts.counted(reader, policy=policy, only=only, span=wanted.span, now=now)
    earlier = clause_counts.counted(reader, policy=policy, only=only, span=spans.before(wanted.span), now=now)
    total, is_told = found.total, found.total.total <= READ
    used = _used(reader, wanted) if is_told else {}
    sums = {ref: found.of(ref) for ref in found.by_month}
    first = min((begin for each in found.by_month.values() for begin in each), default=wanted.span.begin)
    months = [each for each in spans.months(wanted.span) if first <= each.begin <= now]
    lines = [
        ClauseLine(
            clause=clause,
            counts=sums[ref],
            change=_change(sums[ref], earlier.of(ref)),
            used=used.get(ref),
            course=tuple((each.begin.date(), found.by_month[ref].get(each.begin, NOTHING)) for each in months),
            href=f"{reverse('desk_compliance_clause', args=[ref])}?{wanted.address}",
        )
        for ref, clause in {**wanted.pack.clauses, **wanted.pack.base_clauses}.items()
        if ref in sums
    ]
    context = {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": filters(wanted, known),
        "lines": sorted(lines, key=_worst_first),
        "total": total,
        "total_href": f"{reverse('desk_counted_duties')}?{wanted.address}&{MATTERS}=1",
        "columns": [(key, title) for key, title in STATES.items() if getattr(total, key)],
        "is_told": is_told,
        "has_before": any(each.change is not None for each in lines),
        "has_course": len(spans.months(wanted.span)) > 1,
        "silent": silent_clauses(wanted.pack, sums),
        "states": STATES,
        "definitions": DEFINITIONS,
    }
    return show(request, "workbench/compliance.html", "compliance", context, now=now)


def _used(reader: Permissions, wanted: Asked) -> dict[str, tuple[float, float]]:
    duties = counting.owed(reader, policy=wanted.pack.id, span=wanted.span, only=wanted.only)
    return counting.share_used_by_clause(duties)


def silent_clauses(pack: Pack, sums: Iterable[str]) -> list[tuple[Clause, str]]:
    """Return the clauses that nothing counts, each with why: those that no rule carries out first."""
    counted = set(sums)
    reasons = (
        _("No rule carries it out: there is no evidence at all."),
        _("It asks for something to be done in time, and in this span nothing began that called for it."),
        _("It is carried out by rules without a time of their own, such as acts, fields or grades."),
    )
    found = defaultdict[str, list[Clause]](list)
    for each in trace(pack).clauses:
        if each.clause.ref in counted or each.clause.is_statement:
            continue
        kinds = {rule.kind for rule in each.rules}
        place = 0 if not kinds else 1 if kinds & {"duty", "chain", "periodic"} else 2
        found[reasons[place]].append(each.clause)
    return [(clause, why) for why in reasons for clause in found[why]]


def _change(counts: Counts, earlier: Counts) -> int | None:
    mine, other = counts.on_time.share, earlier.on_time.share
    return None if mine is None or other is None else points(mine, other)


def _worst_first(line: ClauseLine) -> tuple[float, int, str]:
    share = line.counts.on_time.share
    return (2.0 if share is None else share, -line.counts.applied, line.clause.ref)
