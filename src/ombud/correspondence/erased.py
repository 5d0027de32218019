"""Removes what is left of the messages of people who were erased, and the files of those whose evidence is removed.

Of the former the key is gone, so nobody can read it anyway; of the latter the words stay with the case.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from ombud.cases.models import Removal
from ombud.correspondence import originals
from ombud.correspondence.models import Message
from ombud.policy.vocabulary import EVIDENCE

BATCH = 200


def remove(*, now: datetime) -> int:
    """Remove originals and blind addresses of messages whose keeper was erased, and return of how many."""
    left = ~Q(stored_as="") | ~Q(address="")
    rows = list(Message.objects.filter(left, keeper__erased_at__lte=now)[:BATCH])
    for row in rows:
        originals.remove(row.stored_as)
        Message.objects.filter(pk=row.pk).update(stored_as="", address="")
    return len(rows)


def remove_evidence(*, now: datetime) -> int:
    """Remove the originals, with files and recordings, of what came in on cases whose evidence was removed."""
    cases = Removal.objects.filter(kind=EVIDENCE, removed_at__lte=now).values("reference")
    rows = list(Message.objects.filter(is_out=False, case__reference__in=cases).exclude(stored_as="")[:BATCH])
    for row in rows:
        originals.remove(row.stored_as)
        Message.objects.filter(pk=row.pk).update(stored_as="")
    return len(rows)
