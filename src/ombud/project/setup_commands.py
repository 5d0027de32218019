"""Commands that found an organisation outside the demo: put a policy in force, and say who holds which role."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from ombud import checks
from ombud.organisation import changes, library, publishing
from ombud.organisation.models import (
    Department,
    Membership,
    Office,
    Person,
)
from ombud.organisation.own_roles import TITLES
from ombud.policy import PackError, load
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT

KEYS = {"username", "names", "language", "email", "roles", "organisation", "staff"}


class PeopleError(ValueError):
    """The list of people cannot be used."""


def publish(arguments: Sequence[str]) -> int:
    """Check a pack and publish it; 1 where the checks find errors, 2 where it cannot be published."""
    parser = argparse.ArgumentParser(
        prog="ombud publish", description="Check a policy and put it in force, to set an installation up."
    )
    parser.add_argument("pack", help="a shipped id or the folder of a pack")
    options = parser.parse_args(arguments)
    try:
        pack = load(options.pack)
        errors = checks.check(pack).errors
        if errors:
            print(f"ombud: {errors} errors; look at them with: ombud policy check {options.pack}", file=sys.stderr)
            return 1
        version = publishing.publish(pack, now=timezone.now())
    except (PackError, publishing.PublishingError, OSError) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    print(f"{version} is published, effective {version.effective_on}, hash {version.hash}")
    print("This is the way to begin; in a running organisation the workbench publishes what a second person approved.")
    return 0


def people(arguments: Sequence[str]) -> int:
    """Read who works under a policy in which roles; a second run brings changes in."""
    parser = argparse.ArgumentParser(prog="ombud people", description="Accounts and roles from a YAML list.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--policy", required=True, help="the published policy whose roles the list names")
    options = parser.parse_args(arguments)
    try:
        entries = yaml.safe_load(options.file.read_text("utf-8"))
        new = hire(entries, options.policy)
    except (PeopleError, OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        print(f"ombud: {options.file}: {error}", file=sys.stderr)
        return 2
    print(f"{len(entries)} people, {len(new)} of them new")
    for name in new:
        print(f"  {name} has no password yet: ombud django changepassword {name}")
    return 0


@transaction.atomic
def hire(entries: Any, policy: str) -> list[str]:
    """Create or change the accounts of the list and their roles under the policy; return the names that are new.

    Who is not in the list keeps account and roles. Raises PeopleError; then nothing was written.
    """
    version = publishing.latest(policy)
    if version is None:
        raise PeopleError(f"no policy {policy!r} is published")
    pack = library.pack(version.hash)
    departments = {row.key: row for row in Department.objects.filter(policy=policy)}
    offices = {row.key: row for row in Office.objects.filter(key__in=pack.offices)}
    if not isinstance(entries, list) or not entries:
        raise PeopleError("a list of people is needed")
    new = []
    for entry in entries:
        held = _checked(entry, pack)
        values = {
            "names": entry.get("names", {}),
            "language": entry.get("language", ""),
            "email": entry.get("email", ""),
            "is_staff": entry.get("staff", False),
        }
        person, is_new = Person.objects.get_or_create(username=entry["username"], defaults=values)
        if is_new:
            person.set_unusable_password()
            new.append(person.username)
        for name, value in values.items():
            setattr(person, name, value)
        person.save()
        before = Membership.objects.filter(person=person, policy__in=(policy, ""))
        changes.note(before, by=None, now=timezone.now(), is_gone=True)
        before.delete()
        given = Membership.objects.bulk_create(
            [Membership(person=person, role=role) for role in entry.get("organisation", ())]
            + [
                Membership(
                    person=person,
                    policy=policy,
                    role=role,
                    department=departments.get(department or ""),
                    office=offices.get(office or ""),
                )
                for role, department, office in held
            ]
        )
        changes.note(given, by=None, now=timezone.now())
    return new


def _checked(entry: Any, pack: Pack) -> list[tuple[str, str | None, str | None]]:
    """Return the roles under the policy; raises PeopleError for what neither policy nor organisation knows."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("username"), str):
        raise PeopleError(f"every entry needs a username, this one has none: {entry!r}")
    name = entry["username"]
    if unknown := sorted(set(entry) - KEYS):
        raise PeopleError(f"{name}: unknown key {', '.join(unknown)}; known: {', '.join(sorted(KEYS))}")
    if wrong := [role for role in entry.get("organisation", ()) if role not in TITLES]:
        raise PeopleError(f"{name}: the organisation has no role {', '.join(wrong)}; it has {', '.join(TITLES)}")
    held = []
    for each in entry.get("roles", ()):
        role, department, office = (
            [*each, None, None][:3] if isinstance(each, list) and 2 <= len(each) <= 3 else (each, None, None)
        )
        if role not in pack.roles or role == COMPLAINANT:
            known = ", ".join(key for key in pack.roles if key != COMPLAINANT)
            raise PeopleError(f"{name}: the policy has no role {role!r}; it has {known}")
        if department is not None and pack.roles[role].is_external:
            raise PeopleError(f"{name}: {role} is outside the organisation, so it has no department")
        if department is not None and department not in pack.departments:
            raise PeopleError(f"{name}: no department {department!r}; there are {', '.join(pack.departments)}")
        if office is not None and office not in pack.offices:
            raise PeopleError(f"{name}: no office {office!r}; there are {', '.join(pack.offices) or 'none'}")
        held.append((role, department, office))
    return held
