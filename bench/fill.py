"""A register filled in bulk through the engine: varied texts, phases and dates, the same for the same seed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.commands import secret_digest, seconds
from ombud.cases.drafts import Draft, open_draft, write_drafts
from ombud.engine import advance
from ombud.organisation import editions, publishing
from ombud.organisation.models import Membership, PolicyVersion
from ombud.organisation.staff import Roster
from ombud.engine.model import Actor
from ombud.project import demo
from ombud.project.demo.stories import ASPECTS, MINUTES, SAID, steps_of

BATCH = 500
# How far cases have come, by weight: most of a real register is closed.
WEIGHTS = {
    "archived": 60, "received": 2, "registered": 2, "routed": 3, "accepted": 3, "checked": 3, "proposed": 3, "approved": 2,
    "answering": 4, "renegotiating": 2, "carrying_out": 3, "followed_up_due": 3, "facts_awaited": 3, "withdrawn": 3,
    "major_reported": 2, "major_investigating": 2,
}  # fmt: skip


def fill(count: int, *, now: datetime, seed: int = 7) -> None:
    """Write `count` cases of the last three years; prints progress to stderr."""
    version = publishing.in_force(demo.POLICY, now=now)
    assert version is not None, "the bench's own set-up publishes the policy"
    edition = editions.current()
    assert edition is not None, "publishing covers the calendars"
    writer = _Writer(version, edition.pk, random.Random(seed), now)
    began, done = time.perf_counter(), 0
    while done < count:
        batch = [writer.draft() for _ in range(min(BATCH, count - done))]
        write_drafts(batch, is_telling=False)
        done += len(batch)
        if done % 5000 == 0 or done == count:
            print(f"  {done:,} cases, {done / (time.perf_counter() - began):,.0f}/s", file=sys.stderr, flush=True)


class _Writer:
    def __init__(self, version: PolicyVersion, edition: int, dice: random.Random, now: datetime) -> None:
        self.version, self.edition, self.dice, self.now = version, edition, dice, now
        self.complaints = demo.read("complaints.yaml")
        self.paths = demo.read("paths.yaml")
        self.roster = Roster(version.policy)
        self.people = list(_actors(version.policy))
        self.words = [word for each in self.complaints for word in str(each["narrative"]).split("，")]

    def draft(self) -> Draft:
        """Return one more case in memory, its time passed until now."""
        told = dict(self.dice.choice(self.complaints))
        (path,) = self.dice.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        told["loss"] = f"{self.dice.randrange(6000, 90000) if path.startswith('major') else self.dice.randrange(10, 4900)} CNY"
        age = self._age(path, str(told["age"]))
        began = self.now - timedelta(minutes=age)
        draft = open_draft(
            self.version, self.edition, procedure="complaint", channel=told["channel"],
            language=told.get("language", "zh"), office=None, secret=secret_digest(str(self.dice.random())),
            source=None, at=began, now=began, roster=self.roster,
        )  # fmt: skip
        self._step(draft, "receive", self._actor("agent", None), began, self._said(told))
        steps = steps_of(path, self.paths)
        last = steps[-1].minute if steps else 0
        pressed = min(1.0, 0.92 * age / last) if last else 1.0
        for step in steps:
            at = began + timedelta(minutes=step.minute * pressed)
            actor = self._actor(step.role, draft.state.department)
            self._step(draft, step.act, actor, at, self._data(step.act, step.data, told, at))
        draft.keep(advance(draft.state, seconds(self.now), staff=self.roster))
        return draft

    def _step(self, draft: Draft, act: str, actor: Actor, at: datetime, data: Mapping[str, Any]) -> None:
        outcome = draft.step(act, actor=actor, at=seconds(at), now=seconds(at), data=data)
        assert not outcome.refused, (act, [refusal.message for refusal in outcome.refused])

    def _age(self, path: str, told: str) -> int:
        if path in {"archived", "withdrawn"}:
            return self.dice.randrange(5 * 1440, 3 * 365 * 1440)
        number, unit = told.split()
        return int(int(number) * MINUTES[unit] * self.dice.uniform(0.5, 20)) + 1

    def _said(self, told: Mapping[str, Any]) -> dict[str, str]:
        said = {name: str(told[name]) for name in SAID if name in told}
        number = self.dice.randrange(10**8)
        said["phone"] = f"138{number:08d}"
        said["narrative"] = "，".join([said["narrative"], *self.dice.sample(self.words, 6)])
        said["subject"] = f"{said['subject']} {number % 9973}"
        return {**said, "channel": told["channel"]}

    def _data(self, act: str, data: Mapping[str, Any], told: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        given = dict(data)
        if act == "register":
            given |= {
                "category": told["category"], "aspect": told.get("aspect") or ASPECTS[told["category"]],
                "urgency": told["urgency"], "spread": False, "routine": True,
                "legal_step": "none", "business_affected": False,
            }  # fmt: skip
        if "time_limit" in given:
            given["time_limit"] = (at + timedelta(days=5)).date().isoformat()
        return given

    def _actor(self, role: str, department: str | None) -> Actor:
        if role == "complainant":
            return Actor(person="complainant", role="complainant")
        fitting = [actor for actor in self.people if actor.role == role and actor.department in (None, department)]
        return fitting[0] if fitting else next(actor for actor in self.people if actor.role == role)


def _actors(policy: str) -> Iterator[Actor]:
    for row in Membership.objects.filter(policy=policy).select_related("person", "department").order_by("id"):
        yield Actor(person=row.person.key, role=row.role, department=row.department.key if row.department else None)
