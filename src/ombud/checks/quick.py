"""The checks that are done while somebody types: all but the ones that walk every way or lay out every date."""

from __future__ import annotations

from collections.abc import Sequence

from ombud.checks.findings import Report, answered, ordered
from ombud.checks.rules.clauses import check_clauses
from ombud.checks.rules.ownership import check_ownership
from ombud.checks.rules.records import check_records
from ombud.checks.scenarios import check_scenarios
from ombud.checks.tables.grading import check_tables
from ombud.policy.model import Pack, Scenario

QUICK = (check_clauses, check_tables, check_ownership, check_records)
UNUSED = "unused-explanation"  # it may answer a check that is not done here


def check_quickly(pack: Pack, scenarios: Sequence[Scenario] = ()) -> Report:
    """Return what the quick checks find, and how the given scenarios differ from what they expect."""
    found = [each for run in QUICK for each in run(pack)]
    found += check_scenarios(pack, scenarios)
    known = [each for each in answered(found, pack.explanations) if each.code != UNUSED]
    return Report(policy=pack.id, version=pack.version, findings=ordered(known))
