"""Entering which languages somebody speaks and which kinds of complaint they know; each with who entered it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from ombud.organisation import changes
from ombud.organisation.competences import Competence
from ombud.organisation.models import Person

Known = tuple[str, str, str]  # kind, policy, value


def of(person: Person) -> set[Known]:
    """Return what somebody was entered to have."""
    return set(Competence.objects.filter(person=person).values_list("kind", "policy", "value"))


@transaction.atomic
def keep(person: Person, wanted: Collection[Known], shown: Collection[Known], *, by: Person, now: datetime) -> bool:
    """Let somebody have what is wanted of what was shown, and return whether that is news; the rest stays."""
    Person.objects.select_for_update().get(pk=person.pk)
    had = of(person)
    gone = [
        row
        for row in Competence.objects.filter(person=person)
        if (key := (row.kind, row.policy, row.value)) in set(shown) and key not in set(wanted)
    ]
    new = [
        Competence(person=person, kind=kind, policy=policy, value=value)
        for kind, policy, value in sorted(set(wanted) - had)
    ]
    if not gone and not new:
        return False
    changes.note(gone, by=by, now=now, is_gone=True)
    Competence.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Competence.objects.bulk_create(new)
    changes.note(new, by=by, now=now)
    return True
