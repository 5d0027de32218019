"""What a member of staff is to the register: which cases they may see, which duties are theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.utils import timezone

from ombud.cases.access import assignees
from ombud.cases.access.in_policy import InPolicy
from ombud.cases.access.kept_out import admitting, kept_from
from ombud.cases.access.stand_ins import StandIn, absent_from, lending
from ombud.cases.models import Case, Duty, Participation
from ombud.engine.model import Actor
from ombud.engine.roles import place_of
from ombud.organisation import library, publishing
from ombud.organisation.models import Person
from ombud.organisation.offices import regions_of
from ombud.organisation.staff import Held, Holding, Roster, held_by, is_auditor, is_manager
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Role
from ombud.policy.vocabulary import DEPARTMENT, OFFICE


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """What somebody is, under every policy."""

    person: Person
    is_manager: bool
    is_auditor: bool
    policies: Mapping[str, InPolicy] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] = ()  # whose place the person takes while they are away, by policy

    @property
    def sees_all(self) -> bool:
        return self.is_manager or self.is_auditor

    @property
    def full_policies(self) -> tuple[str, ...]:
        return tuple(policy for policy, mine in self.policies.items() if mine.is_full)

    @property
    def known_policies(self) -> tuple[str, ...]:
        """Return the policies under which the person works, for themselves or for others."""
        return tuple(dict.fromkeys([*self.policies, *(each.policy for each in self.stand_ins)]))

    @property
    def viewers(self) -> tuple[str, ...]:
        """Return all by whom a case may be the person's to see; `scoped` says which of them really is."""
        lent = (viewer for each in self.stand_ins for viewer in each.viewers)
        return tuple(dict.fromkeys([*self.own_viewers, *lent]))

    @property
    def own_viewers(self) -> tuple[str, ...]:
        mine = assignees.viewer_person(self.person.pk)
        return tuple(dict.fromkeys([mine, *(each for policy in self.policies.values() for each in policy.viewers)]))

    @property
    def assignee_keys(self) -> tuple[str, ...]:
        """Return the holders whose duties are the person's own; `owes` has also those of whom they stand in for."""
        mine = assignees.person_key(self.person.pk)
        return tuple(dict.fromkeys([mine, *(each for policy in self.policies.values() for each in policy.pools)]))

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the countries of the policies whose personal data the person reads."""
        every = [*self.policies.values(), *(each.held for each in self.stand_ins)]
        mine = [each for each in every if not each.is_masked]
        return tuple(dict.fromkeys(region for each in mine for region in each.regions))

    def is_masked(self, policy: str) -> bool:
        """Return whether personal data of this policy's cases is shown masked."""
        mine = self.policies.get(policy)
        if mine is not None or self.sees_all:
            return mine is None or mine.is_masked
        # Only what is lent is there: masked, unless nobody whom they stand in for sees it so.
        lent = [each.held.is_masked for each in self.stand_ins if each.policy == policy]
        return any(lent) or not lent

    @property
    def owes(self) -> Q:
        """Return which duties the person owes, for a query of duties: their own, and those lent to them."""
        return reduce(or_, (each.owes for each in self.stand_ins), Q(holder__in=self.assignee_keys))

    def is_owed(self, duty: Duty) -> bool:
        """Return whether the person owes a duty of a case that they may see, for themselves or for others."""
        return duty.holder in self.assignee_keys or self.owed_for(duty) is not None

    def owed_for(self, duty: Duty) -> int | None:
        """Return the absent person for whom they owe a duty; None for one of their own, and of others."""
        return None if duty.holder in self.assignee_keys else absent_from(duty, self.stand_ins)


