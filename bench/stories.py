"""Stories for a big register: drawn by dice, lived through by the engine, each told of several complainants."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.drafts import NewCase, open_draft
from ombud.cases.fold import seconds
from ombud.cases.references import secret_digest
from ombud.engine import advance
from ombud.engine.model import Actor
from ombud.organisation import editions, library, publishing
from ombud.organisation.models import Membership
from ombud.organisation.staff import Roster
from ombud.project import demo
from ombud.project.demo.steps import Telling, data_of, steps_of
from ombud.project.demo.stories import MINUTES, said_of

# How far cases have come, by weight. A real register has a far greater share of closed ones: this one is harder.
WEIGHTS = {
    "archived": 60, "received": 2, "registered": 2, "routed": 3, "accepted": 3, "checked": 3, "proposed": 3,
    "approved": 2, "answering": 4, "renegotiating": 2, "carrying_out": 3, "followed_up_due": 3, "facts_awaited": 3,
    "withdrawn": 3, "major_reported": 2, "major_investigating": 2,
}  # fmt: skip
CLOSED = {"archived", "withdrawn"}
MAJOR = {"spread", "legal_step", "complainants", "routine"}  # facts by which the policy takes a complaint for major
POLICY = "customer-complaints"


@dataclass(frozen=True, slots=True)
class Plot:
    """What the dice say of one story."""

    path: str
    complaint: int
    age: int  # minutes since it was received
    loss: int
    seed: int


class Teller:
    """Lives through plots under the demo's policy and people; reads the database only when made."""

    def __init__(self, now: datetime) -> None:
        version = publishing.in_force(POLICY, now=now)
        edition = editions.current()
        assert version is not None, "the bench's own set-up publishes the policy"
        assert edition is not None, "publishing covers the calendars"
        self.version, self.edition, self.now = version, edition.pk, now
        self.complaints: list[dict[str, Any]] = demo.read("complaints.yaml", POLICY)
        self.general = [number for number, each in enumerate(self.complaints) if MAJOR.isdisjoint(each)]
        paths = demo.read("paths.yaml", POLICY)
        self.steps = {path: steps_of(path, paths) for path in WEIGHTS}
        self.telling = Telling(pack=library.pack(version.hash), paths=paths, now=now)
        self.roster = Roster(version.policy)
        self.people = list(_actors(version.policy))
        self.names = [str(each["name"]) for each in self.complaints]
        self.clauses = [part for each in self.complaints for part in str(each["narrative"]).split("\uff0c")]

    def plots(self, count: int, seed: int) -> list[Plot]:
        """Return what happens to that many complaints, the oldest first, as they would have come in."""
        dice = random.Random(seed)
        found = []
        for path in dice.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=count):
            is_major = path.startswith("major")
            complaint = dice.choice(range(len(self.complaints)) if is_major else self.general)
            age = self._age(path, str(self.complaints[complaint]["age"]), dice)
            loss = dice.randrange(6000, 90000) if is_major else dice.randrange(10, 4900)
            found.append(Plot(path, complaint, age, loss, dice.getrandbits(60)))
        return sorted(found, key=lambda plot: -plot.age)

    def live(self, plot: Plot) -> NewCase:
        """Return the story as a draft, its time passed until now."""
        dice = random.Random(plot.seed)
        told = {**self.complaints[plot.complaint], "loss": f"{plot.loss} CNY"}
        draft = self.open(plot)
        began = draft.case.received_at
        self._step(draft, "receive", self._actor("agent", None), began, self.said(plot, dice))
        steps = self.steps[plot.path]
        last = steps[-1].minute if steps else 0
        pressed = min(1.0, 0.92 * plot.age / last) if last else 1.0
        for step in steps:
            at = began + timedelta(minutes=step.minute * pressed)
            data = data_of(step, told, self.telling, at)
            self._step(draft, step.act, self._actor(step.role, draft.state.department), at, data)
        draft.keep(advance(draft.state, seconds(self.now), staff=self.roster))
        return draft

    def open(self, plot: Plot) -> NewCase:
        """Return an empty draft of the story with a reference and key of its own."""
        began = self.now - timedelta(minutes=plot.age)
        told = self.complaints[plot.complaint]
        return open_draft(
            self.version, self.edition, procedure="complaint", channel=told["channel"],
            language=told.get("language", "zh"), office=None, secret=secret_digest(str(plot)),
            source=None, at=began, now=began, roster=self.roster,
        )  # fmt: skip

    def said(self, plot: Plot, dice: random.Random) -> dict[str, str]:
        """Return what a complainant says: the story's complaint in words, with a name and number of their own."""
        told = {**self.complaints[plot.complaint], "loss": f"{plot.loss} CNY"}
        said = said_of(library.pack(self.version.hash), told)
        number = dice.randrange(10**8)
        said["name"] = dice.choice(self.names)
        said["phone"] = f"138{number:08d}"
        said["narrative"] = "\uff0c".join([said["narrative"], *dice.sample(self.clauses, 6)])
        said["subject"] = f"{said['subject']} {number % 9973}"
        return {**said, "channel": told["channel"]}

    def _step(self, draft: NewCase, act: str, actor: Actor, at: datetime, data: Mapping[str, Any]) -> None:
        outcome = draft.step(act, actor=actor, at=seconds(at), now=seconds(at), data=data)
        assert not outcome.refused, (act, [refusal.message for refusal in outcome.refused])

    def _age(self, path: str, told: str, dice: random.Random) -> int:
        if path in CLOSED:
            return dice.randrange(5 * 1440, 3 * 365 * 1440)
        number, unit = told.split()
        return int(int(number) * MINUTES[unit] * dice.uniform(0.5, 20)) + 1

    def _actor(self, role: str, department: str | None) -> Actor:
        if role == "complainant":
            return Actor(person="complainant", role="complainant")
        fitting = [actor for actor in self.people if actor.role == role and actor.department in (None, department)]
        return fitting[0] if fitting else next(actor for actor in self.people if actor.role == role)


def _actors(policy: str) -> Iterator[Actor]:
    for row in Membership.objects.filter(policy=policy).select_related("person", "department").order_by("id"):
        yield Actor(person=row.person.key, role=row.role, department=row.department.key if row.department else None)
