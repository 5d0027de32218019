"""Another version of the policy, another calendar edition: open duties follow, closed ones stay."""

from __future__ import annotations

import json

from engine.telling import WORKSHOP, Case, at, pack_of
from ombud.engine import Program, compile_program, fold, migrate

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
    assert told.duty("greet") == ("open", "03-03 10:30")  # 10:00 by the new limit, but not before the migration
    assert told.duty("look") == ("open", "03-10 18:00")
    assert told.duty("hurry") == ("ended", "03-03 10:00")
    assert {tell.duty for tell in outcome.tells} == {"greet", "look"}
    assert all(tell.why == "due-moved" for tell in outcome.tells)
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


def _without(lines: list[str], duty: str) -> list[str]:
    start = next(number for number, line in enumerate(lines) if line.startswith(f"  {duty}:"))
    end = next(n for n in range(start + 1, len(lines)) if lines[n][:3].strip())
    return lines[:start] + lines[end:]