def permissions_of(person: Person) -> Permissions:
    """Return what the person is; three queries per policy that they hold a role under, one besides.

    As many again for each policy under which they stand in for somebody.
    """
    held = held_by(person, now=timezone.now()) if person.is_active else Held(own={}, lent={}, whole=frozenset())
    own = held.own.get("", ())
    return Permissions(
        person=person,
        is_manager=is_manager(own),
        is_auditor=is_auditor(own),
        policies={policy: _in_policy(person.key, policy, mine) for policy, mine in held.own.items() if policy},
        stand_ins=tuple(
            _stand_in(person, key, policy, mine, is_whole=key in held.whole)
            for key, lent in held.lent.items()
            for policy, mine in lent.items()
        ),
    )


def _stand_in(person: Person, absent: str, policy: str, mine: tuple[Holding, ...], *, is_whole: bool) -> StandIn:
    roles = None if is_whole else frozenset(each.role for each in mine)
    held = _in_policy(absent, policy, mine, roles)
    actors = tuple(replace(each, person=person.key, behalf=absent) for each in held.actors)
    return StandIn(absent=int(absent[1:]), policy=policy, held=replace(held, actors=actors), roles=roles)


def _in_policy(person: str, policy: str, mine: tuple[Holding, ...], roles: frozenset[str] | None = None) -> InPolicy:
    """Return what somebody is by these memberships; of what falls to them only what does in these roles, if any."""
    version = publishing.latest(policy)
    if version is None:
        return InPolicy(is_full=False, is_masked=True, actors=(), pools=(), viewers=())
    pack = library.pack(version.hash)
    # Whoever stands for somebody outside is written to; the desk is not theirs, whatever department was entered.
    mine = _inside(pack, mine)
    places = [(holding, _place(pack, holding)) for holding in mine]
    pools, viewers = _shared(pack, Roster(policy), person, places, roles)
    return InPolicy(
        is_full=sees_every_case(pack, mine),
        is_masked=sees_masked(pack, mine),
        actors=tuple(
            Actor(person=person, role=holding.role, department=place, office=holding.office)
            for holding, place in places
            if holding.role in pack.roles
        ),
        pools=tuple(sorted(pools)),
        viewers=tuple(sorted(viewers)),
        regions=regions_of(pack),
        may_confide=any(each.role in pack.access.confidential or _is_top(pack, each.role) for each in mine),
    )


def _inside(pack: Pack, mine: Iterable[Holding]) -> tuple[Holding, ...]:
    return tuple(each for each in mine if each.role not in pack.roles or not pack.roles[each.role].is_external)


def sees_every_case(pack: Pack, mine: Iterable[Holding]) -> bool:
    """Return whether these memberships show every case of the policy: the service department's, or the top role's."""
    inside = _inside(pack, mine)
    departments = {place for holding in inside if (place := _place(pack, holding)) in pack.departments}
    return any(pack.departments[place].is_service for place in departments if place is not None) or any(
        _is_top(pack, holding.role) for holding in inside
    )


def sees_masked(pack: Pack, mine: Iterable[Holding]) -> bool:
    """Return whether personal data of the policy's cases is shown masked to who holds these memberships."""
    return bool(pack.access.unmasked) and not any(each.role in pack.access.unmasked for each in _inside(pack, mine))


def _place(pack: Pack, holding: Holding) -> str | None:
    """Return the department of a membership: its own, or the one that the pack gives the role."""
    role = pack.roles.get(holding.role)
    return holding.department or (role.department if role else None)


def _is_top(pack: Pack, held: str) -> bool:
    """Return whether others answer to the role and it answers to nobody: whoever holds it manages the policy."""
    role = pack.roles.get(held)
    if role is None or role.boss is not None or role.of != "organisation" or role.is_external:
        return False
    return any(each.boss == role.id for each in pack.roles.values())


