"""The list of a confidential case as it stands: written by whoever changed it, or derives it anew."""

from __future__ import annotations

from collections.abc import Collection

from ombud.cases.bulk_sql import insert
from ombud.cases.models import Case, Confidant


def write_confidants(case: Case, people: Collection[int]) -> None:
    """Write whom the list names now; nobody: the case is not confidential."""
    Confidant.objects.filter(case=case).exclude(person__in=people).delete()
    insert([Confidant(case=case, person_id=each) for each in sorted(people)], ignore_conflicts=True)
