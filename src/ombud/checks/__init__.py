"""Check a policy: what it leaves out, contradicts, or cannot carry out; and which rule carries out which clause."""

from __future__ import annotations

from dataclasses import replace

from ombud.checks.findings import Finding, Report, Severity, answered, finding, ordered, packed, unpacked
from ombud.checks.outsiders import SHORTEST
from ombud.checks.rules.calendars import check_calendars
from ombud.checks.rules.clauses import Trace, check_clauses, trace
from ombud.checks.rules.deadlines import check_deadlines
from ombud.checks.rules.four_eyes import check_four_eyes
from ombud.checks.rules.ownership import check_ownership
from ombud.checks.rules.reachability import check_reachability
from ombud.checks.rules.records import check_records
from ombud.checks.rules.recurring import check_recurring
from ombud.checks.scenarios import check_scenarios
from ombud.checks.tables.grading import check_tables
from ombud.checks.timing.horizon import check_horizon
from ombud.checks.timing.limits import check_limits
from ombud.engine.model import Staff
from ombud.policy.model import Pack
from ombud.policy.problems import PackError
from ombud.texts import same

__all__ = [
    "Finding", "Report", "Severity", "Trace", "check", "check_unreadable", "packed", "trace", "unpacked", "with_staff",
]  # fmt: skip

FOUR_EYES, UNUSED = "four-eyes-unsatisfiable", "unused-explanation"

CHECKS = (check_clauses, check_tables, check_calendars, check_ownership, check_records)
COUNTING = (check_deadlines, check_recurring, check_limits, check_scenarios)  # where every limit can be counted


def check(pack: Pack, *, staff: Staff | None = None, now: int = 0, shortest: int = SHORTEST) -> Report:
    """Return everything that the policy's owner should look at.

    With the organisation's staff, who is there and qualified at `now` (epoch seconds), approvals are judged by the
    people at hand; without, by what no staff could give. Silence of outsiders that means something in less than
    `shortest` seconds is absurd.
    """
    found = [*check_reachability(pack, shortest), *(each for run in CHECKS for each in run(pack))]
    uncounted = list(check_horizon(pack))
    found += uncounted or [each for run in COUNTING for each in run(pack)]
    found += check_four_eyes(pack, staff, now)
    return Report(policy=pack.id, version=pack.version, findings=ordered(answered(found, pack.explanations)))


def with_staff(report: Report, pack: Pack, staff: Staff, now: int) -> Report:
    """Return a report that was kept with what the people at hand cannot do today, instead of what it said of that."""
    kept = [replace(each, explained=None) for each in report.findings if each.code not in (FOUR_EYES, UNUSED)]
    found = [*kept, *check_four_eyes(pack, staff, now)]
    return replace(report, findings=ordered(answered(found, pack.explanations)))


def check_unreadable(policy: str, error: PackError) -> Report:
    """Return the report of a pack that the loader refuses."""
    found = [
        finding(problem.code, place=problem.place, values={"problem": same(problem.message)})
        for problem in error.problems
    ]
    return Report(policy=policy, version="", findings=ordered(found))
