"""The loss that the training policy leaves ungraded is found as soon as the line that completes it is taken out."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.checks import Finding
from ombud.checks.tables.grading import check_tables
from ombud.policy import load_sources
from shipped_packs import pack_of

COMPLETING = 'cite: "1.3.gap"'


def sources() -> Mapping[str, str]:
    return pack_of("training-service").sources


def without_the_completing_line() -> list[Finding]:
    lines = sources()["pack.yaml"].splitlines(keepends=True)
    left = [line for line in lines if not ("row:" in line and COMPLETING in line)]
    assert len(left) == len(lines) - 1
    found = check_tables(load_sources({**sources(), "pack.yaml": "".join(left)}))
    return [each for each in found if each.code == "gap"]


def test_the_shipped_policy_has_no_gap() -> None:
    assert [each for each in check_tables(pack_of("training-service")) if each.code == "gap"] == []


def test_without_it_a_loss_over_200_and_under_1000_is_graded_by_no_row() -> None:
    [found] = without_the_completing_line()
    assert "over 200 and under 1000" in found.message["en"]
    assert "超过200、不满1000" in found.message["zh"]
    assert found.witness["en"].startswith("For example: ")
    assert "600 CNY" in found.witness["en"]
    assert found.question["en"] == "How should this case be decided?"
    assert found.place is not None
