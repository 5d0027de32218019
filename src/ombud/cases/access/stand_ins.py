"""Standing in: what a deputy sees and owes through an absent person, as long as the case keeps neither out.

What is lent is asked apart from what is somebody's own: a case that keeps the absent person out is not lent, and
their deputy still has it where it is theirs anyway. A confidential case is lent to whom its list names, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from ombud.cases.access import assignees
from ombud.cases.access.in_policy import InPolicy
from ombud.cases.access.kept_out import admitting, doors_of
from ombud.cases.models import Case, Duty, Participation


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """One absent person under one policy, as their deputy stands there."""

    absent: int  # Person.pk
    policy: str
    held: InPolicy  # what the absent person is under the policy, as far as it is lent
    roles: frozenset[str] | None  # the roles lent; None = all

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the holders whose duties are lent: the absent person, and the pools in which they share."""
        return (assignees.person_key(self.absent), *self.held.pools)

    @property
    def viewers(self) -> tuple[str, ...]:
        return (assignees.viewer_person(self.absent), *self.held.viewers)

    @property
    def sees(self) -> Q:
        """Return which cases are lent, for a query of cases."""
        lent = Q(policy=self.policy) & admitting(self.absent, case="pk")
        if self.held.is_full:
            return lent
        return lent & Q(Exists(Participation.objects.filter(case=OuterRef("pk"), viewer__in=self.viewers)))

    @property
    def owes(self) -> Q:
        """Return which duties are lent, for a query of duties: by name only those of the roles that are."""
        lent = Q(holder__in=self.keys, policy=self.policy) & admitting(self.absent, case="case")
        if self.roles is None:
            return lent
        return lent & (~Q(holder=assignees.person_key(self.absent)) | Q(role__in=("", *sorted(self.roles))))

    def is_owed(self, duty: Duty) -> bool:
        """Return whether a duty is lent, of a case that keeps the absent person not out."""
        if duty.policy != self.policy or duty.holder not in self.keys:
            return False
        by_name = duty.holder == assignees.person_key(self.absent)
        return not by_name or self.roles is None or duty.role in ("", *self.roles)


def lending(stand_ins: Iterable[StandIn], case: Case) -> tuple[StandIn, ...]:
    """Return those through which a deputy may see the case; no query where nobody is stood in for."""
    return lending_each(stand_ins, [case])[case.pk]


def lending_each(stand_ins: Iterable[StandIn], cases: Iterable[Case]) -> dict[int, tuple[StandIn, ...]]:
    """Return for each case what `lending` does, with three queries for all of them."""
    every, found = tuple(stand_ins), {case.pk: case for case in cases}
    if not every:
        return dict.fromkeys(found, ())
    doors = doors_of(found)
    viewers = {viewer for each in every for viewer in each.viewers}
    seen: dict[int, set[str]] = defaultdict(set)
    for pk, viewer in Participation.objects.filter(case__in=found, viewer__in=viewers).values_list("case", "viewer"):
        seen[pk].add(viewer)
    return {
        pk: tuple(
            each
            for each in every
            if each.policy == case.policy
            and doors[pk].admits(each.absent)
            and (each.held.is_full or not seen[pk].isdisjoint(each.viewers))
        )
        for pk, case in found.items()
    }


def absent_from(duty: Duty, stand_ins: Iterable[StandIn]) -> int | None:
    """Return for whom somebody owes a duty that is not their own."""
    return next((each.absent for each in stand_ins if each.is_owed(duty)), None)
