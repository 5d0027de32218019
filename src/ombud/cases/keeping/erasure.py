"""Erasing a complainant: the key goes, and with it everything derived from what it sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ombud.cases import attachments, projections, search
from ombud.cases.eventlog import rows_of
from ombud.cases.keeping import compaction, holds
from ombud.cases.keeping.holds import OnHold
from ombud.cases.models import Attachment, Case, Removal
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.privacy import keys
from ombud.privacy.masking import strike_known
from ombud.privacy.models import Complainant
from ombud.privacy.sealing import Vault

ERASURE = "erasure"  # the kind of a removal that took a whole complainant's key and files


def erase(complainant: Complainant, *, now: datetime, by: Person | None = None) -> int:
    """Erase a complainant's personal data in all their cases and return how many these are.

    Events, chain, proofs and statistics stay whole: what they hold of a person is ciphertext whose
    key is destroyed here. Files lose their content and name; SHA-256, size and type stay. Reasons
    in clear, of recusals and holds, lose the person's names. Raises OnHold; then nothing was erased.
    """
    with transaction.atomic():
        # The cases first: an act under way would else leave what it derives from the key behind the erasure.
        cases = _locked(complainant)
        if holds.in_force(now=now).filter(case__in=cases).exists():
            raise OnHold
        _strike_reasons(cases, keys.key_of(complainant))
        keys.destroy(complainant, now=now)
        Removal.objects.bulk_create(
            [Removal(reference=case.reference, kind=ERASURE, removed_by=by, removed_at=now) for case in cases]
        )
        for case in cases:
            case.summary, case.time_zone = {}, ""
            case.save(update_fields=["summary", "time_zone"])
            key = projections.key_of(case)
            search.drop(key)
            search.index_document(key, projections.document(case, rows_of(case), Vault(None, case.reference)))
            compaction.ask(case, now=now)
        files = list(Attachment.objects.filter(case__in=cases))
        attachments.erase(files)
        transaction.on_commit(lambda: compaction.run(now=now), robust=True)
    return len(cases)


def _strike_reasons(cases: Iterable[Case], key: bytes | None) -> None:
    """Take what names the person out of the reasons that stand beside the cases in clear."""
    for case in cases:
        known = names_in(case, Vault(key, case.reference))
        for rows, columns in ((case.recusals, ["reason", "lift_reason"]), (case.holds, ["reason", "lift_reason"])):
            for row in rows.all():
                for column in columns:
                    setattr(row, column, strike_known(getattr(row, column), known))
                row.save(update_fields=columns)


def _locked(complainant: Complainant) -> list[Case]:
    """Return all cases of a complainant, locked: those that one of them opened while it was waited for as well."""
    cases: list[Case] = []
    while True:
        found = list(Case.objects.select_for_update(of=("self",)).filter(complainant=complainant).order_by("pk"))
        if len(found) == len(cases):
            return found
        cases = found
