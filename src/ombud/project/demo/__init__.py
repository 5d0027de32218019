"""The demo: an organisation under its policies, its people, and complaints in every phase, for a new installation."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from ombud.notices.models import Notice
from ombud.organisation import changes, company
from ombud.organisation.models import Department, Membership, Office, Person, PolicyVersion
from ombud.organisation.publishing import publish
from ombud.policy import load as load_pack
from ombud.policy.model.pack import Pack
from ombud.project.demo import answers, post, records
from ombud.project.demo.matters import tell_periodic
from ombud.project.demo.steps import Telling
from ombud.project.demo.stories import Told, tell_all

POLICIES = ("customer-complaints", "user-complaints", "student-complaints", "training-service", "overseas-customers")
# The policies are older than the oldest complaint, and than a quarter whose improvements are under way.
OLDEST, UNDER_WAY = timedelta(days=45), timedelta(days=21)
PASSWORD = os.environ.get("OMBUD_DEMO_PASSWORD", "ombud-demo")


@transaction.atomic
def load(*, now: datetime | None = None) -> tuple[Told, ...]:
    """Publish the policies, hire the people and live through what happened since; return the complaints told."""
    now = now or timezone.now()
    since = published_at(now)
    packs = [load_pack(policy) for policy in POLICIES]
    versions = [publish(pack, now=since) for pack in packs]
    hire()
    keeper, house = Person.objects.get(username="manager"), read("house.yaml")
    company.keep_house(house["names"], house["addresses"], {}, pictures={}, by=keeper, now=since)
    return tuple(told for pack, version in zip(packs, versions, strict=True) for told in live(pack, version, now=now))


def published_at(now: datetime) -> datetime:
    """Return when the organisation put its policies in force: some days before a quarter turned."""
    day = (now - UNDER_WAY).astimezone(UTC).date()
    quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=4)
    return datetime.combine(min(quarter, (now - OLDEST).astimezone(UTC).date()), time(0), UTC)


def live(pack: Pack, version: PolicyVersion, *, now: datetime) -> tuple[Told, ...]:
    """Live through the complaints and the periodic duties under one policy."""
    since = version.published_at
    assert since is not None, "it was published before"
    if files(__package__).joinpath(pack.id, "records.yaml").is_file():
        keeper = Person.objects.get(username="manager")
        records.keep(pack.id, read("records.yaml", pack.id), by=keeper, now=now, since=since)
    telling = Telling(pack=pack, paths=read("paths.yaml", pack.id), now=now)
    told = tell_all(telling, read("complaints.yaml", pack.id))
    tell_periodic(telling, version, read("periodic.yaml", pack.id), since=since)
    if files(__package__).joinpath(pack.id, "messages.yaml").is_file():
        post.arrive(pack.id, read("messages.yaml", pack.id), now=now)
    if files(__package__).joinpath(pack.id, "answers.yaml").is_file():
        answers.tell(pack, version, read("answers.yaml", pack.id), now=now)
    return told


def read_notices(*, now: datetime) -> None:
    """Let everybody have read what they were told up to a day ago."""
    Notice.objects.filter(at__lt=now - timedelta(days=1), read_at=None).update(read_at=now)


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
        changes.note(person.memberships.all(), by=None, now=timezone.now())


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


__all__ = ["PASSWORD", "POLICIES", "Told", "hire", "live", "load", "logins", "published_at", "read", "read_notices"]
