"""Who fits a case: which language and which kind of complaint it asks for, and who has them.

Asked for is only what anybody was entered to have: where nobody's languages are known, none is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from ombud.cases.allotting import ASKED_FOR, MET
from ombud.cases.fold import folded, program_of
from ombud.cases.models import Case
from ombud.organisation.competences import Competence
from ombud.policy.vocabulary import LANGUAGE
from ombud.texts import base_of

_Kind = Competence.Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """What a case asks for, and what of it each person has; each as kind/value."""

    asked: tuple[str, ...]
    had: dict[int, frozenset[str]]  # Person.pk -> of what is asked

    def number(self, person: int) -> int:
        """Return how much of what is asked somebody has."""
        return len(self.had.get(person, ()))

    def said_of(self, person: int) -> dict[str, list[str]]:
        """Return what the event says of whoever got the case."""
        if not self.asked:
            return {}
        return {ASKED_FOR: list(self.asked), MET: [each for each in self.asked if each in self.had.get(person, ())]}


def fit_of(case: Case, people: Collection[int]) -> Fit:
    """Return how these people fit a case."""
    pack = program_of(case).pack
    wanted = {_Kind.LANGUAGE: "", _Kind.CATEGORY: ""}
    entered = set(Competence.objects.filter(policy__in=("", case.policy)).values_list("kind", flat=True).distinct())
    if entered:
        facts = folded(case).facts
        wanted[_Kind.LANGUAGE] = base_of(str(facts.get(LANGUAGE) or case.language or ""))
        value = facts.get(pack.figures.category) if pack.figures.category else None
        wanted[_Kind.CATEGORY] = value if isinstance(value, str) else ""
    asked = tuple(f"{kind}/{value}" for kind, value in wanted.items() if value and kind in entered)
    return fit_to(asked, people, case.policy)


def fit_to(asked: tuple[str, ...], people: Collection[int], policy: str) -> Fit:
    """Return how these people fit what is asked for."""
    had: dict[int, set[str]] = defaultdict(set)
    for row in Competence.objects.filter(person__in=people, policy__in=("", policy)) if asked else ():
        value = base_of(row.value) if row.kind == _Kind.LANGUAGE else row.value
        had[row.person_id].add(f"{row.kind}/{value}")
    return Fit(asked=asked, had={pk: frozenset(each & set(asked)) for pk, each in had.items()})
