"""Complaints lived through: every act goes through the register like a person's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.commands import pass_time, perform
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.engine.model import Actor
from ombud.organisation.models import Membership
from ombud.policy.model import Pack

MINUTES = {"min": 1, "h": 60, "days": 24 * 60}
ASIDE = frozenset({"path", "age", "occurred", "channel", "language", "by", "office"})  # what nobody said
FIRST = "receive"  # the act that begins a complaint
_ASKED = re.compile(r"\$(\w+)(?:=(.*))?\Z")
_DAYS_ON = re.compile(r"\+(\d+)\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One complaint that was lived through."""

    case: Case
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One act of a path, so many minutes after the complaint came."""

    minute: float
    act: str
    role: str
    data: Mapping[str, Any]


def tell_all(
    pack: Pack, complaints: Sequence[Mapping[str, Any]], paths: Mapping[str, Any], *, now: datetime
) -> tuple[Told, ...]:
    """Live through the complaints, oldest first, as they would have come; then let the time pass until now."""
    ordered = sorted(complaints, key=lambda complaint: -age_of(complaint))
    told = tuple(tell(pack, complaint, steps_of(complaint["path"], paths), now=now) for complaint in ordered)
    for each in told:
        pass_time(each.case.pk, now=now)
    return told


def tell(pack: Pack, complaint: Mapping[str, Any], steps: Sequence[Step], *, now: datetime) -> Told:
    """Live through one complaint."""
    age = age_of(complaint)
    began = now - timedelta(minutes=age)
    said = said_of(pack, complaint)
    if "occurred" in complaint:
        said["occurred_on"] = (now - timedelta(days=max(complaint["occurred"], age // 1440))).date().isoformat()
    receiver = complaint.get("by") or _receiver(pack, complaint["channel"])
    case = intake.receive(
        pack.id,
        channel=complaint["channel"],
        language=complaint.get("language", "zh"),
        data=said,
        actor=_actor(pack.id, receiver, None, complaint.get("office")),
        at=began,
        now=began,
    ).case
    last = steps[-1].minute if steps else 0
    pressed = min(1.0, 0.92 * age / last) if last else 1.0
    for step in steps:
        at = began + timedelta(minutes=step.minute * pressed)
        where = (case.department.key if case.department else None, case.office.key if case.office else None)
        actor = _actor(pack.id, step.role, *where)
        case = perform(case, step.act, actor=actor, at=at, now=at, data=data_of(step, complaint, at)).case
    return Told(case=case, path=complaint["path"])


def steps_of(name: str, paths: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return a path's steps, those of the path that it goes on from included."""
    path = paths[name]
    before = steps_of(path["beyond"], paths) if "beyond" in path else ()
    own = tuple(
        Step(minute=minute, act=act, role=role, data=rest[0] if rest else {})
        for minute, act, role, *rest in path["steps"]
    )
    return before + own


def age_of(complaint: Mapping[str, Any]) -> int:
    """Return how many minutes ago the complaint came."""
    number, unit = str(complaint["age"]).split()
    return int(number) * MINUTES[unit]


def said_of(pack: Pack, complaint: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the complainant said: whatever the first act of the policy takes."""
    act = pack.main.acts[FIRST]
    taken = {*act.needs, *act.may}
    return {name: _plain(value) for name, value in complaint.items() if name in taken and name not in ASIDE}


def data_of(step: Step, complaint: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return an act's data: `$name` is what the complaint says of it (`$name=else` where it may say nothing),
    `+5` the date five days on."""
    given = {name: _filled(value, complaint, at) for name, value in step.data.items()}
    return {name: value for name, value in given.items() if value is not None}


def _filled(value: Any, complaint: Mapping[str, Any], at: datetime) -> Any:
    if asked := _ASKED.match(str(value)):
        return _plain(complaint.get(asked[1], asked[2]))
    if days := _DAYS_ON.match(str(value)):
        return (at + timedelta(days=int(days[1]))).date().isoformat()
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as a form would send it."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _receiver(pack: Pack, channel: str) -> str:
    """Return the role that takes a complaint in: the complainant on the portal, else the first of the staff's."""
    if pack.channels[channel].is_portal:
        return intake.COMPLAINANT.role
    return next(role for role in pack.main.acts[FIRST].by if role in pack.roles and not pack.roles[role].is_external)


def _actor(policy: str, role: str, department: str | None, office: str | None) -> Actor:
    """Return who does it: the complainant, or the first holder of the role, the case's department and office first."""
    if role == intake.COMPLAINANT.role:
        return Actor(person=intake.COMPLAINANT.person, role=role, office=office)
    holders = Membership.objects.filter(policy=policy, role=role).select_related("person", "department", "office")

    def strangeness(held: Membership) -> tuple[bool, bool, int]:
        elsewhere = held.department is not None and held.department.key != department
        return elsewhere, held.office is not None and held.office.key != office, held.pk

    holder = min(holders, key=strangeness)
    return Actor(
        person=holder.person.key,
        role=role,
        department=holder.department.key if holder.department else None,
        office=holder.office.key if holder.office else None,
    )
