"""Taking a person out of a case: from then on it does not exist for them."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.errors import CaseError, ReasonMissing
from ombud.cases.models import Case, Recusal
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.keys import key_of
from ombud.privacy.masking import strike_known
from ombud.privacy.sealing import Vault


class StillHandler(CaseError):
    """The person handles this case: hand it to somebody else first."""


def recuse(case: Case, person: Person, *, reason: str, now: datetime) -> Recusal:
    """Keep the person away from the case; doing so again changes nothing. Raises ReasonMissing, StillHandler.

    The reason stands in clear and outlives an erasure: what names the complainant is struck from it.
    """
    reason = strike_known(plain(reason, lines=True), names_in(case, Vault(key_of(case.complainant), case.reference)))
    if not reason:
        raise ReasonMissing
    if case.handler_id == person.pk:
        raise StillHandler
    row, _ = Recusal.objects.get_or_create(case=case, person=person, defaults={"reason": reason, "at": now})
    return row
