"""Who answers to somebody under a policy: whoever holds a role below one of theirs, where they hold it."""

from __future__ import annotations

from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.organisation.models import Person
from ombud.organisation.staff import Holding, Roster, people
from ombud.policy.model.pack import Pack


def subordinates_of(case: Case, person: Person) -> list[Person]:
    """Return who answers to the person under the case's policy, directly or not, by name.

    A head of a department is answered to there and nowhere else; a role of the whole organisation everywhere.
    """
    pack, holdings = program_of(case).pack, Roster(case.policy).holdings
    held = [each for each in holdings if each.person == person.key]
    keys = {
        below.person
        for below in holdings
        if below.person != person.key and any(_answers_to(pack, below, above) for above in held)
    }
    return sorted(people(keys).values(), key=str)


def _answers_to(pack: Pack, below: Holding, above: Holding) -> bool:
    if above.role not in _bosses(pack, below.role):
        return False
    places = ((_department(pack, below), _department(pack, above)), (below.office, above.office))
    return all(theirs is None or mine is None or mine == theirs for mine, theirs in places)


def _bosses(pack: Pack, role: str) -> set[str]:
    """Return the roles above a role, up to the top."""
    found: set[str] = set()
    here = pack.roles[role].boss if role in pack.roles else None
    while here is not None and here in pack.roles and here not in found:
        found.add(here)
        here = pack.roles[here].boss
    return found


def _department(pack: Pack, holding: Holding) -> str | None:
    role = pack.roles.get(holding.role)
    return holding.department or (role.department if role else None)
