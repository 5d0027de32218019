"""Checks in a process of their own: as the checks in this one, ended by limits, one at a time for each person."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from ombud.checks import apart, check, helper
from ombud.checks.apart import (
    Checked,
    Superseded,
    check_quickly,
    check_typed,
    check_whole,
    compare_stories,
    read_head,
    tell_stories,
)
from ombud.checks.quick import check_quickly as quick_here
from ombud.checks.version_impact import differing_stories
from ombud.policy import load_sources
from shipped_packs import pack_of
from waiting import is_running, wait_until

POLICY = "overseas-customers"  # the one that takes longest
SMALL = {"pack.yaml": (Path(__file__).parent / "packs" / "sound.yaml").read_text("utf-8")}
JOB = {"what": "head", "sources": SMALL, "policy": "x", "seconds": 15, "bytes": 2**31}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(apart, "_helpers", type(apart._helpers)())
    yield
    for each in apart._helpers.values():
        each.end()


def raised(error: Exception) -> Any:
    raise error


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


def test_scenarios_and_quick_checks_are_told_apart_as_they_are_here() -> None:
    pack = pack_of("student-complaints")
    told = tell_stories(pack.sources, policy=pack.id, owner="somebody", name=pack.scenarios[0].name)
    assert told.differences == {pack.scenarios[0].name: []}
    quick = check_quickly(SMALL, policy="x", owner="somebody")
    small = load_sources(SMALL)
    assert quick.report == quick_here(small, small.scenarios)
    assert not quick.is_all


def test_two_versions_are_compared_apart_as_they_are_here() -> None:
    before = pack_of("training-service")
    text = before.sources["pack.yaml"]
    after = {**before.sources, "pack.yaml": text.replace("within: 30 min", "within: 31 min")}
    assert after["pack.yaml"] != text
    compared = compare_stories(before.sources, after, policy=before.id, owner="somebody")
    assert compared.differing == differing_stories(before, load_sources(after))
    assert compared.differing
    unreadable = compare_stories({"pack.yaml": "pack: {id: x}"}, SMALL, policy="x", owner="somebody")
    assert unreadable.differing is None
    assert [each.code for each in unreadable.report.findings][:1] == ["schema"]


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


def test_who_is_not_the_newest_any_more_gives_up_and_ends_nobodys_check() -> None:
    outcomes: list[object] = []
    made = apart._helpers["po"] = apart._Helper()

    def ask() -> None:
        try:
            outcomes.append(check_typed(SMALL, "pack.yaml", policy="x", owner="po", whole=False))
        except Superseded:
            outcomes.append(Superseded)

    with made.turn:  # a job is at work
        older = threading.Thread(target=ask)
        older.start()
        wait_until(lambda: made.newest == 1)
        newer = threading.Thread(target=ask)
        newer.start()
        older.join(10)
        assert outcomes == [Superseded]  # although the turn is not its own yet, and may be the newest's next
    newer.join(60)
    assert isinstance(outcomes[1], Checked)


def test_a_helper_that_is_just_starting_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "HELPERS", 1)
    outcomes: list[Checked] = []
    threads = [
        threading.Thread(target=lambda name=name: outcomes.append(read_head(SMALL, policy="x", owner=name)))
        for name in ("a", "b", "c")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [each.is_ended for each in outcomes] == [False, False, False]


def test_what_takes_too_long_by_the_clock_is_ended_with_the_process_that_does_it() -> None:
    made, outcomes, waited = apart._Helper(), [], []
    job = {"what": "whole", "sources": sources_of(POLICY), "policy": POLICY, "seconds": 120, "bytes": apart.BYTES}
    line = json.dumps(job).encode() + b"\n"
    waiting = threading.Thread(target=lambda: outcomes.append(made._told(line, 2, lambda: waited.append(1))))
    waiting.start()
    children = Path(f"/proc/{made.process.pid}/task/{made.process.pid}/children")
    wait_until(lambda: bool(children.read_text()))
    child = int(children.read_text())
    waiting.join(6)
    assert outcomes == [{"ended": True}], "the child does not keep the one who waits"
    assert waited
    wait_until(lambda: not is_running(child))
    made.end()


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_what_needs_too_much_is_ended(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_answer", lambda job: raised(error()))
    assert helper._in_child(JOB, []) == {"ended": True}


def test_what_was_told_in_part_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(writing: int, told: bytes) -> int:
        os.writev(writing, [told[:1]])
        os.kill(os.getpid(), signal.SIGKILL)
        return 1

    monkeypatch.setattr(os, "write", cut)
    assert helper._in_child(JOB, []) == {"ended": True}


def test_a_fault_of_the_checks_is_told_as_one_and_stands_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(helper, "_answer", lambda job: raised(ZeroDivisionError("one fault")))
    assert helper._in_child(JOB, []) == {"failed": True}
    assert "ZeroDivisionError: one fault" in capfd.readouterr().err


def test_who_asked_is_told_that_the_checks_failed() -> None:
    with pytest.raises(apart.Failed):
        read_head({"pack.yaml": 1}, policy="x", owner="somebody")  # type: ignore[dict-item]  # for which nobody is ready
    assert read_head(SMALL, policy="x", owner="somebody").head  # and the next is done


def test_a_helper_that_was_killed_is_replaced() -> None:
    sources = {"pack.yaml": "x"}
    read_head(sources, policy="x", owner="somebody")
    (made,) = apart._helpers.values()
    made.end()
    assert not read_head(sources, policy="x", owner="somebody").is_ended


def test_only_so_many_helpers_are_kept() -> None:
    for number in range(apart.HELPERS + 2):
        read_head({"pack.yaml": "x"}, policy="x", owner=f"p{number}")
    assert len(apart._helpers) == apart.HELPERS
