"""Who looked at personal data that is masked for them, and why, as the reader may see it."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.kept_out import admitting
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.privacy import log
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text
from ombud.privacy.models import Access
from ombud.privacy.sealing import Vault

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Look:
    """One entry of the access log."""

    access: Access  # with its person loaded
    reason: str  # masked where the case is for the reader; empty once erased

    @property
    def is_of_file(self) -> bool:
        return self.access.what.startswith(log.OPENED)


def openings(accessed: Accessed) -> list[Access]:
    """Return who opened which of the case's files, the newest first."""
    rows = Access.objects.filter(reference=accessed.case.reference, what__startswith=log.OPENED)
    return list(rows.select_related("person").order_by("-at", "-id")[:SHOWN])


def latest(reader: Person) -> list[Look]:
    """Return the newest entries, without those of cases that the reader is kept out of."""
    seen = Access.objects.filter(admitting(reader, case__reference="reference"))
    rows = list(seen.select_related("person").order_by("-at", "-id")[:SHOWN])
    cases = Case.objects.filter(reference__in={row.reference for row in rows}).select_related("complainant")
    known, permissions = {case.reference: case for case in cases}, permissions_of(reader)
    found = []
    for row in rows:
        case, reason = known.get(row.reference), ""
        if case is not None:
            vault = Vault(key_of(case.complainant), case.reference)
            reason = log.reason_of(row, vault)
            if permissions.is_masked(case.policy):
                reason = mask_text(reason, names_in(case, vault))
        found.append(Look(row, reason))
    return found
