"""The access log: who saw personal data unmasked, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.models import Access

VALID = timedelta(minutes=30)  # for how long one reason lets its giver read on


class ReasonMissing(ValueError):
    """Unmasking needs a reason."""


def note(person: Person, reference: str, *, what: str, reason: str, now: datetime) -> Access:
    """Write down that the person sees this unmasked. Raises ReasonMissing."""
    reason = plain(reason, lines=True)
    if not reason:
        raise ReasonMissing(ReasonMissing.__doc__)
    return Access.objects.create(person=person, reference=reference, what=what, reason=reason, at=now)


def is_open(person: Person, reference: str, *, now: datetime) -> bool:
    """Return whether the person gave a reason for this case a short while ago."""
    return Access.objects.filter(person=person, reference=reference, at__gt=now - VALID).exists()


def of_case(reference: str) -> list[Access]:
    """Return who looked into a case, newest first."""
    return list(Access.objects.filter(reference=reference).select_related("person").order_by("-at", "-id"))
