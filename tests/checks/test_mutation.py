"""Changes of a policy that its scenarios notice, and those that they do not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from ombud.checks.mutation import Score, mutants, mutate
from ombud.policy import load_sources, shipped
from ombud.policy.model.pack import Pack
from ombud.policy.symbol_table import BASE_FILE
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

NO_SLACK = (Path(__file__).parent / "packs" / "no-slack.yaml").read_text("utf-8")

# 2 March 2026 is a Monday: two working days later Wednesday the 4th at 18:00.
WELL_TRIED = """
scenarios:
  - name: registered on the last second
    log:
      - {at: "2026-03-02T10:00:00+08:00", act: receive, by: agent}
      - {at: "2026-03-04T18:00:00+08:00", act: register, by: agent}
    expect:
      phase: registered
      duties:
        register: {status: met, due_at: "2026-03-04T18:00:00+08:00", bearer: agent}
  - name: registered too late
    log:
      - {at: "2026-03-02T10:00:00+08:00", act: receive, by: agent}
      - {at: "2026-03-04T18:00:01+08:00", act: register, by: agent}
    expect:
      duties:
        register: {status: late, rungs: {"2026-03-04T18:00:00+08:00": head}}
"""


@cache
def score_of(text: str) -> Score:
    return mutate(load_sources({"pack.yaml": text}))


def left(text: str) -> set[tuple[str, str]]:
    return {(each.id, each.change.part) for each in score_of(text).survivors}


def test_without_scenarios_no_change_is_noticed_but_by_a_check() -> None:
    score = score_of(NO_SLACK)
    assert score.tried > 20
    assert score.percent < 30


def test_what_the_scenarios_try_to_the_second_is_noticed() -> None:
    noticed = {(each.id, each.change.part) for each in mutants(load_sources({"pack.yaml": NO_SLACK}))} - left(
        NO_SLACK + WELL_TRIED
    )
    assert {("register", part) for part in ("limit", "counting", "bearer", "role", "from", "to")} <= noticed


def test_what_they_leave_out_is_told_with_place_and_words() -> None:
    found = [each for each in score_of(NO_SLACK + WELL_TRIED).findings if "Investigate in time" in each.message["en"]]
    limit = next(each for each in found if "time limit" in each.message["en"])
    assert limit.message["en"] == (
        "Investigate in time, time limit: 3 working days -> 4 working days: no scenario notices"
    )
    assert limit.message["zh"] == "“调查”的时限由“3个工作日”改为“4个工作日”：改了之后没有任何案例发现"
    assert limit.clauses == ("3",)
    assert limit.place is not None
    assert "3 workdays" in NO_SLACK.splitlines()[limit.place.line - 1]
    assert limit.witness["en"] == "2 scenarios go through it"


def test_a_scenario_that_fails_as_it_is_is_not_asked() -> None:
    score = score_of(NO_SLACK + WELL_TRIED.replace("status: late", "status: met"))
    assert score.failing == ("registered too late",)


def test_a_threshold_is_moved_in_all_rows_at_once_so_that_only_a_scenario_can_notice() -> None:
    text = (Path(__file__).parent / "packs" / "sound.yaml").read_text("utf-8")
    table = [each for each in mutants(load_sources({"pack.yaml": text})) if each.change.part == "threshold"]
    assert [(each.change.old["en"], each.change.new["en"]) for each in table] == [
        ("1000", "1001"),
        ("1000", "999"),
        ("1000 belongs to what is above", "1000 belongs to what is below"),
    ]
    decide = table[2].build().tables["level"].decide
    assert decide({"loss": {"amount": "1000.00", "currency": "CNY"}}) == "normal"


def differs(before: Pack, after: Pack) -> bool:
    parts = ("procedures", "tables", "roles", "departments", "offices", "calendars", "counting_calendar")
    return any(getattr(before, part) != getattr(after, part) for part in parts)


@pytest.mark.parametrize("name", shipped())
def test_every_change_of_a_shipped_policy_is_a_change_of_its_own_rules(name: str) -> None:
    pack = pack_of(name)
    for mutant in mutants(pack):
        assert mutant.change.at.file != BASE_FILE
        assert mutant.change.old != mutant.change.new, mutant.words["en"]
        assert differs(pack, mutant.build()), mutant.words["en"]
