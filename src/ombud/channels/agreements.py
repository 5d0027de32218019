"""Which privacy notice was agreed to with a complaint: kept as it was when it was shown."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.models import Agreement, Case
from ombud.organisation import company
from ombud.organisation.models import NoticeVersion


def keep_notice(*, now: datetime) -> None:
    """Keep the company's notice as it is, since somebody agreed to it whose complaint is taken in later."""
    company.keep_notice(company.house().notice, now=now)


def agree(case: Case, notice: str, *, language: str, now: datetime) -> None:
    """Note on a case that the notice of this hash was agreed to, read in this language.

    Belongs in the transaction that files the case. A notice that was never the company's is not noted.
    """
    row = NoticeVersion.objects.filter(hash=notice).first()
    present = company.house().notice
    if row is None and present and company.notice_hash(present) == notice:
        row = company.keep_notice(present, now=now)
    if row is not None:
        Agreement.objects.create(case=case, notice=row, language=language, at=now)
