"""Who owes a duty, and who may therefore see the case: the bearer of the pack resolved to rows of the organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ombud.engine import State
from ombud.engine.four_eyes import excluded_from
from ombud.engine.model import DutyView
from ombud.engine.roles import approver_roles, escalate, place_of
from ombud.organisation.models import Department, Office, Person
from ombud.organisation.staff import Roster, person_id
from ombud.policy.model.duties import Bearer
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import ACTOR, DEPARTMENT, HANDLER, NOBODY, OFFICE


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignee:
    """Who owes a duty as the case stands: a person, else whoever holds the role there (no role: the department)."""

    policy: str
    role: str = ""
    department_id: int | None = None
    office_id: int | None = None
    person_id: int | None = None

    @property
    def key(self) -> str:
        """Return the one string that my duties are looked up by."""
        if self.person_id is not None:
            return person_key(self.person_id)
        return pool_key(self.policy, self.role, self.department_id, self.office_id)

    @property
    def viewers(self) -> tuple[str, ...]:
        """Return whom owing it lets see the case."""
        found = []
        if self.person_id is not None:
            found.append(viewer_person(self.person_id))
        if self.office_id is not None:
            found.append(viewer_office(self.policy, self.office_id))
        elif self.department_id is not None:
            found.append(viewer_department(self.department_id))
        elif self.role:
            found.append(viewer_role(self.policy, self.role))
        return tuple(found)


def person_key(pk: int) -> str:
    return f"person/{pk}"


def pool_key(policy: str, role: str, department_id: int | None, office_id: int | None) -> str:
    return f"{policy}/{role}/{department_id or ''}/{office_id or ''}"


def viewer_person(pk: int) -> str:
    return f"p{pk}"


def viewing_person(viewer: str) -> int | None:
    """Return the Person.pk behind a viewer; None for a department, an office or a role."""
    return int(viewer[1:]) if viewer.startswith("p") else None


def viewer_department(pk: int) -> str:
    return f"d{pk}"


def viewer_office(policy: str, pk: int) -> str:
    """Return the people of an office under a policy: other policies have the same places, not the same cases."""
    return f"o{policy}/{pk}"


def viewer_role(policy: str, role: str) -> str:
    return f"r{policy}/{role}"


@lru_cache(maxsize=4096)
def _department(policy: str, key: str) -> int:
    return Department.objects.values_list("pk", flat=True).get(policy=policy, key=key)


def department_id(policy: str, key: str | None) -> int | None:
    """Return the Department.pk behind a key of the pack; None for none and for one that never had a row."""
    if not key:
        return None
    try:
        return _department(policy, key)
    except Department.DoesNotExist:
        return None


@lru_cache(maxsize=4096)
def _department_key(pk: int) -> str:
    return Department.objects.values_list("key", flat=True).get(pk=pk)


def department_key(pk: int | None) -> str | None:
    """Return the pack's key behind a Department.pk; None for none."""
    return None if pk is None else _department_key(pk)


@lru_cache(maxsize=1024)
def _office(key: str) -> int:
    return Office.objects.values_list("pk", flat=True).get(key=key)


def office_id(key: str | None) -> int | None:
    """Return the Office.pk behind a key, or None."""
    if not key:
        return None
    try:
        return _office(key)
    except Office.DoesNotExist:
        return None


@lru_cache(maxsize=4096)
def _person(pk: int) -> int:
    return Person.objects.values_list("pk", flat=True).get(pk=pk)


def known_person(key: str | None) -> int | None:
    """Return the Person.pk behind a key; None for the machine, complainants and stand-ins of imported histories."""
    pk = person_id(key)
    try:
        return None if pk is None else _person(pk)
    except Person.DoesNotExist:
        return None


def known_people(keys: Iterable[str]) -> frozenset[int]:
    """Return the Person.pk behind each of the keys that has one."""
    return frozenset(pk for key in keys if (pk := known_person(key)) is not None)


