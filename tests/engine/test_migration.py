"""Another version of the policy, another calendar edition: open duties follow, closed ones stay."""

from __future__ import annotations

import json

import pytest

from engine.telling import BRANCHES, WORKSHOP, Case, at, branches, pack_of
from ombud.engine import MigrationError, ProcedureError, Program, compile_program, fold, migrate

NEWER = (
    WORKSHOP.replace("version: 1.0.0", "version: 2.0.0")
    .replace("do: greet, within: 2 h", "do: greet, within: 1 h")
    .replace("do: look, within: 3 workdays", "do: look, within: 5 workdays")
    .replace('where: "fast == true", do: look', 'where: "fast != true", do: look')
)


class Library:
    def __init__(self, *programs: Program) -> None:
        self.programs = {program.pack.hash: program for program in programs}

    def program(self, pack_hash: str, edition: str, procedure: str) -> Program:
        return self.programs[pack_hash]


def test_a_migrated_case_goes_on_under_the_new_limits_and_nobody_is_late_after_the_fact() -> None:
    told = Case().do("receive", "03-03 09:00", fast=True).do("route", "03-03 09:30")
    newer = compile_program(pack_of(NEWER))
    outcome = migrate(told.state, newer, at=at("03-03 10:30"))
    assert told.duty("greet") == ("open", "03-03 11:00")  # 10:00 by the new limit, which was over: as before
    assert told.duty("look") == ("open", "03-10 18:00")
    assert told.duty("hurry") == ("ended", "03-03 10:00")
    assert {tell.duty for tell in outcome.notifications} == {"look"}
    assert all(tell.why == "due-moved" for tell in outcome.notifications)
    event = outcome.events[0]
    assert event.data == {"pack": newer.pack.hash, "version": "2.0.0", "edition": newer.edition}

    refolded = fold(told.program, [*told.events, event], Library(told.program, newer))
    assert json.dumps(refolded.snapshot(), default=str) == json.dumps(told.state.snapshot(), default=str)


def test_a_duty_that_the_new_version_does_not_have_ends() -> None:
    told = Case().do("receive", "03-03 09:00", kind="body").do("route", "03-03 09:30").do("tidy", "03-03 10:00")
    without = "\n".join(_without(WORKSHOP.splitlines(), "rounds"))
    migrate(told.state, compile_program(pack_of(without)), at=at("03-03 11:00"))
    assert [status for status, _ in told.duties("rounds")] == ["met"]
    assert told.wait("03-09 09:00").duties("rounds")[1:] == []


# What is refused


def test_a_version_without_the_cases_phase_is_refused_and_says_what_to_do() -> None:
    told = Case().do("receive", "03-03 09:00").do("route", "03-03 09:30").do("ask", "03-03 10:00")
    renamed = WORKSHOP.replace("version: 1.0.0", "version: 2.0.0").replace("waiting", "asked")
    before = told.state.snapshot()
    with pytest.raises(MigrationError) as found:
        migrate(told.state, compile_program(pack_of(renamed)), at=at("03-03 11:00"))
    assert str(found.value) == (
        'the case is in the phase "waiting", which workshop 2.0.0 does not have. '
        "Let the case stay under version 1.0.0, or publish a version that has it."
    )
    assert told.state.snapshot() == before
    told.do("supply", "03-03 12:00", "customer")
    migrate(told.state, compile_program(pack_of(renamed)), at=at("03-03 12:30"))  # it is back at work
    assert told.do("ask", "03-03 13:00").state.phase == "asked"


def test_a_version_without_the_phase_to_go_back_to_is_refused() -> None:
    told = Case().do("receive", "03-03 09:00").do("ask", "03-03 10:00")  # from `open`
    renamed = (
        WORKSHOP.replace("  open: {}", "  begun: {}").replace("to: open,", "to: begun,").replace("[open,", "[begun,")
    )
    with pytest.raises(MigrationError, match='"supply" would lead the case back to the phase "open"'):
        migrate(told.state, compile_program(pack_of(renamed)), at=at("03-03 11:00"))


def test_a_case_goes_on_under_its_own_procedure_only() -> None:
    told = branches().do("receive", "03-03 09:00", "customer")
    other = compile_program(pack_of(BRANCHES.replace("version: 1.0.0", "version: 2.0.0")), procedure="mending")
    with pytest.raises(MigrationError, match='a matter of the procedure "complaint"'):
        migrate(told.state, other, at=at("03-03 11:00"))
    with pytest.raises(ProcedureError, match=r'workshop 1\.0\.0 has no procedure "mending"'):
        compile_program(pack_of(), procedure="mending")


