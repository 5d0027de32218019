"""Taking a person out of a case: from then on it does not exist for them."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.errors import CaseError, ReasonMissing
from ombud.cases.models import Case, Recusal
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain


class StillHandler(CaseError):
    """The person handles this case: hand it to somebody else first."""


def recuse(case: Case, person: Person, *, reason: str, now: datetime) -> Recusal:
    """Keep the person away from the case; doing so again changes nothing. Raises ReasonMissing, StillHandler."""
    reason = plain(reason, lines=True)
    if not reason:
        raise ReasonMissing
    if case.handler_id == person.pk:
        raise StillHandler
    row, _ = Recusal.objects.get_or_create(case=case, person=person, defaults={"reason": reason, "at": now})
    return row
