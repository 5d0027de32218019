"""The tutorial on writing a policy is followed word by word: what it says comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.following import Told, follow
from docs.pages import ROOT
from ombud import checks
from ombud.policy import load

PAGE = ROOT / "docs" / "tutorial" / "write-a-policy.md"


@pytest.mark.slow
def test_every_command_of_the_tutorial_prints_what_the_tutorial_shows(tmp_path: Path) -> None:
    told = list(follow(PAGE.read_text("utf-8"), tmp_path))
    assert len(told) >= 12
    for each in told:
        assert each.is_true, f"$ {each.command}\n{each.output}"
    assert checks.check(load(tmp_path / "bakery")).errors == 0


@pytest.mark.parametrize(
    ("shown", "output", "is_true"),
    [
        ("one\n", "one\n", True),
        ("one\n", "two\n", False),
        ("one\n", "one\ntwo\n", False),
        ("...\ntwo\n", "one\nand\ntwo\n", True),
        ("one ... three\n", "one two three\n", True),
        ("", "", True),
        ("", "something\n", False),
    ],
)
def test_a_page_is_believed_only_where_it_shows_what_came_out(shown: str, output: str, is_true: bool) -> None:
    assert Told("command", shown, output).is_true is is_true


def test_a_change_that_fits_nowhere_is_noticed(tmp_path: Path) -> None:
    page = "Save this as `a.yaml`:\n\n```yaml\none: 1\n```\n\nIn `a.yaml`, change `two` to `three`.\n\n"
    with pytest.raises(AssertionError, match="0 times"):
        list(follow(page, tmp_path))
