"""The demo: an organisation, its people and sixty complaints in every phase, for an empty installation."""

from __future__ import annotations

import os
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from ombud.organisation.models import Department, Membership, Person
from ombud.organisation.publishing import publish
from ombud.policy import load as load_pack
from ombud.project.demo.stories import Told, tell, tell_all

POLICY = "customer-complaints"
PASSWORD = os.environ.get("OMBUD_DEMO_PASSWORD", "ombud-demo")


def load(*, now: datetime | None = None) -> tuple[Told, ...]:
    """Publish the policy, hire the people and live through the complaints; return what was told."""
    now = now or timezone.now()
    with transaction.atomic():
        publish(load_pack(POLICY), now=now)
        hire()
    return tell_all(POLICY, read("complaints.yaml"), read("paths.yaml"), now=now)


def hire() -> None:
    """Create the demo accounts with their memberships."""
    departments = {department.key: department for department in Department.objects.filter(policy=POLICY)}
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
        )
        for role, department in entry.get("roles", ()):
            Membership.objects.create(
                person=person, policy=POLICY, role=role, department=departments[department] if department else None
            )
        for role in entry.get("organisation", ()):
            Membership.objects.create(person=person, role=role)


def logins() -> list[str]:
    """Return the lines that tell who can sign in."""
    names = [entry["username"] for entry in read("people.yaml")]
    return [
        f"Demo accounts, password {PASSWORD}:",
        *(f"  {', '.join(names[i : i + 6])}" for i in range(0, len(names), 6)),
    ]


def read(name: str) -> Any:
    """Return the content of one of the demo's data files."""
    return yaml.safe_load(files(__package__).joinpath(name).read_text("utf-8"))


__all__ = ["PASSWORD", "POLICY", "Told", "hire", "load", "logins", "read", "tell", "tell_all"]
