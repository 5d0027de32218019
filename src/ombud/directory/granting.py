"""Roles by groups: whoever is in a group holds what it stands for, and nothing that no mapping says.

A role that somebody was given by hand stays theirs whatever their groups. Whoever has left keeps their roles, which
nobody holds who may not sign in: by them their work is handed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from ombud.directory.models import Entry, Granted, Group, GroupMember, Mapping
from ombud.organisation import hiring
from ombud.organisation.hiring import HiringError, Place, Through
from ombud.organisation.models import ADMINISTRATOR, Department, Membership, Office, Person


class Held(NamedTuple):
    """A role and where it is held, by number."""

    policy: str
    role: str
    department: int | None
    office: int | None


def settle_group(group: Group, *, now: datetime) -> None:
    """Give and take what follows from a group for everybody in it, and for who holds something it stood for."""
    entries = Entry.objects.filter(directory=group.directory_id)
    inside = entries.filter(groups__group=group)
    settle(Person.objects.filter(pk__in=inside.values("person"), is_active=True), group.directory.name, now=now)


def settle_person(person: Person, *, now: datetime) -> None:
    """Give and take what follows for one person, where a directory tells of them."""
    entry = Entry.objects.select_related("directory").filter(person=person).first()
    if entry is not None:
        settle([person], entry.directory.name, now=now)


@transaction.atomic
def settle(people: Iterable[Person], through: str, *, now: datetime) -> list[Person]:
    """Give and take roles until everybody holds exactly what their groups stand for, beside what they got by hand.

    Return those who keep a role that no group gives them any more, since they are the last administrator.
    """
    by_key = {person.pk: person for person in people if person.is_active}
    wanted, held = wanted_of(by_key), _held_of(by_key)
    kept = []
    for pk, person in by_key.items():
        mine = held.get(pk, {})
        for place in sorted(wanted.get(pk, set()) - mine.keys(), key=str):
            _give(person, place, through, now)
        for place, (row, is_granted) in mine.items():
            if is_granted and place not in wanted.get(pk, set()) and not _take(row, through, now):
                kept.append(person)
    return kept


def wanted_of(people: Collection[int]) -> dict[int, set[Held]]:
    """Return by person (Person.pk) what their groups stand for."""
    found: dict[int, set[Held]] = defaultdict(set)
    rows = GroupMember.objects.filter(entry__person__in=people, group__mappings__isnull=False)
    names = [f"group__mappings__{name}" for name in ("policy", "role", "department", "office")]
    for pk, *place in rows.values_list("entry__person", *names):
        found[pk].add(Held(*place))
    return found


def stands_for(groups: Collection[Group]) -> dict[str, set[Held]]:
    """Return by their id there what groups stand for."""
    found: dict[str, set[Held]] = defaultdict(set)
    for row in Mapping.objects.filter(group__in=groups).select_related("group"):
        found[row.group.external_id].add(Held(row.policy, row.role, row.department_id, row.office_id))
    return found


def _held_of(people: Collection[int]) -> dict[int, dict[Held, tuple[Membership, bool]]]:
    """Return by person what they hold, each with whether a directory gave it."""
    granted = set(Granted.objects.filter(membership__person__in=people).values_list("membership", flat=True))
    found: dict[int, dict[Held, tuple[Membership, bool]]] = defaultdict(dict)
    for row in Membership.objects.filter(person__in=people).select_related("person").order_by("id"):
        found[row.person_id][Held(row.policy, row.role, row.department_id, row.office_id)] = (row, row.pk in granted)
    return found


def _give(person: Person, place: Held, through: str, now: datetime) -> None:
    wanted = Place(
        policy=place.policy,
        role=place.role,
        department=Department.objects.get(pk=place.department) if place.department else None,
        office=Office.objects.get(pk=place.office) if place.office else None,
    )
    hiring.give(person, wanted, by=Through(name=through), now=now)
    row = Membership.objects.get(person=person, **place._asdict())
    Granted.objects.create(membership=row)


def _take(row: Membership, through: str, now: datetime) -> bool:
    """Take a role away, and return whether it could be: the last administrator keeps theirs."""
    try:
        hiring.take(row, by=Through(name=through), now=now)
    except HiringError:
        assert row.role == ADMINISTRATOR, "the only role that may have a last holder"
        return False
    return True
