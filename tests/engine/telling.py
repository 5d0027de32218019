"""A small pack that has every kind of rule, and a case that tests tell their histories to."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ombud.engine import (
    Actor,
    Event,
    Notification,
    Outcome,
    State,
    Submission,
    advance,
    begin,
    compile_program,
    fold,
    step,
)
from ombud.engine.scenario.run import StandIns
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack

ZONE = ZoneInfo("Asia/Shanghai")
WORKSHOP = Path(__file__).with_name("workshop.yaml").read_text("utf-8")
BRANCHES = Path(__file__).with_name("branches.yaml").read_text("utf-8")


@lru_cache
def pack_of(text: str = WORKSHOP) -> Pack:
    return load_sources({"pack.yaml": text})


def at(words: str) -> int:
    """Return the instant of "03-03 09:00" (of 2026, in Shanghai; 3 March is a Tuesday)."""
    form = "%Y-%m-%d %H:%M:%S" if words.count(":") == 2 else "%Y-%m-%d %H:%M"
    return int(datetime.strptime(f"2026-{words}", form).replace(tzinfo=ZONE).timestamp())


def words(instant: int | None) -> str | None:
    return None if instant is None else datetime.fromtimestamp(instant, ZONE).strftime("%m-%d %H:%M")


class Case:
    """A case under the workshop's policy; acts are refused with an AssertionError unless `refused` is asked for."""

    def __init__(self, text: str = WORKSHOP, *, mode: str = "enforce") -> None:
        self.program = compile_program(pack_of(text))
        self.state: State = begin(self.program)
        self.staff = StandIns(self.program)
        self.mode = mode
        self.events: list[Event] = []
        self.notifications: list[Notification] = []

    def submit(self, act: str, when: str, by: Any, recorded: str | None = None, **data: Any) -> Outcome:
        occurred = at(when)
        written = at(recorded) if recorded else occurred
        draft = self.state.copy()
        advance(draft, written, staff=self.staff)
        actor = by if isinstance(by, Actor) else self.staff.actor(draft, by)
        submission = Submission(act=act, actor=actor, occurred=occurred, recorded=written, data=data)
        outcome = step(self.state, submission, mode=self.mode, staff=self.staff)
        self.events += outcome.events
        self.notifications += outcome.notifications
        return outcome

    def do(self, act: str, when: str, by: Any = "desk", recorded: str | None = None, **data: Any) -> Case:
        outcome = self.submit(act, when, by, recorded, **data)
        assert not outcome.refused, [each.message["en"] for each in outcome.refused]
        return self

    def refused(self, act: str, when: str, by: Any = "desk", recorded: str | None = None, **data: Any) -> list[str]:
        """Return the codes of the refusal, which must leave the state untouched."""
        before = self.state.snapshot()
        outcome = self.submit(act, when, by, recorded, **data)
        assert outcome.refused, f"{act} was not refused"
        assert self.state.snapshot() == before
        return [each.code for each in outcome.refused]

    def wait(self, until: str) -> Case:
        outcome = advance(self.state, at(until), staff=self.staff)
        self.events += outcome.events
        self.notifications += outcome.notifications
        return self

    def duties(self, duty: str) -> list[tuple[str, str | None]]:
        """Return (status, due) of every instance."""
        return [(each.status, words(each.due_at)) for each in self.state.duties() if each.duty == duty]

    def duty(self, duty: str) -> tuple[str, str | None]:
        found = self.duties(duty)
        assert len(found) == 1, found
        return found[0]

    def rungs(self, duty: str) -> list[tuple[str | None, int]]:
        """Return (instant, rung) of every rung passed."""
        return [(words(e.occurred), e.data["rung"]) for e in self.events if e.act == "rung" and e.data["duty"] == duty]

    def acts(self) -> list[str]:
        return [event.act for event in self.events if event.act not in ("rung", "open")]

    def refold(self) -> State:
        return fold(self.program, self.events)


def workshop(*changes: tuple[str, str]) -> Case:
    """Return a case under the workshop's policy with some of its words replaced."""
    return Case(_changed(WORKSHOP, changes))


def branches(*changes: tuple[str, str]) -> Case:
    """Return a case under the policy of the branches: offices, powers over duties, groups, ledgers."""
    return Case(_changed(BRANCHES, changes))


def _changed(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def routed(*changes: tuple[str, str], **data: object) -> Case:
    """Return a case received on Tuesday 3 March 2026 at 09:00 and routed at 09:30."""
    return workshop(*changes).do("receive", "03-03 09:00", **data).do("route", "03-03 09:30")
