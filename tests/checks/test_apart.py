"""Checks in a process of their own: as the checks in this one, ended by limits, one at a time for each person."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ombud.checks import apart, check
from ombud.checks.apart import Checked, Superseded, check_typed, check_whole, read_head
from ombud.policy import load_sources
from shipped_packs import pack_of

POLICY = "overseas-customers"  # the one that takes longest
SMALL = {"pack.yaml": (Path(__file__).parent / "packs" / "sound.yaml").read_text("utf-8")}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(apart, "_helpers", type(apart._helpers)())
    yield
    for helper in apart._helpers.values():
        helper.end()


def sources_of(policy: str) -> dict[str, str]:
    return dict(pack_of(policy).sources)


def test_a_check_apart_finds_what_a_check_here_finds() -> None:
    pack = load_sources(SMALL)
    found = check_whole(SMALL, policy=pack.id, owner="somebody")
    assert found.report == check(pack)
    assert found.head == {
        "id": pack.id,
        "version": pack.version,
        "title": dict(pack.title),
        "effective": pack.effective,
    }


def test_what_cannot_be_read_is_told_with_its_place() -> None:
    found = read_head({"pack.yaml": "pack: {id: x}"}, policy="x", owner="somebody")
    assert found.head is None
    assert [each.code for each in found.report.findings][:1] == ["schema"]


def test_a_check_that_takes_too_long_is_ended_and_that_is_a_finding() -> None:
    found = check_whole(sources_of(POLICY), policy=POLICY, owner="somebody", seconds=1)
    assert found.is_ended
    assert [each.code for each in found.report.findings] == ["endless-check"]
    assert found.report.errors == 1
    assert read_head(SMALL, policy="x", owner="somebody").head  # and the next is done


def test_a_check_that_takes_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "BYTES", 2**20)
    assert read_head(sources_of(POLICY), policy=POLICY, owner="somebody").is_ended


def test_the_newest_check_of_a_person_ends_the_one_before_and_nobody_elses() -> None:
    outcomes: dict[str, Checked | type[Superseded]] = {}

    def ask(name: str, sources: dict[str, str], owner: str, whole: bool) -> None:
        try:
            outcomes[name] = check_typed(sources, "pack.yaml", policy="x", owner=owner, whole=whole)
        except Superseded:
            outcomes[name] = Superseded

    older = threading.Thread(target=ask, args=("older", sources_of(POLICY), "po", True))
    older.start()
    while not ("po" in apart._helpers and apart._helpers["po"].is_busy):
        assert older.is_alive(), "the check is slow enough to be ended"
    ask("other", SMALL, "somebody else", False)
    ask("newer", SMALL, "po", False)
    older.join(60)
    assert outcomes["older"] is Superseded
    for name in ("other", "newer"):
        assert isinstance(outcomes[name], Checked)
        assert not outcomes[name].is_ended


def test_a_helper_that_was_killed_is_replaced() -> None:
    sources = {"pack.yaml": "x"}
    read_head(sources, policy="x", owner="somebody")
    (helper,) = apart._helpers.values()
    helper.end()
    assert not read_head(sources, policy="x", owner="somebody").is_ended


def test_only_so_many_helpers_are_kept() -> None:
    for number in range(apart.HELPERS + 2):
        read_head({"pack.yaml": "x"}, policy="x", owner=f"p{number}")
    assert len(apart._helpers) == apart.HELPERS
