"""Whether a letter on paper is ours: asked by anybody who holds it, answered without anything personal."""

from __future__ import annotations

import enum
import hmac
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.fold import program_of
from ombud.notices.models import Letter
from ombud.papers import marks
from ombud.papers.letter_papers import text_digest
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault
from ombud.texts import Text

SHOWN = 4  # characters of the reference


class Verdict(enum.StrEnum):
    """What the record says of a letter."""

    GENUINE = "genuine"  # we wrote it, and keep it as it was
    CHANGED = "changed"  # what we keep is not what this mark was made for
    ERASED = "erased"  # we wrote it; its text was erased since
    REMOVED = "removed"  # the mark is ours, the letter is not kept any more
    UNKNOWN = "unknown"  # the mark is not ours


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What may be said to whoever holds a letter."""

    verdict: Verdict
    title: Text | None = None  # of the document
    policy: Text | None = None
    reference: str = ""  # masked
    written_at: datetime | None = None


def verify(text: str) -> Verified:
    """Return what the record says of the letter that bears this mark."""
    try:
        key, digest = marks.read(text)
    except marks.NoMark:
        return Verified(verdict=Verdict.UNKNOWN)
    letter = Letter.objects.select_related("case__complainant", "case__policy_version").filter(pk=key).first()
    if letter is None:
        return Verified(verdict=Verdict.REMOVED)
    pack = program_of(letter.case).pack
    document = pack.documents.get(letter.document)
    return Verified(
        verdict=_verdict(letter, digest),
        title=document.title if document else None,
        policy=pack.title,
        reference=masked(letter.case.reference),
        written_at=letter.written_at,
    )


def _verdict(letter: Letter, digest: bytes) -> Verdict:
    vault = Vault(key_of(letter.case.complainant), letter.case.reference)
    if vault.is_erased:
        return Verdict.ERASED
    subject, body = (
        vault.open(letter.seq, f"letter:{letter.document}:{part}", letter.sealed[part]) for part in ("subject", "body")
    )
    is_same = hmac.compare_digest(text_digest(str(subject), str(body)), digest)
    return Verdict.GENUINE if is_same else Verdict.CHANGED


def masked(reference: str) -> str:
    """Return the reference with its last characters only: enough to compare, too little to track."""
    return "\u2022" * 4 + reference[-SHOWN:]
