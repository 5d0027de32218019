"""Who holds which role: the engine's Staff over memberships, and whom an empty role falls to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ombud.organisation.models import AUDITOR, MANAGER, Membership, Person
from ombud.policy.model import Pack


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One membership, as plain values."""

    person: str  # Person.key
    role: str
    department: str | None  # key
    department_id: int | None
    office: str | None
    office_id: int | None


def _holding(row: Membership) -> Holding:
    return Holding(
        person=f"p{row.person_id}",
        role=row.role,
        department=row.department.key if row.department else None,
        department_id=row.department_id,
        office=row.office.key if row.office else None,
        office_id=row.office_id,
    )


class Roster:
    """The engine's Staff for one policy; read from the database once, when first asked."""

    def __init__(self, policy: str) -> None:
        self.policy = policy

    @cached_property
    def holdings(self) -> tuple[Holding, ...]:
        rows = Membership.objects.filter(policy=self.policy, person__is_active=True)
        return tuple(_holding(row) for row in rows.select_related("department", "office").order_by("id"))

    @cached_property
    def _by_role(self) -> dict[str, list[Holding]]:
        found: dict[str, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            found[holding.role].append(holding)
        return found

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        """Return the people who hold a role; a membership without department or office counts for all of them."""
        return frozenset(
            holding.person
            for holding in self._by_role.get(role, ())
            if _fits(holding.department, department) and _fits(holding.office, office)
        )

    def effective(
        self, pack: Pack, role: str, department: str | None, office: str | None
    ) -> tuple[str, str | None, frozenset[str]]:
        """Return (role, department, people) that a duty of this role falls to: an empty role's boss, upward.

        Where nobody is found up to the top the people are empty.
        """
        seen: set[str] = set()
        current: str | None = role
        while current is not None and current not in seen and current in pack.roles:
            seen.add(current)
            where = place_of(pack, current, department)
            people = self.holders(current, where, office if pack.roles[current].of == "office" else None)
            if people:
                return current, where, people
            current = pack.roles[current].boss
        return role, place_of(pack, role, department), frozenset()


def _fits(held: str | None, wanted: str | None) -> bool:
    return held is None or wanted is None or held == wanted


def place_of(pack: Pack, role: str, department: str | None) -> str | None:
    """Return the department that a role is held in for a case of `department`: pinned, the case's, or none."""
    known = pack.roles.get(role)
    if known is None:
        return None
    if known.department:
        return known.department
    return department if known.of in ("department", "handler") else None


def holdings_of(person: Person) -> dict[str, tuple[Holding, ...]]:
    """Return the person's memberships by policy; the organisation's own roles under the empty policy."""
    found: dict[str, list[Holding]] = defaultdict(list)
    rows = Membership.objects.filter(person=person).select_related("department", "office").order_by("id")
    for row in rows:
        found[row.policy].append(_holding(row))
    return {policy: tuple(each) for policy, each in found.items()}


def is_manager(holdings: Iterable[Holding]) -> bool:
    return any(holding.role == MANAGER for holding in holdings)


def is_auditor(holdings: Iterable[Holding]) -> bool:
    return any(holding.role == AUDITOR for holding in holdings)


def people(keys: Iterable[str]) -> dict[str, Person]:
    """Return the people behind the keys; keys of the machine and of complainants have none."""
    ids = {int(key[1:]) for key in keys if key[:1] == "p" and key[1:].isdecimal()}
    return {person.key: person for person in Person.objects.filter(pk__in=ids)} if ids else {}


def person_id(key: str | None) -> int | None:
    """Return the Person.pk that a key names, or None."""
    return int(key[1:]) if key and key[:1] == "p" and key[1:].isdecimal() else None
