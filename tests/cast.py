"""The people every test of the register knows; nobody is called user1. Another policy's tests bring their own staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from ombud.engine.model import Actor
from ombud.organisation import changes
from ombud.organisation.models import AUDITOR, MANAGER, Department, Membership, Person

POLICY = "customer-complaints"
Staff = Mapping[str, tuple[str, str | None]]  # name -> (role, department)
COMPLAINANT = Actor(person="complainant", role="complainant")

#: Lin answers the hotline, Wei leads the desk, Chen works in quality under Head Zhou,
#: Deng works in logistics and must see nothing of quality's cases, Gao is the management.
STAFF: Staff = {
    "lin": ("agent", "service"),
    "wei": ("supervisor", "service"),
    "chen": ("contact", "quality"),
    "zhou": ("head", "quality"),
    "deng": ("contact", "logistics"),
    "sun": ("counter", None),
    "gao": ("management", None),
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The people, each with the actor that they act as."""

    people: dict[str, Person]
    staff: Staff = field(default_factory=lambda: STAFF)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def actor(self, name: str) -> Actor:
        """Return the person in their role; "complainant" is the complainant."""
        if name == "complainant":
            return COMPLAINANT
        role, department = self.staff[name]
        return Actor(person=self.people[name].key, role=role, department=department)


def make_cast(policy: str = POLICY, staff: Staff = STAFF) -> Cast:
    """Return the staff of a policy, which must be published; also Mo, a manager, Ai, an auditor, and nobody."""
    made = Person.objects.bulk_create(
        Person(username=name, name=name.title(), email=f"{name}@example.com") for name in (*staff, "mo", "ai", "nobody")
    )
    people = {person.username: person for person in made}
    departments = {row.key: row for row in Department.objects.filter(policy=policy)}
    Membership.objects.bulk_create(
        [
            Membership(person=people[name], policy=policy, role=role, department=departments.get(department or ""))
            for name, (role, department) in staff.items()
        ]
    )
    Membership.objects.create(person=people["mo"], role=MANAGER)
    Membership.objects.create(person=people["ai"], role=AUDITOR)
    changes.note(Membership.objects.filter(person__in=people.values()), by=None, now=timezone.now())
    return Cast(people, staff)
