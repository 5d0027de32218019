"""The pack's own tests: every scenario told through the engine and compared with what it expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ombud.checks.findings import Finding, finding
from ombud.engine import story_differences
from ombud.policy.model.pack import Pack, Scenario
from ombud.texts import Text, same
from ombud.worktime import WorktimeError


def check_scenarios(pack: Pack, scenarios: Sequence[Scenario] | None = None) -> Iterator[Finding]:
    """Yield every difference between what a scenario (all of them, or the given ones) expects and what happens."""
    for scenario in pack.scenarios if scenarios is None else scenarios:
        for difference in _differences(pack, scenario):
            yield finding(
                "scenario",
                place=scenario.at,
                clauses=scenario.story.get("cite") or (),
                witness=same(scenario.name),
                values={"name": scenario.name, "difference": difference},
            )


def _differences(pack: Pack, scenario: Scenario) -> list[Text]:
    """Return how a story comes out otherwise; one told at a time that no calendar knows cannot be told at all."""
    try:
        return story_differences(pack, scenario.story)
    except WorktimeError as error:
        return [same(str(error))]
