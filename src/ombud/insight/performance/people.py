"""Whose record somebody reads: their own, and that of the people whom they lead; managers and auditors everybody's."""

from __future__ import annotations

from ombud.cases.access.permissions import Permissions
from ombud.organisation.models import Membership, Person
from ombud.policy.model.pack import Pack


def people_of(reader: Permissions, pack: Pack) -> tuple[Person, ...]:
    """Return the people whose record the reader sees, in the order of their names, never without the reader's own."""
    rows = list(
        Membership.objects.filter(policy=pack.id, person__is_active=True)
        .select_related("person")
        .order_by("person__username", "person_id", "pk")
    )
    mine = [row for row in rows if row.person_id == reader.person.pk]
    seen = {
        row.person: None
        for row in rows
        if row.person_id == reader.person.pk or reader.sees_all or any(_leads(own, row, pack) for own in mine)
    }
    return tuple(seen)


def leaders_of(person: Person, pack: Pack) -> tuple[Person, ...]:
    """Return who answers for somebody: those in the nearest role over one of theirs that anybody holds."""
    rows = list(
        Membership.objects.filter(policy=pack.id, person__is_active=True).select_related("person").order_by("pk")
    )
    found: dict[Person, None] = {}
    for mine in (row for row in rows if row.person_id == person.pk):
        over = [row for row in rows if row.person_id != person.pk and _leads(row, mine, pack)]
        nearest = min((_bosses(mine.role, pack).index(row.role) for row in over), default=0)
        found |= {row.person: None for row in over if _bosses(mine.role, pack).index(row.role) == nearest}
    return tuple(found)


def _leads(own: Membership, other: Membership, pack: Pack) -> bool:
    """Return whether a role is over another in the same place, be it the boss's boss; held everywhere it leads all."""
    if own.role not in _bosses(other.role, pack):
        return False
    same = ((own.department_id, other.department_id), (own.office_id, other.office_id))
    return all(here in (None, there) for here, there in same)


def _bosses(role: str, pack: Pack) -> list[str]:
    found: list[str] = []
    while (boss := pack.roles[role].boss if role in pack.roles else None) is not None and boss not in found:
        found.append(boss)
        role = boss
    return found


def leads(reader: Permissions, person: Person, pack: Pack) -> bool:
    """Return whether the reader answers for somebody: sees their record, and is not that person."""
    return person.pk != reader.person.pk and person in people_of(reader, pack)
