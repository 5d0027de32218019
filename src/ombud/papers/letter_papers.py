"""A case's letters on paper: as PDF, with the mark by which anybody sees whether one is genuine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation

from ombud.cases.access.case_access import Accessed
from ombud.cases.errors import NoSuchCase
from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.interface.days import letter_day
from ombud.notices import reading
from ombud.notices.reading import LetterLine
from ombud.organisation.models import words
from ombud.organisation.offices import zone_of_case
from ombud.organisation.sender import sender
from ombud.papers import marks
from ombud.papers.letter import LetterPaper, letter_pdf
from ombud.papers.signing import signing_docx
from ombud.texts import code_of

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was made, and what it is called."""

    name: str
    content: bytes


def paper_of(accessed: Accessed, key: int) -> Paper:
    """Return one of the case's letters as PDF.

    Raises NoSuchCase for one that the reader may not see, or whose text is masked or erased; PaperError.
    """
    line = next((each for each in reading.letters_of(accessed) if each.key == key), None)
    if line is None or not line.has_text:
        raise NoSuchCase
    return Paper(name_of(accessed, line), letter_pdf(letter_paper(accessed, line)))


def to_sign(accessed: Accessed, key: int) -> Paper:
    """Return one of the case's letters as DOCX, to be signed.

    Raises NoSuchCase as `paper_of` does, and for a letter of which the policy wants no signed copy.
    """
    line = next((each for each in reading.letters_of(accessed) if each.key == key), None)
    if line is None or not line.has_text or not line.signed:
        raise NoSuchCase
    return Paper(name_to_sign(name_of(accessed, line)), signing_docx(letter_paper(accessed, line)))


def letter_paper(accessed: Accessed, line: LetterLine) -> LetterPaper:
    """Return what a letter says on paper."""
    return set_up(
        accessed.case,
        accessed.state.office,
        key=line.key,
        language=line.language,
        title=line.title,
        body=line.body,
        written_at=line.written_at,
    )


def set_up(
    case: Case, office: str | None, *, key: int, language: str, title: str, body: str, written_at: datetime
) -> LetterPaper:
    """Return what a letter says on paper, dated by the clock of its case's office."""
    pack = program_of(case).pack
    with translation.override(code_of(language)):
        date = letter_day(timezone.localtime(written_at, zone_of_case(pack, office)).date())
    return LetterPaper(
        sender=sender(),
        language=language,
        policy=words(dict(pack.title), language),
        reference=case.reference,
        date=date,
        title=title,
        body=body,
        verify_at=f"{settings.OMBUD_BASE_URL}/letters/{marks.mark(key, text_digest(title, body))}/",
        written_at=written_at,
    )


def name_of(accessed: Accessed, line: LetterLine) -> str:
    """Return what the file is called."""
    return file_name(accessed.case.reference, line.document, line.written_at)


def file_name(reference: str, document: str, written_at: datetime) -> str:
    """Return what a letter's file is called: by the case and the document, nothing of what it says."""
    return f"{reference}-{document}-{written_at:%Y%m%d}.pdf"


def name_to_sign(name: str) -> str:
    """Return what the paper to be signed is called beside a PDF of this name."""
    return name.removesuffix("pdf") + "docx"


def text_digest(title: str, body: str) -> bytes:
    """Return the hash of a letter's text that its mark holds."""
    return hashlib.sha256(f"{title}\n\n{body}".encode()).digest()[: marks.DIGEST]