def _shared(
    pack: Pack, roster: Roster, key: str, places: list[tuple[Holding, str | None]], lent: frozenset[str] | None
) -> tuple[set[str], set[str]]:
    """Return the pools that somebody shares in and what these let them see: their roles', and an empty role's below."""
    policy = roster.policy
    pools: set[str] = set()
    viewers: set[str] = set()

    def is_theirs(role: str, department: str | None, office: str | None) -> bool:
        falls_to, _department, people = roster.effective(pack, role, department, office)
        return key in people and (lent is None or falls_to in lent)

    for holding, place in places:
        department = assignees.department_id(policy, place)
        if holding.office_id is not None and _is_of(pack, holding.role, OFFICE):
            # Theirs are the cases of their office, not those that their department has elsewhere.
            viewers.add(assignees.viewer_office(policy, holding.office_id))
        elif department is not None:
            pools.add(assignees.pool_key(policy, "", department, None))
            viewers.add(assignees.viewer_department(department))
    offices: list[str | None] = [None, *pack.offices]
    for role in pack.roles.values():
        if role.is_external:
            continue
        departments: list[str | None] = [*pack.departments] if _varies(role) else [None]
        for department_key, office in (
            (each, where) for each in departments for where in (offices if role.of == OFFICE else offices[:1])
        ):
            if not is_theirs(role.id, department_key, office):
                continue
            place = place_of(pack, role.id, department_key).department
            holder = assignees.Assignee(
                policy=policy,
                role=role.id,
                department_id=assignees.department_id(policy, place),
                office_id=assignees.office_id(office),
            )
            pools.add(holder.key)
            viewers.update(holder.viewers)
        if _varies(role) and is_theirs(role.id, None, None):
            # Before routing a case has no department, nor has one of the organisation's own procedures: whoever holds
            # the role anywhere shares in it, is told of it, and therefore sees it.
            anywhere = assignees.Assignee(policy=policy, role=role.id)
            pools.add(anywhere.key)
            viewers.update(anywhere.viewers)
    for gone in roster.gone:
        if is_theirs(gone.role, gone.department, gone.office):
            # What was somebody's own, who may no longer sign in, falls to whoever holds their role.
            pools.add(assignees.person_key(int(gone.person[1:])))
            viewers.add(assignees.viewer_person(int(gone.person[1:])))
    return pools, viewers


def _is_of(pack: Pack, role: str, what: str) -> bool:
    return role in pack.roles and pack.roles[role].of == what


def _varies(role: Role) -> bool:
    return role.of == DEPARTMENT and role.department is None


def may_see(case: Case, permissions: Permissions) -> bool:
    """Return whether the case is in the person's scope (whom it keeps out is asked apart)."""
    if permissions.sees_all or case.policy in permissions.full_policies:
        return True
    if Participation.objects.filter(case=case, viewer__in=permissions.own_viewers).exists():
        return True
    return bool(lending(permissions.stand_ins, case))


def scoped(permissions: Permissions, *, is_leading: bool = True) -> QuerySet[Case]:
    """Return the cases that the person may see, unordered; not leading, no index serves the condition."""
    cases = Case.objects.filter(admitting(permissions.person, case="pk"))
    if permissions.sees_all:
        return cases
    seen = Exists(Participation.objects.filter(case=OuterRef("pk"), viewer__in=permissions.own_viewers))
    if permissions.stand_ins:
        own = Q(policy__in=permissions.full_policies) | seen
        return cases.filter(reduce(or_, (each.sees for each in permissions.stand_ins), own))
    if full := permissions.full_policies:
        if permissions.policies.keys() - set(full):
            return cases.filter(Q(policy__in=full) | seen)
        if is_leading and len(full) == 1:
            return cases.filter(policy=full[0])
        return cases.filter(In(Coalesce(F("policy"), Value("")), full))
    return cases.filter(seen)


def scoped_keys(permissions: Permissions) -> QuerySet[Any]:
    """Return the keys of the cases that the person may see: `scoped`, as a list that the database makes only once.

    For who counts all of them: asked of each row, the same condition takes many times as long.
    """
    if permissions.sees_all or permissions.full_policies or permissions.stand_ins:
        return scoped(permissions, is_leading=False).values("pk")
    mine = Participation.objects.filter(viewer__in=permissions.own_viewers)
    return mine.exclude(case__in=kept_from(permissions.person)).values("case")
