"""What people write in a report: kept version by version, sealed under the key of its case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import program_of
from ombud.cases.reading.titles import names_in
from ombud.insight.reports.models import Report, Written
from ombud.organisation.models import Person
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text
from ombud.privacy.sealing import Vault

ON_ITS_WAY = timedelta(minutes=1)  # by when what a page keeps by itself was kept, and its number is back in the page


class WrittenOver(Exception):
    """Somebody else wrote in it since it was looked at."""


def latest(report: Report) -> Written | None:
    """Return the newest words."""
    return report.written.select_related("by").order_by("-number").first()


def keep(report: Report, words: Mapping[str, str], *, seen: int, by: Person, now: datetime) -> int:
    """Keep words as the next version and return its number; the same words are none.

    Raises WrittenOver. Whoever presses a button while their page keeps the words by itself does not know of that
    version yet: what oneself wrote a moment ago is nobody else's, and stays among the versions.
    """
    last = latest(report)
    number = last.number if last else 0
    if words_of(report, last) == dict(words):
        return number
    unseen = report.written.filter(number__gt=seen)
    if seen > number or unseen.exclude(by=by, at__gt=now - ON_ITS_WAY).exists():
        raise WrittenOver
    vault = _vault(report, number + 1)
    sealed = {name: vault.seal(0, name, text) for name, text in words.items()}
    try:
        with transaction.atomic():
            Written.objects.create(report=report, number=number + 1, sealed=sealed, by=by, at=now)
    except IntegrityError:  # a version came in since the newest was looked for: whose it is decides as ever
        return keep(report, words, seen=seen, by=by, now=now)
    return number + 1


def words_of(report: Report, version: Written | None) -> dict[str, str]:
    """Return what a version says, by field; nothing once its case was erased."""
    if version is None:
        return {}
    vault = _vault(report, version.number)
    if vault.is_erased:
        return {}
    return {name: vault.open(0, name, token) for name, token in version.sealed.items()}


def readable(accessed: Accessed, said: Mapping[str, str]) -> dict[str, str]:
    """Return what the reader may read of it: where they see personal data masked, without the names of the case."""
    fields = program_of(accessed.case).pack.fields
    hides = {name for name in said if accessed.is_masked and name in fields and fields[name].is_personal}
    known = names_in(accessed.case, accessed.vault) if hides else ()
    return {name: mask_text(text, known) if name in hides else text for name, text in said.items()}


def _vault(report: Report, number: int) -> Vault:
    return Vault(key_of(report.case.complainant), f"report {report.pk} version {number}")
