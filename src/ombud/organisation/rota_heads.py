"""Who answers for a rota: the head of its office, or of those who may be on it; where there is none, the managers."""

from __future__ import annotations

from ombud.organisation.models import Person
from ombud.organisation.rotas import Rota
from ombud.organisation.staff import Roster, managers, people
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import OFFICE


def heads_of(rota: Rota, pack: Pack, roster: Roster | None = None) -> list[Person]:
    """Return who is told of gaps and plans the shifts: who leads the rota's office, else the service department.

    A role that nobody holds is its boss's, upward; in the end the complaint managers'.
    """
    roster = roster or Roster(rota.policy)
    office = rota.office.key if rota.office is not None else None
    roles = leading_roles(pack, is_of_office=office is not None)
    keys = {key for role in roles for key in roster.effective(pack, role, None, office)[2]}
    found = [each for each in people(keys).values() if each.is_active]
    return sorted(found or managers(), key=lambda each: each.pk)


def may_lead(rota: Rota, pack: Pack, roster: Roster, person: str) -> bool:
    """Return whether somebody (Person.key) leads the rota's office, or the service department."""
    office = rota.office.key if rota.office is not None else None
    roles = leading_roles(pack, is_of_office=office is not None)
    return any(person in roster.effective(pack, role, None, office)[2] for role in roles)


def leading_roles(pack: Pack, *, is_of_office: bool) -> list[str]:
    """Return the roles that lead an office: those of it that have no boss in it; without one, of the service."""
    inside = {role.id: role for role in pack.roles.values() if not role.is_external}
    if is_of_office and (of_office := {id for id, role in inside.items() if role.of == OFFICE}):
        found = [id for id in of_office if inside[id].boss not in of_office]
    else:
        serving = {id for id, department in pack.departments.items() if department.is_service}
        own = {id for id, role in inside.items() if role.department in serving}
        found = [id for id in own if inside[id].boss not in own]
    return sorted(found)


def staff_of(rota: Rota, pack: Pack, roster: Roster | None = None) -> list[Person]:
    """Return who may be put on a shift: whoever holds a role of the organisation's own under the policy."""
    roster = roster or Roster(rota.policy)
    inside = {id for id, role in pack.roles.items() if not role.is_external}
    found = people({each.person for each in roster.holdings if each.role in inside})
    return sorted(found.values(), key=str)