def forget() -> None:
    """Forget the cached rows: for tests, whose database begins anew."""
    for cached in (_department, _department_key, _office, _person):
        cached.cache_clear()


def assignee_of(bearer: Bearer, department: str | None, state: State, roster: Roster) -> Assignee:
    """Return who bears it: with a handler in the right role it is theirs alone, without one the whole pool's."""
    pack, policy = state.program.pack, roster.policy
    if bearer.kind == "role":
        name = _with_people(bearer.name, department, state, roster) if state.keeps_anybody_out else bearer.name
        place = place_of(pack, name, department, state.office)
        return Assignee(
            policy=policy,
            role=name,
            department_id=department_id(policy, place.department),
            office_id=office_id(place.office),
            person_id=known_person(state.handler) if _is_handlers(state, name, place.department) else None,
        )
    if bearer.kind == NOBODY:
        return Assignee(policy=policy)
    if bearer.kind == ACTOR:
        return _by_key(policy, state.last_actor(bearer.name), state)
    if bearer.kind == DEPARTMENT:  # an instance was transferred to it
        return Assignee(policy=policy, department_id=department_id(policy, bearer.name))
    if bearer.kind == "person":
        return _by_key(policy, bearer.name, state)
    if bearer.kind == "field":
        value = state.facts.get(bearer.name)
        field = pack.fields.get(bearer.name)
        key = value if isinstance(value, str) else None
        if field is not None and field.type == FieldType.DEPARTMENT:
            return Assignee(policy=policy, department_id=department_id(policy, key))
        return _by_key(policy, key, state)
    return _by_key(policy, state.handler, state)


def _with_people(role: str, department: str | None, state: State, roster: Roster) -> str:
    """Return the role, or where all who hold it are kept out of the case the first boss upward who is not."""
    pack = state.program.pack

    def has_people(here: str) -> bool:
        people = roster.holders(here, *place_of(pack, here, department, state.office))
        return not people or bool(state.admitted(people))

    return escalate(pack, role, has_people) or role


def _is_handlers(state: State, role: str, place: str | None) -> bool:
    """Return whether what this role owes is the handler's own: it is the role that they act in on this case.

    Asked of the events, not of the memberships of today, so that refolding finds what was written.
    A handler who has not acted yet bears what the lowest roles of the case's department or office owe.
    """
    pack, handler = state.program.pack, state.handler
    known = pack.roles.get(role)
    if handler is None or known is None:
        return False
    if known.of == HANDLER:
        return True
    acted = {(entry.role, entry.department) for entry in state.log.values() if entry.actor == handler}
    if acted:
        return any(held == role and (place is None or where in (None, place)) for held, where in acted)
    is_lowest = all(other.boss != role for other in pack.roles.values() if other.of == known.of)
    if known.of == OFFICE:
        return is_lowest and state.office is not None
    return known.of == DEPARTMENT and is_lowest and place == state.department


def assignee_of_duty(view: DutyView, state: State, roster: Roster) -> Assignee:
    """Return who owes a duty; where four eyes leave nobody for a stage of an approval, it is the boss."""
    plan = state.program.duties[view.duty]
    if plan.stage is not None and (excluded := excluded_from(state, state.program.chains[plan.stage[0]])):
        role = approver_roles(state, view.bearer.name, excluded, roster)[0]
        return assignee_of(Bearer(kind="role", name=role), state.department, state, roster)
    return assignee_of(view.bearer, state.department, state, roster)


def _by_key(policy: str, key: str | None, state: State) -> Assignee:
    """Return the person behind the key, else everybody in the case's department, else in the service department."""
    person = known_person(key) if key and state.admitted(frozenset({key})) else None
    if person is not None:
        return Assignee(policy=policy, person_id=person)
    place = state.department or next(
        (id for id, department in state.program.pack.departments.items() if department.is_service), None
    )
    return Assignee(policy=policy, department_id=department_id(policy, place))


def viewers_of(holders: Iterable[Assignee]) -> set[str]:
    return {viewer for holder in holders for viewer in holder.viewers}
