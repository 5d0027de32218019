"""Groups: how one is written as a resource, and the commands on them; what follows for roles is given and taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from ombud.directory import granting, keeping, people
from ombud.directory.models import Directory, Entry, Group, GroupMember
from ombud.directory.scim.errors import ScimError, bad_filter, bad_value
from ombud.directory.scim.paths import BEGINS, CONTAINS, EQUAL, PRESENT, Term
from ombud.directory.scim.schemas import GROUP
from ombud.directory.scim.users import LONGEST, key_of
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain

_LOOKUPS = {EQUAL: "iexact", CONTAINS: "icontains", BEGINS: "istartswith"}
_COLUMNS = {"displayname": "name", "externalid": "external_id"}


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSaid:
    """What a resource says of a group."""

    name: str
    external_id: str
    members: frozenset[UUID]


def written(group: Group, base: str, *, with_members: bool = True) -> dict[str, Any]:
    """Return a group as a resource."""
    content: dict[str, Any] = {"schemas": [GROUP], "id": str(group.pk), "displayName": group.name}
    if group.external_id:
        content["externalId"] = group.external_id
    if with_members:
        content["members"] = [
            {
                "value": str(row.entry_id),
                "$ref": f"{base}/Users/{row.entry_id}",
                "display": str(row.entry.person),
                "type": "User",
            }
            for row in group.members.all()
        ]
    return content | {
        "meta": {
            "resourceType": "Group",
            "created": group.made_at.isoformat(),
            "lastModified": group.changed_at.isoformat(),
            "location": f"{base}/Groups/{group.pk}",
            "version": version_of(group),
        }
    }


def version_of(group: Group) -> str:
    return f'W/"{group.version}"'


def known(group: Group) -> dict[str, Any]:
    """Return what is known of a group, as PATCH changes it."""
    members = [{"value": str(pk)} for pk in group.members.values_list("entry", flat=True)]
    return {"displayname": group.name, "externalid": group.external_id, "members": members}


def said(resource: Mapping[str, Any]) -> GroupSaid:
    """Return what a resource, its names in small letters, says of a group. Raises ScimError."""
    name, external = resource.get("displayname"), resource.get("externalid") or ""
    if not isinstance(name, str) or not plain(name) or len(name) > LONGEST:
        raise bad_value("A group has a displayName of at most 255 letters.")
    if not isinstance(external, str) or len(external) > LONGEST:
        raise bad_value("externalId is a text of at most 255 letters.")
    rows = resource.get("members") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_value("members is a list of objects.")
    return GroupSaid(name=plain(name), external_id=external, members=frozenset(_member(row) for row in rows))


@transaction.atomic
def make(directory: Directory, given: GroupSaid, *, now: datetime) -> Group:
    """Return a new group. Raises ScimError."""
    people.lock(directory)
    _need_free(directory, given, None)
    entries = _entries(directory, given.members)
    group = Group.objects.create(
        directory=directory, name=given.name, external_id=given.external_id, made_at=now, changed_at=now
    )
    GroupMember.objects.bulk_create([GroupMember(group=group, entry=each) for each in entries])
    _note(group, joined=entries, left=[], now=now)
    return group


@transaction.atomic
def change(group: Group, given: GroupSaid, *, now: datetime) -> Group:
    """Let a group be as it is said now, with what follows for everybody who came or went. Raises ScimError."""
    directory = group.directory
    people.lock(directory)
    _need_free(directory, given, group)
    before = set(group.members.values_list("entry", flat=True))
    joined = _entries(directory, given.members - before)
    left = list(directory.entries.select_related("person").filter(pk__in=before - given.members))
    if not (joined or left) and (group.name, group.external_id) == (given.name, given.external_id):
        return group
    GroupMember.objects.filter(group=group, entry__in=left).delete()
    GroupMember.objects.bulk_create([GroupMember(group=group, entry=each) for each in joined])
    group.name, group.external_id = given.name, given.external_id
    group.version, group.changed_at = group.version + 1, now
    group.save()
    _note(group, joined=joined, left=left, now=now)
    granting.settle([each.person for each in (*joined, *left)], directory.name, now=now)
    return group


@transaction.atomic
def remove(group: Group, *, now: datetime) -> None:
    """Remove a group: what people held because of it goes."""
    directory = group.directory
    people.lock(directory)
    inside = list(Person.objects.filter(directory_entry__groups__group=group))
    keeping.note(directory, {"group": group.name, "removed": True}, by=None, now=now)
    group.delete()
    granting.settle(inside, directory.name, now=now)


def condition(term: Term) -> Q:
    """Return which groups a condition means. Raises ScimError."""
    name, value = term.path.whole, term.value
    if name == "id" and term.op == EQUAL:
        return Q(pk=key_of(value))
    if name in ("members", "members.value") and term.op == EQUAL:
        return Q(pk__in=GroupMember.objects.filter(entry=key_of(value)).values("group"))
    column = _COLUMNS.get(name)
    if column is None:
        raise bad_filter(f"Groups cannot be found by {name}.")
    if term.op == PRESENT:
        return ~Q(**{column: ""})
    if name == "externalid" and term.op == EQUAL:
        return Q(external_id=str(value))
    return Q(**{f"{column}__{_LOOKUPS[term.op]}": str(value)})


def _member(row: Mapping[str, Any]) -> UUID:
    value = row.get("value")
    if not isinstance(value, str) or not (key := key_of(value)).int:
        raise bad_value("A member is named by the id of a user, as value.")
    return key


def _entries(directory: Directory, keys: frozenset[UUID]) -> list[Entry]:
    found = list(directory.entries.select_related("person").filter(pk__in=keys))
    if len(found) < len(keys):
        missing = keys - {each.pk for each in found}
        raise bad_value(f"There is no user {min(map(str, missing))}.")
    return found


def _need_free(directory: Directory, given: GroupSaid, group: Group | None) -> None:
    others = directory.groups.exclude(pk=group.pk) if group else directory.groups.all()
    same = Q(name__iexact=given.name)
    if given.external_id:
        same |= Q(external_id=given.external_id)
    if others.filter(same).exists():
        raise ScimError(409, "There is such a group already.", "uniqueness")


def _note(group: Group, *, joined: list[Entry], left: list[Entry], now: datetime) -> None:
    content = {
        "group": group.name,
        "joined": [each.person.key for each in joined],
        "left": [each.person.key for each in left],
    }
    keeping.note(group.directory, content, by=None, now=now)
