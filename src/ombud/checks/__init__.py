"""Check a policy: what it leaves out, contradicts, or cannot carry out; and which rule carries out which clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ombud.checks.excerpts import Excerpts
from ombud.checks.findings import Finding, Report, Severity, answered, finding, ordered, packed, unpacked
from ombud.checks.outsiders import SHORTEST, check_silences
from ombud.checks.rules.addressees import check_addressees
from ombud.checks.rules.calendars import check_calendars
from ombud.checks.rules.clauses import Trace, check_clauses, trace
from ombud.checks.rules.complainant import check_complainants_words
from ombud.checks.rules.distribution import check_distribution
from ombud.checks.rules.four_eyes import check_four_eyes
from ombud.checks.rules.ownership import check_ownership
from ombud.checks.rules.reachability import check_reachability
from ombud.checks.rules.records import check_records
from ombud.checks.scenarios import check_scenarios
from ombud.checks.tables.grading import check_tables
from ombud.checks.timing.horizon import check_horizon
from ombud.checks.timing.limits import check_limits
from ombud.engine.model import Staff
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.model.source import Place
from ombud.policy.problems import PackError
from ombud.texts import same

__all__ = [
    "Finding", "Report", "Severity", "Trace", "check", "check_unreadable", "packed", "trace", "unpacked", "with_staff",
]  # fmt: skip

FOUR_EYES, UNUSED, AT_NIGHT = "four-eyes-unsatisfiable", "unused-explanation", "told-at-night"

QUICK = (
    check_clauses,
    check_tables,
    check_calendars,
    check_ownership,
    check_records,
    check_complainants_words,
    check_addressees,
    check_distribution,
)


def check(pack: Pack, *, staff: Staff | None = None, now: int = 0, shortest: int = SHORTEST) -> Report:
    """Return everything that the policy's owner should look at.

    With the organisation's staff, who is there and qualified at `now` (epoch seconds), approvals are judged by the
    people at hand; without, by what no staff could give. Silence of outsiders that means something in less than
    `shortest` seconds is absurd.
    """
    found = [*findings(pack, shortest=shortest), *check_four_eyes(pack, staff, now)]
    return Report(policy=pack.id, version=pack.version, findings=ordered(answered(found, pack.explanations)))


def findings(
    pack: Pack,
    scenarios: Sequence[Scenario] | None = None,
    *,
    shortest: int = SHORTEST,
    excerpts: Excerpts | None = None,
    only_known_ways: bool = False,
) -> Iterator[Finding]:
    """Yield everything but what hangs on people; what takes long only where its content has not been checked yet.

    Told are all scenarios or the given ones. `only_known_ways` leaves the ways of a case unwalked that were not walked
    before, which takes longest.
    """
    for run in QUICK:
        yield from run(pack)
    yield from check_silences(pack, shortest)
    excerpts, procedures = excerpts or Excerpts(pack), pack.procedures.values()
    for seen in map(excerpts.timeless, procedures):
        if not only_known_ways or excerpts.knows(check_reachability, seen):
            yield from excerpts.found(check_reachability, seen)
    if uncounted := list(check_horizon(pack)):
        yield from uncounted  # nothing can be laid out on a calendar until these are mended
        return
    yield from once_each(
        each for procedure in procedures for each in excerpts.found(check_limits, excerpts.timed(procedure))
    )
    for scenario in pack.scenarios if scenarios is None else scenarios:
        yield from excerpts.found(check_scenarios, excerpts.untold, (scenario,))


def are_ways_known(excerpts: Excerpts) -> bool:
    """Return whether the ways that cases of a pack can take have been walked already."""
    procedures = excerpts.pack.procedures.values()
    return all(excerpts.knows(check_reachability, excerpts.timeless(each)) for each in procedures)


def once_each(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings, of those about one role only the first: its night is the same in every procedure."""
    told: set[Place | None] = set()
    for each in found:
        if each.code != AT_NIGHT or each.place not in told:
            yield each
        told |= {each.place} if each.code == AT_NIGHT else set()


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
