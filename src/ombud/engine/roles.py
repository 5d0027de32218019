"""Roles and who they are for a case: whose department, whose boss, who is told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from ombud.engine.messages import joined
from ombud.engine.model import Actor, Staff
from ombud.engine.state import State
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import ACTOR, BEARER, BOSS, COMPLAINANT, DEPARTMENT, HANDLER, NOBODY, OFFICE, SYSTEM
from ombud.texts import Text

TO_COMPLAINANT = Bearer(kind="role", name=COMPLAINANT)
TO_HANDLER = Bearer(kind=HANDLER, name=HANDLER)


def is_outsider(pack: Pack, role: str) -> bool:
    """Return whether the role is outside the organisation: the complainant, a regulator, a partner."""
    return role == COMPLAINANT or (role in pack.roles and pack.roles[role].is_external)


def is_stranger(state: State, actor: Actor) -> bool:
    """Return whether somebody of our own comes to a confidential case whose list does not name them.

    A deputy and whom they stand in for must both be named.
    """
    is_ours = actor.person != SYSTEM and not is_outsider(state.program.pack, actor.role)
    hands = frozenset(actor.hands)
    return is_ours and state.admitted(hands) != hands


def outsider_of(state: State, bearer: Bearer) -> str | None:
    """Return the outside role that is meant by a bearer, None where it is somebody of our own."""
    role = bearer.name if bearer.kind == "role" else None
    if bearer.kind == ACTOR:
        entry = state.log.get(bearer.name)
        role = entry.role if entry else None
    return role if role is not None and is_outsider(state.program.pack, role) else None


def roles_text(pack: Pack, roles: tuple[str, ...]) -> Text:
    """Return the titles of the roles as words."""
    return joined([pack.roles[role].title if role in pack.roles else {"zh": role, "en": role} for role in roles])


def boss_of(pack: Pack, role: str) -> str | None:
    return pack.roles[role].boss if role in pack.roles else None


class Place(NamedTuple):
    """Where a role is held for a case; None = anywhere."""

    department: str | None
    office: str | None


def place_of(pack: Pack, role: str, department: str | None, office: str | None = None) -> Place:
    """Return where a role is held for a case of this department and office."""
    found = pack.roles.get(role)
    if found is None:
        return Place(None, None)
    inside = department if found.of in (DEPARTMENT, HANDLER) else None
    return Place(found.department or inside, office if found.of == OFFICE else None)


def escalate(pack: Pack, role: str, has_people: Callable[[str], object]) -> str | None:
    """Return the role, or the next boss upward, that has people; None where up to the top nobody is there."""
    seen: set[str] = set()
    here: str | None = role
    while here is not None and here in pack.roles and here not in seen:
        if has_people(here):
            return here
        seen.add(here)
        here = boss_of(pack, here)
    return None


def department_of(state: State, role: str) -> str | None:
    """Return the department in which a role is held for this case; None for a role of the whole organisation."""
    return place_of(state.program.pack, role, state.department).department


def office_of(state: State, role: str) -> str | None:
    """Return the office in which a role is held for this case; None for a role of no office."""
    return place_of(state.program.pack, role, None, state.office).office


def holders_of(state: State, role: str, staff: Staff) -> frozenset[str]:
    """Return who holds a role for this case and is not kept out of it."""
    place = place_of(state.program.pack, role, state.department, state.office)
    return state.admitted(staff.holders(role, place.department, place.office))


def is_role_of_case(state: State, actor: Actor, role: str) -> str | None:
    """Return what keeps a holder of the role from this case ("department", "office", "handler"), or None."""
    found = state.program.pack.roles.get(role)
    if found is None:
        return None
    wanted = department_of(state, role)
    if wanted is not None and actor.department is not None and actor.department != wanted:
        return DEPARTMENT
    office = office_of(state, role)
    if office is not None and actor.office is not None and actor.office != office:
        return OFFICE
    if found.of == HANDLER and state.handler is not None and actor.principal != state.handler:
        return HANDLER
    return None


def role_of_bearer(state: State, bearer: Bearer) -> str | None:
    """Return the role in which a bearer owes a duty; its boss is the one to tell."""
    pack = state.program.pack
    if bearer.kind == NOBODY:
        return None
    if bearer.kind == "role":
        return bearer.name
    if bearer.kind == ACTOR:
        entry = state.log.get(bearer.name)
        return entry.role if entry else next(iter(state.program.procedure.acts[bearer.name].by), None)
    person = {HANDLER: state.handler, "person": bearer.name}.get(bearer.kind)
    if role := _role_last_held(state, person):
        return role
    inner = [role for role in pack.roles.values() if role.of in (HANDLER, DEPARTMENT)]
    return next((role.id for role in inner if role.boss), inner[0].id if inner else None)


def _role_last_held(state: State, person: str | None) -> str | None:
    held = [(entry.seq, entry.role) for entry in state.log.values() if entry.actor == person]
    return max(held)[1] if person and held else None


def present(state: State, role: str, staff: Staff | None) -> str:
    """Return the role, or where nobody holds it the next boss upward who is there."""
    if staff is None:
        return role
    return escalate(state.program.pack, role, lambda here: holders_of(state, here, staff)) or role


def approver_roles(state: State, role: str, excluded: Collection[str], staff: Staff | None) -> tuple[str, ...]:
    """Return who decides a stage: its role, or the boss upward where four eyes leave nobody in it.

    Without knowing the staff, the role's boss may step in as soon as somebody is excluded.
    """
    pack = state.program.pack
    if staff is None:
        boss = boss_of(pack, role) if excluded or state.keeps_anybody_out else None
        return (role, boss) if boss else (role,)
    return (escalate(pack, role, lambda here: holders_of(state, here, staff).difference(excluded)) or role,)


def recipient(state: State, name: str, bearer: Bearer | None, staff: Staff | None) -> Bearer | None:
    """Return who is meant by a name in `tell`: a role, `boss`, `bearer`, `handler` or the complainant."""
    if name == COMPLAINANT:
        return TO_COMPLAINANT
    if name == HANDLER:
        return TO_HANDLER
    if name == BEARER:
        return addressee(state, bearer) if bearer else None
    if name == BOSS:
        role = role_of_bearer(state, bearer) if bearer else None
        boss = boss_of(state.program.pack, role) if role else None
        return Bearer(kind="role", name=present(state, boss, staff)) if boss else None
    return Bearer(kind="role", name=name)


def addressee(state: State, bearer: Bearer) -> Bearer:
    """Return whom a word to the bearer reaches: whoever acted from outside has no account, only a role."""
    outsider = outsider_of(state, bearer)
    return Bearer(kind="role", name=outsider) if outsider else bearer


def case_boss(state: State) -> Bearer | None:
    """Return the boss of the case's department, who hears of what the machine could not do."""
    pack = state.program.pack
    bosses = [role.boss for role in pack.roles.values() if role.of == DEPARTMENT and role.boss]
    bosses += [role.boss for role in pack.roles.values() if role.boss]
    return Bearer(kind="role", name=bosses[0]) if bosses else None