# What is found anew


def migrated(old: str, new: str, at_: str = "03-04 10:00") -> Case:
    """Return a case received on Monday 2 March, routed on Tuesday and migrated on Wednesday."""
    told = (
        Case(WORKSHOP.replace(*LOOK, 1).replace("{look}", old)).do("receive", "03-02 09:00").do("route", "03-03 09:30")
    )
    told.wait(at_)
    newer = compile_program(pack_of(WORKSHOP.replace(*LOOK, 1).replace("{look}", new).replace("1.0.0", "2.0.0")))
    outcome = migrate(told.state, newer, at=at(at_))
    refolded = fold(told.program, [*told.events, *outcome.events], Library(told.program, newer))
    assert json.dumps(refolded.snapshot(), default=str) == json.dumps(told.state.snapshot(), default=str)
    told.events += outcome.events
    return told


LOOK = (
    """look: {bearer: dept, after: route, do: look, within: 3 workdays, pause: [waiting], cite: "1", retrigger: restart,
         breach: [{at: -1 workday, tell: dept}, {at: 0, tell: boss}]}""",
    """look: {bearer: dept, after: route, do: look, pause: [waiting], cite: "1", retrigger: restart, {look}}""",
)
BOSS = "breach: [{at: 0, tell: boss}]"


@pytest.mark.parametrize(
    ("old", "new", "due"),
    [
        ("", "anchor: receive, ", "03-05 18:00"),  # three workdays from Monday
        ("anchor: receive, ", "", "03-06 18:00"),  # from the event that opened it
        ("anchor: receive, ", "anchor: trigger, ", "03-06 18:00"),
        ("anchor: receive, ", "anchor: receive, ", "03-05 18:00"),
    ],
)
def test_another_anchor_in_the_new_version_is_counted_from(old: str, new: str, due: str) -> None:
    told = migrated(f"{old}within: 3 workdays, {BOSS}", f"{new}within: 3 workdays, {BOSS}")
    assert told.duty("look") == ("open", due)


def test_another_ladder_passes_from_then_on_and_nothing_of_it_twice() -> None:
    told = migrated(
        "within: 3 workdays, breach: [{at: -2 workdays, tell: dept}, {at: 0, tell: boss}]",
        "within: 3 workdays, breach: [{at: -2 workdays, tell: head}, "
        "{at: -1 workday, tell: dept}, {at: 0, tell: boss}]",
        "03-05 10:00",
    )
    assert told.rungs("look") == [("03-04 18:00", 0)]
    told.wait("03-10 00:00")
    assert told.rungs("look") == [("03-04 18:00", 0), ("03-05 18:00", 1), ("03-06 18:00", 2)]


def test_a_condition_that_only_the_new_version_has_reopens_what_was_triggered_before() -> None:
    told = migrated(f"within: 3 workdays, {BOSS}", f'where: "not (fast == true)", within: 3 workdays, {BOSS}')
    told.do("regrade", "03-04 11:00", fast=True)
    assert told.duty("look") == ("ended", "03-06 18:00")
    told.do("regrade", "03-04 12:00", fast=False)
    assert told.duty("look") == ("open", "03-06 18:00")


def test_a_schedule_with_another_anchor_goes_on_from_it() -> None:
    rounds = "where: \"kind == 'body'\", do: tidy, every: 24 h"
    told = Case().do("receive", "03-02 12:00", kind="body").do("route", "03-03 09:30").wait("03-03 10:00")
    newer = compile_program(pack_of(WORKSHOP.replace(rounds, f"anchor: receive, {rounds}").replace("1.0.0", "2.0.0")))
    assert told.duties("rounds") == [("open", "03-04 09:30")]
    migrate(told.state, newer, at=at("03-03 10:00"))
    # From Monday 12:00 the first would have been due on Tuesday 12:00, and so on every day.
    assert told.duties("rounds") == [("open", "03-03 12:00")]
    told.wait("03-03 13:00")
    assert told.duties("rounds")[1] == ("open", "03-04 12:00")


def _without(lines: list[str], duty: str) -> list[str]:
    start = next(number for number, line in enumerate(lines) if line.startswith(f"  {duty}:"))
    end = next(n for n in range(start + 1, len(lines)) if lines[n][:3].strip())
    return lines[:start] + lines[end:]
