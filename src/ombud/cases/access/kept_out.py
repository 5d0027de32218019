"""Who is kept out of a case: whoever was recused, and of a confidential one everybody whom its list does not name.

The one place where that is read. Lists, counts, notices, figures and exports ask here for whom a case is there at all;
which cases somebody's roles show them is asked apart (`permissions`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from ombud.cases.models import Case, Confidant, Recusal
from ombud.organisation.models import Person

#: `admitting` of the case that `{case}` names, in the words of both databases; the person's key is asked for twice.
ADMITTED_SQL = (
    "NOT EXISTS (SELECT 1 FROM cases_recusal r WHERE r.case_id = {case} AND r.person_id = %s AND r.lifted_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM cases_confidant c WHERE c.case_id = {case} AND NOT EXISTS"
    " (SELECT 1 FROM cases_confidant m WHERE m.case_id = {case} AND m.person_id = %s))"
)


@dataclass(frozen=True, slots=True)
class Door:
    """Whom a case lets in."""

    recused: frozenset[int] = frozenset()
    confidants: frozenset[int] = frozenset()  # empty: it is not confidential

    def admits(self, person: int | None) -> bool:
        return person not in self.recused and (not self.confidants or person in self.confidants)


def admitting(person: Person | int, **case: str) -> Q:
    """Return the condition that a row's case does not keep the person out.

    The row's column that names the case is said as `case="pk"` of cases, `case="case"` of what is theirs, and
    `case__reference="reference"` of what knows the case by its number.
    """
    outer = {name: OuterRef(column) for name, column in case.items()}
    recusal = _in_force().filter(**outer, person=person)
    return Q(~Exists(recusal), ~Exists(_without(person).filter(**outer)))


def closed_to(person: Person) -> QuerySet[Case]:
    """Return the confidential cases whose list does not name the person, none that they were taken out of."""
    recused = _in_force().filter(person=person).values("case")
    return Case.objects.filter(pk__in=_without(person).values("case")).exclude(pk__in=recused)


def _in_force() -> QuerySet[Recusal]:
    """Return the recusals that were not lifted."""
    return Recusal.objects.filter(lifted_at=None)


def _without(person: Person | int) -> QuerySet[Confidant]:
    """Return the lists of confidential cases that do not name the person."""
    return Confidant.objects.exclude(case__in=Confidant.objects.filter(person=person).values("case"))


def is_kept_out(case: Case, person: Person) -> bool:
    """Return whether the case does not exist for the person, whatever their roles."""
    return not Case.objects.filter(admitting(person, case="pk"), pk=case.pk).exists()


def is_recused(case: Case, person: Person) -> bool:
    """Return whether the person was taken out of the case, and may be told so."""
    return _in_force().filter(case=case, person=person).exists()


def kept_from(person: Person) -> tuple[int, ...]:
    """Return the keys of all cases that the person is kept out of, whatever their roles."""
    recused = _in_force().filter(person=person).values_list("case", flat=True)
    confidential = _without(person).values_list("case", flat=True)
    return tuple(sorted({*recused, *confidential}))


def kept_from_each(people: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Return for each of some people the keys of all cases that they are kept out of; two queries."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for case, person in _in_force().filter(person__in=people).values_list("case", "person"):
        found[person].add(case)
    named: defaultdict[int, set[int]] = defaultdict(set)
    for case, person in Confidant.objects.values_list("case", "person"):
        named[case].add(person)
    for case, confidants in named.items():
        for person in set(people) - confidants:
            found[person].add(case)
    return {person: frozenset(cases) for person, cases in found.items()}


def doors_of(cases: Collection[int]) -> Mapping[int, Door]:
    """Return whom each of the cases lets in; two queries."""
    recused: defaultdict[int, set[int]] = defaultdict(set)
    named: defaultdict[int, set[int]] = defaultdict(set)
    rows = (_in_force().filter(case__in=cases), recused), (Confidant.objects.filter(case__in=cases), named)
    for found, people in rows:
        for case, person in found.values_list("case", "person"):
            people[case].add(person)
    return {case: Door(frozenset(recused[case]), frozenset(named[case])) for case in cases}
