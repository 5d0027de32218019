"""What asks no database is known by its mark, since `.ci/run` leaves it out of the run on PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cast import Cast

MARK = "no_database"


def test_what_asks_no_database_is_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker(MARK)


@pytest.mark.django_db
def test_what_says_that_it_asks_one_is_not(request: pytest.FixtureRequest) -> None:
    assert not request.node.get_closest_marker(MARK)


def test_what_stands_on_something_that_asks_one_is_not(request: pytest.FixtureRequest, cast: Cast) -> None:
    assert cast.people
    assert not request.node.get_closest_marker(MARK)


@pytest.mark.either_database
def test_what_differs_between_the_two_is_not(request: pytest.FixtureRequest) -> None:
    assert not request.node.get_closest_marker(MARK)


def test_the_decisive_run_leaves_it_out_beside_one_that_has_it() -> None:
    script = (Path(__file__).parents[2] / ".ci/run").read_text("utf-8")
    [named] = [line for line in script.splitlines() if "DATABASE_URL=$url" in line]
    assert f"-m 'not {MARK}'" in named
    assert re.findall(r"^  make test \"ARGS=(.*)\"", script, re.MULTILINE) == ["$patience $elsewhere"]
