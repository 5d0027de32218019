"""Sixty complaints lived through: every act goes through the register like a person's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.commands import pass_time, perform
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.engine.model import Actor
from ombud.organisation.models import Membership

MINUTES = {"min": 1, "h": 60, "days": 24 * 60}
ASPECTS = {
    "product_quality": "function",
    "service_process": "attitude",
    "delivery": "late",
    "after_sales": "repair",
    "other": "other",
}
SAID = (
    "name", "phone", "email", "account", "subject", "narrative", "object", "place", "staff_involved", "demand", "loss",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One complaint that was lived through."""

    case: Case
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    minute: float
    act: str
    role: str
    data: Mapping[str, Any]


def tell_all(
    policy: str, complaints: Sequence[Mapping[str, Any]], paths: Mapping[str, Any], *, now: datetime
) -> tuple[Told, ...]:
    """Live through the complaints, oldest first, as they would have come; then let the time pass until now."""
    ordered = sorted(complaints, key=lambda complaint: -_age(complaint))
    told = tuple(tell(policy, complaint, steps_of(complaint["path"], paths), now=now) for complaint in ordered)
    for each in told:
        pass_time(each.case.pk, now=now)
    return told


def tell(policy: str, complaint: Mapping[str, Any], steps: Sequence[Step], *, now: datetime) -> Told:
    """Live through one complaint."""
    age = _age(complaint)
    began = now - timedelta(minutes=age)
    said = {name: str(complaint[name]) for name in SAID if name in complaint}
    if "occurred" in complaint:
        said["occurred_on"] = (now - timedelta(days=max(complaint["occurred"], age // 1440))).date().isoformat()
    channel = complaint["channel"]
    received = intake.receive(
        policy,
        channel=channel,
        language=complaint.get("language", "zh"),
        data=said,
        actor=intake.COMPLAINANT if channel == "web" else _actor(policy, "agent", None),
        at=began,
        now=began,
    )
    case = received.case
    last = steps[-1].minute if steps else 0
    pressed = min(1.0, 0.92 * age / last) if last else 1.0
    for step in steps:
        at = began + timedelta(minutes=step.minute * pressed)
        actor = _actor(policy, step.role, case.department.key if case.department else None)
        case = perform(case, step.act, actor=actor, at=at, now=at, data=_data(step, complaint, at)).case
    return Told(case=case, path=complaint["path"])


def steps_of(name: str, paths: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return a path's steps, those of the paths that it goes on from included."""
    path = paths[name]
    before = steps_of(path["beyond"], paths) if "beyond" in path else ()
    own = tuple(
        Step(minute=minute, act=act, role=role, data=rest[0] if rest else {})
        for minute, act, role, *rest in path["steps"]
    )
    return before + own


def _age(complaint: Mapping[str, Any]) -> int:
    number, unit = str(complaint["age"]).split()
    return int(number) * MINUTES[unit]


def _data(step: Step, complaint: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    data = dict(step.data)
    if step.act == "register":
        data |= {
            "category": complaint["category"],
            "aspect": complaint.get("aspect") or ASPECTS[complaint["category"]],
            "urgency": complaint["urgency"],
            "spread": bool(complaint.get("spread")),
            "routine": True,
            "legal_step": "stated" if complaint.get("legal") else "none",
            "business_affected": bool(complaint.get("legal")),
        }
    if str(data.get("time_limit", "")).startswith("+"):
        data["time_limit"] = (at + timedelta(days=int(data["time_limit"]))).date().isoformat()
    return data


def _actor(policy: str, role: str, department: str | None) -> Actor:
    """Return who does it: the complainant, or the first person who holds the role (in the case's department)."""
    if role == "complainant":
        return intake.COMPLAINANT
    holders = Membership.objects.filter(policy=policy, role=role).select_related("person", "department").order_by("id")
    fitting = [each for each in holders if not each.department or each.department.key == department]
    holder = (fitting or list(holders))[0]
    return Actor(
        person=holder.person.key,
        role=role,
        department=holder.department.key if holder.department else None,
    )
