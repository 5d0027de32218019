"""The access log: who saw personal data unmasked, and why; the reasons sealed, since they may name somebody."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db.models import Q

from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.models import Access
from ombud.privacy.sealing import Tampered, Vault

DAY = timedelta(hours=24)  # in which an allowance counts
TAKEN = "case file"
OPENED = "evidence "  # begins what is noted of a file that was opened, its id follows
AGAIN = timedelta(minutes=10)  # within which opening the same file again is the same look
_LEAST = 4  # different letters or digits of a reason; a Chinese character says as much as two
_WIDE = 0x2E80  # where writing begins that needs fewer characters


class ReasonMissing(ValueError):
    """Unmasking needs a reason."""


class AllowanceUsed(ValueError):
    """As many cases were unmasked within a day as are allowed."""


def says_why(reason: str) -> bool:
    """Return whether a reason says anything."""
    return sum(2 if ord(letter) >= _WIDE else 1 for letter in set(reason) if letter.isalnum()) >= _LEAST


def note(person: Person, reference: str, *, what: str, reason: str, vault: Vault, allowance: int, now: datetime) -> int:
    """Write down that the person sees this unmasked, and return of how many more cases they may within the day.

    A case counts once. Belongs in a transaction. Raises ReasonMissing for one that says nothing, AllowanceUsed.
    """
    reason = plain(reason, lines=True)
    if not says_why(reason):
        raise ReasonMissing(ReasonMissing.__doc__)
    # One look of a person's at a time: two that counted at once would both take the last, or neither know it was that.
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    looked = Access.objects.filter(person=person, at__gt=now - DAY).exclude(Q(what=TAKEN) | Q(what__startswith=OPENED))
    seen = set(looked.values_list("reference", flat=True))
    if len(seen | {reference}) > allowance:
        raise AllowanceUsed(AllowanceUsed.__doc__)
    sealed = json.dumps(vault.seal(0, _place(person.pk, now), reason))
    Access.objects.create(person=person, reference=reference, what=what, reason=sealed, at=now)
    return allowance - len(seen | {reference})


def note_taken(person: Person, reference: str, *, now: datetime) -> None:
    """Write down that the person took a whole case along; they see it unmasked, so it needs no reason."""
    Access.objects.create(person=person, reference=reference, what=TAKEN, reason="", at=now)


def note_opened(person: Person, reference: str, file: str, *, now: datetime) -> None:
    """Write down that the person opened a file of a case; a film that is played piece by piece is one look."""
    what = f"{OPENED}{file}"
    looked = Access.objects.filter(person=person, at__gt=now - AGAIN, reference=reference, what=what)
    if not looked.exists():
        Access.objects.create(person=person, reference=reference, what=what, reason="", at=now)


def reason_of(row: Access, vault: Vault) -> str:
    """Return why somebody looked; empty once the case's personal data was erased."""
    try:
        opened = vault.open(0, _place(row.person_id, row.at), json.loads(row.reason)) if row.reason else ""
    except Tampered:
        return ""  # `ombud verify` reports it
    return opened if isinstance(opened, str) else ""


def _place(person: int, at: datetime) -> str:
    return f"access:{person}:{at.timestamp():.6f}"
