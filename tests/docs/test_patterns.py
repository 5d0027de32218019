"""The policies in the guides, one for each pattern, load, have nothing to mend, and come out as their stories say."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.pages import ROOT, blocks, name
from ombud import checks
from ombud.engine import check_story
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack

HOW_TO = ROOT / "docs" / "how-to"
GUIDES = [
    HOW_TO / f"{each}.md"
    for each in ("recurrence", "approval", "regions", "groups", "money", "four-eyes", "one-letter-two-matters")
]
EVERY_GUIDE = pytest.mark.parametrize("guide", GUIDES, ids=name)


def pack_of(guide: Path) -> Pack:
    (text,) = blocks(guide, "yaml")
    return load_sources({"pack.yaml": text})


@EVERY_GUIDE
def test_the_policy_of_a_guide_has_nothing_to_mend(guide: Path) -> None:
    found = checks.check(pack_of(guide)).findings
    assert [finding.message["en"] for finding in found if finding.severity != "note"] == []


@EVERY_GUIDE
def test_the_stories_of_a_guide_come_out_as_they_say(guide: Path) -> None:
    pack = pack_of(guide)
    assert pack.scenarios
    assert {each.name: check_story(pack, each.story) for each in pack.scenarios} == {
        each.name: [] for each in pack.scenarios
    }


@EVERY_GUIDE
def test_every_clause_of_a_guide_is_carried_out(guide: Path) -> None:
    pack = pack_of(guide)
    assert checks.trace(pack).uncovered == ()
