"""Stories told under two versions: which end differently, and in what."""

from __future__ import annotations

import pytest

from ombud.checks.version_impact import StoryDifference, differing_stories
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

MONTHLY = "the analysis is sent back and there is no date for the improvements"


def shipped() -> Pack:
    return pack_of("customer-complaints")


def differing(*pairs: tuple[str, str]) -> dict[str, StoryDifference]:
    text = shipped().sources["pack.yaml"]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    after = load_sources({**shipped().sources, "pack.yaml": text})
    return {each.name: each for each in differing_stories(shipped(), after)}


def said(story: StoryDifference) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.what["en"], each.before and each.before["en"], each.after and each.after["en"])
        for each in story.differences
    ]


def test_no_story_ends_differently_under_the_same_version() -> None:
    assert differing_stories(shipped(), shipped()) == ()


def test_a_shorter_limit_moves_the_due_time_of_the_story_that_reaches_it() -> None:
    found = differing(("improve_within: {value: 20 workdays", "improve_within: {value: 10 workdays"))
    assert set(found) == {MONTHLY}
    # accepted on Thursday 16 April; 1 to 5 May are off, Saturday 9 May is made up
    assert said(found[MONTHLY]) == [("Carry out the improvements: due", "2026-05-18 18:00", "2026-04-30 18:00")]
    assert found[MONTHLY].place.file == "scenarios/monthly.yaml"


def test_an_act_that_is_refused_now_and_the_phase_that_follows_are_told() -> None:
    found = differing(
        ("    by: [complainant, agent, counter]\n    from: new", "    by: [agent, counter]\n    from: new")
    )
    refused = [each for story in found.values() for each in said(story) if each[0] == "Refused acts"]
    assert ("Refused acts", None, "Receive the complaint") in [
        (what, before, after and after.split(", ")[0]) for what, before, after in refused
    ]
    phases = {each[2] for story in found.values() for each in said(story) if each[0] == "Phase"}
    assert phases == {"New"}


def _without_stories_of(name: str) -> dict[str, str]:
    """Return the policy's files, without the stories that speak of a thing that is gone."""
    return {
        file: text for file, text in shipped().sources.items() if not (file.startswith("scenarios/") and name in text)
    }


def test_a_duty_that_is_gone_is_no_longer_owed() -> None:
    text = shipped().sources["pack.yaml"]
    duty = text[text.index("  answer_message:\n") : text.index("  ask_facts:\n    bearer")]
    after = load_sources({**_without_stories_of("answer_message"), "pack.yaml": text.replace(duty, "")})
    found = [each for story in differing_stories(shipped(), after) for each in said(story)]
    assert {what for what, _before, after in found if after == "not owed"} == {"Answer the message within 30 minutes"}


def test_a_story_of_a_procedure_that_is_gone_cannot_be_told() -> None:
    text = shipped().sources["pack.yaml"]
    periodic = text[text.index("\nperiodic:\n") : text.index("\ndocuments:\n")]
    text = text.replace(periodic, "\n").replace("  rectifications: {monthly_analysis: improved}\n", "")
    after = load_sources({**_without_stories_of("monthly_analysis"), "pack.yaml": text})
    monthly = [each for each in differing_stories(shipped(), after) if each.place.file == "scenarios/monthly.yaml"]
    assert monthly
    assert {said(each)[0] for each in monthly} == {
        ("the procedure Monthly analysis and improvement is no longer there", None, None)
    }
