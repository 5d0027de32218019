"""Ways through a policy as the demo's files write them, and who goes each step of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from ombud.cases.attachments import store
from ombud.cases.models import Case
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.organisation.models import Membership, Person
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT, HANDLER

OWNER = "demo"  # whose the files of the stories are
_ASKED = re.compile(r"\$(\w+)(?:=(.*))?\Z")
_DAYS_ON = re.compile(r"\+(\d+)\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoStep:
    """One act of a path, so many minutes after its matter came up."""

    minute: float
    act: str
    role: str
    who: str | None  # the user name, where it is not simply the first who holds the role
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What the telling of one policy's matters knows."""

    pack: Pack
    paths: Mapping[str, Any]
    now: datetime
    cases: dict[str, Case] = field(default_factory=dict)  # those that the files name by an `id`


def steps_of(name: str, paths: Mapping[str, Any]) -> tuple[DemoStep, ...]:
    """Return a path's steps, those of the path that it goes on from included."""
    path = paths[name]
    before = steps_of(path["beyond"], paths) if "beyond" in path else ()
    return before + tuple(_step(*each) for each in path["steps"])


def _step(minute: float, act: str, role: str, data: Mapping[str, Any] | None = None) -> DemoStep:
    role, _at, who = role.partition("@")
    return DemoStep(minute=minute, act=act, role=role, who=who or None, data=data or {})


def data_of(step: DemoStep, complaint: Mapping[str, Any], telling: Telling, at: datetime) -> dict[str, Any]:
    """Return an act's data.

    `$name` is what the complaint says of it (`$name=else` where it may say nothing), `+5` the date five days on,
    `{person: ...}` somebody by user name, `{people: [...]}` several, `{case: ...}` a case by its `id`, `{file: ...}`
    one that lies beside.
    """
    given = {name: _filled(value, complaint, telling, at) for name, value in step.data.items()}
    return {name: value for name, value in given.items() if value is not None}


def _filled(value: Any, complaint: Mapping[str, Any], telling: Telling, at: datetime) -> Any:
    if isinstance(value, Mapping):
        ((kind, name),) = value.items()
        return _NAMED[kind](name, telling, at)
    if asked := _ASKED.match(str(value)):
        return plain(complaint.get(asked[1], asked[2]))
    if days := _DAYS_ON.match(str(value)):
        return (at + timedelta(days=int(days[1]))).date().isoformat()
    return plain(value)


def _person(name: str, telling: Telling, at: datetime) -> str:
    return Person.objects.get(username=name).key


def _people(names: Sequence[str], telling: Telling, at: datetime) -> list[str]:
    return [_person(name, telling, at) for name in names]


def _case(name: str, telling: Telling, at: datetime) -> str:
    return telling.cases[name].reference


def _file(name: str, telling: Telling, at: datetime) -> list[str]:
    with files(__package__).joinpath(telling.pack.id, name).open("rb") as upload:
        return [str(store(upload, name=name, uploaded_by=OWNER, now=at).pk)]


_NAMED = {"person": _person, "people": _people, "case": _case, "file": _file}


def plain(value: Any) -> Any:
    """Return a value as a form would send it."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def actor_of(policy: str, step: DemoStep, case: Case) -> Actor:
    """Return who takes the step: the complainant, or whoever holds the role, the case's own people first."""
    department, office = case.department.key if case.department else None, case.office.key if case.office else None
    if step.role == HANDLER:
        assert case.handler is not None, "somebody has taken it"
        held = Membership.objects.filter(policy=policy, person=case.handler).order_by("pk").first()
        assert held is not None, "handlers hold a role"
        return holder_of(policy, held.role, department=department, office=office, who=case.handler.username)
    return holder_of(policy, step.role, department=department, office=office, who=step.who)


def holder_of(
    policy: str, role: str, *, department: str | None = None, office: str | None = None, who: str | None = None
) -> Actor:
    """Return the first holder of the role, of this department and office if there is one; or the one named."""
    if role == COMPLAINANT:
        return replace(COMPLAINANT_ACTOR, office=office)
    holders = Membership.objects.filter(policy=policy, role=role).select_related("person", "department", "office")

    def strangeness(held: Membership) -> tuple[bool, bool, int]:
        elsewhere = held.department is not None and held.department.key != department
        return elsewhere, held.office is not None and held.office.key != office, held.pk

    holder = min((held for held in holders if who in (None, held.person.username)), key=strangeness)
    return Actor(
        person=holder.person.key,
        role=role,
        department=holder.department.key if holder.department else None,
        office=holder.office.key if holder.office else None,
    )
