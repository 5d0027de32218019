"""Random histories of complaints, and what their raw events alone say of them."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import pairwise
from typing import Any

from builders import GRADES, USUAL, after, do
from cast import POLICY, Cast
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event
from ombud.channels.intake import receive
from ombud.policy.model.procedures import Procedure

CATEGORIES = ("product_quality", "product_quality", "product_quality", "delivery")  # quality has its staff here
CAUSES = ("manufacture", "manufacture", "design", "delay", "service")


def make_histories(cast: Cast, number: int = 24, seed: int = 5) -> datetime:
    """Make cases of several channels and categories that go some of the usual way; return when they stand so."""
    chance, latest = random.Random(seed), 0.0
    why = random.Random(seed + 1)
    for index in range(number):
        minutes = float(index * 37)
        loss = {"loss": {"amount": "120.50", "currency": "CNY"}} if chance.random() < 0.5 else {}
        told = {"subject": "漏水", "narrative": "漏水", "name": "王", "demand": "退款", **loss}
        case = receive(
            POLICY,
            channel=chance.choice(["web", "hotline"]),
            language="zh",
            data={**told, "phone": f"1380013800{chance.randrange(7)}"},
            actor=cast.actor("lin"),
            at=after(minutes),
            now=after(minutes),
        ).case
        rejects = chance.choice([0, 0, 1])
        way = [*USUAL]
        for _round in range(rejects):
            again = [each for each in USUAL if each[0] in ("investigate", "propose", "plan.approve", "communicate")]
            place = next(at for at, each in enumerate(way) if each[0] == "answer")
            way[place:place] = [("answer", "complainant", 0, {"answer": "rejected", "opinion": "不够"}), *again]
        for act, who, _, data in way[: chance.randrange(1, len(way) + 4)]:
            minutes += chance.choice([5, 40, 300, 900])
            said = {**data, "category": chance.choice(CATEGORIES)} if data == GRADES else dict(data)
            if act == "investigate" and why.random() < 0.8:
                said["cause"] = why.choice(CAUSES)
            if "satisfaction" in said:
                said["satisfaction"] = chance.choice(["satisfied", "mostly", "dissatisfied"])
            try:
                pass_time(case.pk, now=after(minutes))
                do(case, act, cast, who, minutes=minutes, data=said)
            except Refused:
                break
        if chance.random() < 0.2:
            minutes += 60
            pass_time(case.pk, now=after(minutes))
            if Case.objects.get(pk=case.pk).is_open:
                do(case, "withdraw", cast, "complainant", minutes=minutes, data={})
        latest = max(latest, minutes)
    now = after(latest + 1)
    for pk in Case.objects.values_list("pk", flat=True):
        pass_time(pk, now=now)
    return now


class ByHand:
    """One case read from its raw events and its row, by none of the code that is tested."""

    def __init__(self, case: Case, phones: dict[int, str]) -> None:
        self.case = case
        events = list(Event.objects.filter(case=case).order_by("seq"))
        self.acts = [(each.act, each.occurred) for each in events]
        facts: dict[str, Any] = {}
        for each in events:
            if each.act not in ("rung", "open"):
                facts |= each.data
        self.facts = facts
        self.received = case.received_at
        self.closed = case.closed_at
        self.is_withdrawn = any(act == "withdraw" for act, _ in self.acts)
        self.rounds = sum(act == "communicate" for act, _ in self.acts)
        self.is_repeat = any(
            other.pk != case.pk and phones[other.pk] == phones[case.pk] and other.received_at < case.received_at
            for other in Case.objects.all()
        )

    def first(self, *acts: str) -> int | None:
        found = [occurred for act, occurred in self.acts if act in acts]
        return min(found) - int(self.received.timestamp()) if found else None

    @property
    def lasted(self) -> int:
        assert self.closed is not None
        return int((self.closed - self.received).total_seconds())


def with_us(case: Case) -> int:
    """Return for how many seconds a closed case lay with us: event by event, from what was owed after each.

    It lies with whoever outside owes something where nothing that we owe can be done in the phase.
    """
    events, total = list(Event.objects.filter(case=case).order_by("seq")), 0
    # What one act brings about by itself has its instant: only what stands after the last of them lasts.
    for place, (one, other) in enumerate(pairwise(events), 1):
        assert case.closed_at is not None, "a closed case"
        if other.occurred == one.occurred or one.occurred >= case.closed_at.timestamp():
            continue
        state = folded_rows(case, events[:place], None)
        procedure = state.program.procedure
        owed = [view for view in state.duties() if view.status in ("open", "paused")]
        ours = [view for view in owed if not view.is_outsiders]
        can = any(
            view.duty.partition(".")[0] in procedure.chains
            or any(state.phase in state.program.acts[act].from_phases for act in doing(view.do[0], procedure))
            for view in ours
        )
        total += 0 if not can and len(owed) > len(ours) else other.occurred - one.occurred
    return total


def doing(event: str, procedure: Procedure) -> list[str]:
    """Return the acts by which something is done: itself, or where an approval is owed what begins it."""
    name = event.partition(".")[0]
    if name in procedure.acts:
        return [name]
    return [act.id for act in procedure.acts.values() if act.starts == name or procedure.chains[name].starts == act.id]
