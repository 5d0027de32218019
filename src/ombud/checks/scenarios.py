"""The pack's own tests: every scenario told through the engine and compared with what it expects."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.wording import both
from ombud.engine import check_story
from ombud.policy.model import Pack


def check_scenarios(pack: Pack) -> Iterator[Finding]:
    """Yield every difference between what a scenario expects and what the engine does."""
    for scenario in pack.scenarios:
        for difference in check_story(pack, scenario.story):
            yield finding(
                "scenario",
                place=scenario.at,
                clauses=scenario.story.get("cite") or (),
                witness=both(scenario.name),
                values={"name": scenario.name, "difference": difference},
            )
