"""Whatever is changed in a policy, comparing it with the policy says so, in words that differ."""

from __future__ import annotations

from datetime import date

import pytest

from ombud.checks.mutation import mutants
from ombud.policy import load_sources
from ombud.policy.compare import compare
from ombud.policy.starter import answered, starter_files

pytestmark = pytest.mark.slow


def test_every_change_that_the_checks_can_think_of_is_told() -> None:
    answers = answered("shop", lambda _question, default, take: take(default), today=date(2026, 3, 3))
    pack = load_sources(starter_files(answers, "en"))
    tried = list(mutants(pack))
    assert len(tried) > 100
    for mutant in tried:
        found = compare(pack, mutant.build())
        assert not found.is_same, mutant.words["en"]
        for detail in (detail for change in found.all for detail in change.details):
            for language in ("zh", "en"):
                before, after = detail.spoken(language)
                assert before != after, mutant.words["en"]


def test_comparing_the_other_way_round_turns_what_came_into_what_is_gone() -> None:
    def shop(approval: str) -> dict[str, str]:
        given = {"approval": approval}
        answers = answered(
            "shop", lambda question, default, take: take(given.get(question.key, default)), today=date(2026, 3, 3)
        )
        return starter_files(answers, "en")

    one, other = load_sources(shop("yes")), load_sources(shop("no"))
    there, back = compare(one, other), compare(other, one)
    turned = {"added": "gone", "gone": "added", "changed": "changed"}
    assert {(each.kind, each.id, each.procedure, turned[each.verb]) for each in there.all} == {
        (each.kind, each.id, each.procedure, each.verb) for each in back.all
    }
    assert ("gone", "chain") in {(each.verb, each.kind) for each in there.all}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_comments_are_no_difference(language: str) -> None:
    answers = answered("shop", lambda _question, default, take: take(default), today=date(2026, 3, 3))
    packs = [load_sources(starter_files(answers, each)) for each in (language, "en")]
    assert [change for change in compare(*packs).all if change.kind != "scenario"] == []
