"""Complaints lived through: every act goes through the register like a person's own."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from ombud.cases.commands import pass_time, perform
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.clock import tasks
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import CHANNEL, COMPLAINANT, LANGUAGE, OCCURRED_ON, OFFICE, RECEIVE
from ombud.project.demo.matters import tell_matters
from ombud.project.demo.steps import OWNER, Telling, actor_of, data_of, holder_of, plain, steps_of

MINUTES = {"min": 1, "h": 60, "days": 24 * 60}
ASIDE = frozenset({"id", "path", "age", "occurred", CHANNEL, LANGUAGE, "by", OFFICE})  # what nobody said


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One complaint that was lived through."""

    case: Case
    path: str


def tell_all(telling: Telling, complaints: Sequence[Mapping[str, Any]]) -> tuple[Told, ...]:
    """Live through the complaints side by side, each step at its hour, since one may concern others; then let the
    time pass until now."""
    lives = [tell(telling, each) for each in sorted(complaints, key=lambda complaint: -age_of(complaint))]
    turns = [(next(life), number) for number, life in enumerate(lives)]
    told: dict[int, Told] = {}
    while turns:
        _now, number = heappop(turns)
        try:
            heappush(turns, (next(lives[number]), number))
        except StopIteration as end:
            told[number] = end.value
    for each in told.values():
        pass_time(each.case.pk, now=telling.now)
    return tuple(told[number] for number in sorted(told))


def tell(telling: Telling, complaint: Mapping[str, Any]) -> Generator[datetime, None, Told]:
    """Live through one complaint and the matters that it opens; yields when each step is to come, before it."""
    pack, now, age = telling.pack, telling.now, age_of(complaint)
    began = now - timedelta(minutes=age)
    yield began
    case = _receive(telling, complaint, began)
    if "id" in complaint:
        telling.cases[complaint["id"]] = case
    steps = steps_of(complaint["path"], telling.paths)
    last = steps[-1].minute if steps else 0
    pressed = min(1.0, 0.92 * age / last) if last else 1.0
    for step in steps:
        at = began + timedelta(minutes=step.minute * pressed)
        yield at
        # What was done to other cases meanwhile may have changed this one.
        case = Case.objects.select_related("department", "office", "handler").get(pk=case.pk)
        data = data_of(step, complaint, telling, at)
        actor = actor_of(pack.id, step, case)
        case = perform(case, step.act, actor=actor, at=at, now=at, data=data, owner=OWNER).case
        tasks.run(now=at)
    tell_matters(telling, case, complaint["path"], complaint)
    return Told(case=case, path=complaint["path"])


def _receive(telling: Telling, complaint: Mapping[str, Any], began: datetime) -> Case:
    pack = telling.pack
    said = said_of(pack, complaint)
    if "occurred" in complaint:
        then = happened(complaint, telling.now)
        is_instant = pack.fields[OCCURRED_ON].type is FieldType.INSTANT
        said[OCCURRED_ON] = then.isoformat() if is_instant else then.date().isoformat()
    role, _at, who = (complaint.get("by") or _receiver(pack, complaint["channel"])).partition("@")
    return intake.receive(
        pack.id,
        channel=complaint["channel"],
        language=complaint.get("language", "zh"),
        data=said,
        actor=holder_of(pack.id, role, office=complaint.get("office"), who=who or None),
        at=began,
        now=began,
    ).case


def age_of(complaint: Mapping[str, Any]) -> int:
    """Return how many minutes ago the complaint came."""
    number, unit = str(complaint["age"]).split()
    return int(number) * MINUTES[unit]


def happened(complaint: Mapping[str, Any], now: datetime) -> datetime:
    """Return when what is complained of happened: so many days ago, yet never after the complaint came."""
    return now - max(timedelta(days=complaint["occurred"]), timedelta(minutes=age_of(complaint)))


def said_of(pack: Pack, complaint: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the complainant said: whatever the first act of the policy takes."""
    act = pack.main.acts[RECEIVE]
    taken = {*act.needs, *act.may}
    return {name: plain(value) for name, value in complaint.items() if name in taken and name not in ASIDE}


def _receiver(pack: Pack, channel: str) -> str:
    """Return the role that takes a complaint in: the complainant on the portal, else the first of the staff's."""
    if pack.channels[channel].is_portal:
        return COMPLAINANT
    return next(role for role in pack.main.acts[RECEIVE].by if role in pack.roles and not pack.roles[role].is_external)
