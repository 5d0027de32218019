"""The demo: an organisation under its policies, its people, and complaints in every phase, for a new installation."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from ombud.organisation.models import Department, Membership, Office, Person
from ombud.organisation.publishing import publish
from ombud.policy import load as load_pack
from ombud.policy.model import Pack
from ombud.project.demo.stories import Told, tell, tell_all

POLICIES = ("customer-complaints",)
PASSWORD = os.environ.get("OMBUD_DEMO_PASSWORD", "ombud-demo")


def load(*, now: datetime | None = None) -> tuple[Told, ...]:
    """Publish the policies, hire the people and live through the complaints; return what was told."""
    now = now or timezone.now()
    packs = [load_pack(policy) for policy in POLICIES]
    with transaction.atomic():
        for pack in packs:
            publish(pack, now=now)
        hire()
    return tuple(told for pack in packs for told in live(pack, now=now))


def live(pack: Pack, *, now: datetime) -> tuple[Told, ...]:
    """Live through the complaints under one policy."""
    return tell_all(pack, read("complaints.yaml", pack.id), read("paths.yaml", pack.id), now=now)


def hire(policies: Collection[str] = POLICIES) -> None:
    """Create the demo accounts with their memberships under these policies, which are published already."""
    departments = {(each.policy, each.key): each for each in Department.objects.all()}
    offices = {each.key: each for each in Office.objects.all()}
    # One hash for all: Argon2 is slow on purpose, and the accounts share one password anyway.
    pattern = Person()
    pattern.set_password(PASSWORD)
    for entry in read("people.yaml"):
        person = Person.objects.create(
            username=entry["username"],
            email=f"{entry['username']}@example.com",
            names=entry["names"],
            language=entry["language"],
            password=pattern.password,
            is_staff=bool(entry.get("staff")),
            is_demo=True,
            **({"tz": entry["tz"]} if "tz" in entry else {}),
        )
        for policy in policies:
            for role, department, office in (_held(each) for each in entry.get("roles", {}).get(policy, ())):
                Membership.objects.create(
                    person=person,
                    policy=policy,
                    role=role,
                    department=departments[policy, department] if department else None,
                    office=offices[office] if office else None,
                )
        for role in entry.get("organisation", ()):
            Membership.objects.create(person=person, role=role)


def _held(written: str | list[str | None]) -> tuple[str, str | None, str | None]:
    """Return (role, department, office) of a role as people.yaml writes it: agent, or [agent, service, berlin]."""
    parts = [written] if isinstance(written, str) else list(written)
    role, department, office = (*parts, None, None)[:3]
    assert role, "a membership has a role"
    return role, department, office


def logins() -> list[str]:
    """Return the lines that tell who can sign in."""
    names = [entry["username"] for entry in read("people.yaml")]
    return [
        f"Demo accounts, password {PASSWORD}:",
        *(f"  {', '.join(names[i : i + 6])}" for i in range(0, len(names), 6)),
    ]


def read(name: str, policy: str = "") -> Any:
    """Return the content of one of the demo's data files: the organisation's, or a policy's."""
    folder = files(__package__)
    return yaml.safe_load((folder.joinpath(policy) if policy else folder).joinpath(name).read_text("utf-8"))


__all__ = ["PASSWORD", "POLICIES", "Told", "hire", "live", "load", "logins", "read", "tell", "tell_all"]
