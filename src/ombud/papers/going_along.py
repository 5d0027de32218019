"""What goes along with a letter: its PDF, the paper to be signed, files of its case; and what could not be had."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ombud.cases import attachments, contents
from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Attachment, Case
from ombud.correspondence import wording
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.lacking import NO_FONT, NOT_SET, NOT_STORED, Lack
from ombud.notices.models import Letter
from ombud.organisation.models import words
from ombud.papers import letter_papers
from ombud.papers.errors import MissingFont, PaperError
from ombud.papers.letter import LetterPaper, letter_pdf
from ombud.papers.signing import DOCX, signing_docx
from ombud.policy.model.records import Document
from ombud.privacy.sealing import Vault

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Along:
    """What was found, and what was not."""

    files: list[Enclosure] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)


def of(case: Case, letter: Letter, document: Document, vault: Vault) -> Along:
    """Return what a letter takes along where it goes by mail; what cannot be had is named, and the rest goes."""
    along = Along()
    if document.is_enclosed or document.signed:
        paper = _paper(case, letter, document, vault)
        name = letter_papers.file_name(case.reference, document.id, letter.written_at)
        if document.is_enclosed:
            _make(along, name, letter_papers.PDF, letter_pdf, paper)
        if document.signed:
            _make(along, letter_papers.name_to_sign(name), DOCX, signing_docx, paper)
    for row in _rows(case, letter, document, vault):
        name = attachments.name_of(row, vault) or str(row.pk)
        try:
            with attachments.content(row) as file:
                along.files.append(Enclosure(name, file.read(), row.media_type))
        except contents.Withheld as error:
            along.lacks.append(Lack(name, error.code))
        except FileNotFoundError:
            log.error("file %s of %s is not in the storage", row.pk, case.reference)
            along.lacks.append(Lack(name, NOT_STORED))
    return along


def _make(along: Along, name: str, kind: str, made: Callable[[LetterPaper], bytes], paper: LetterPaper) -> None:
    try:
        along.files.append(Enclosure(name, made(paper), kind))
    except PaperError as error:
        log.error("%s: %s", name, error)
        along.lacks.append(Lack(name, NO_FONT if isinstance(error, MissingFont) else NOT_SET))


def _paper(case: Case, letter: Letter, document: Document, vault: Vault) -> LetterPaper:
    said = wording.letter_words(letter, vault)
    return letter_papers.set_up(
        case,
        case.office.key if case.office is not None else None,
        key=letter.pk,
        language=letter.language,
        title=said["subject"] or words(dict(document.title)),
        body=said["body"],
        written_at=letter.written_at,
    )


def _rows(case: Case, letter: Letter, document: Document, vault: Vault) -> Iterator[Attachment]:
    """Yield the files that the policy sends along, as they were when the letter was asked for."""
    if document.encloses is None:
        return
    state = folded_rows(case, [event for event in rows_of(case) if event.seq <= letter.seq], vault)
    wanted = [str(each["id"] if isinstance(each, dict) else each) for each in state.facts.get(document.encloses) or ()]
    rows = {str(row.pk): row for row in Attachment.objects.filter(case=case, pk__in=wanted)}
    yield from (rows[each] for each in wanted if each in rows)
