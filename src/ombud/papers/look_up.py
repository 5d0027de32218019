"""What another system answered, as a page that people read: from where, when, for whom, and what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ombud.organisation.sender import Sender
from ombud.papers.letterhead import images, letterhead, template_of, word
from ombud.papers.printing import printed


@dataclass(frozen=True, kw_only=True, slots=True)
class LookUpPaper:
    """An answer in the language of who asked."""

    language: str
    source: str
    address: str  # that was called
    asked: str  # by whom and when, in words
    rows: Sequence[tuple[str, str]]  # field and what was found for it
    answer: str  # all of it, as JSON
    sender: Sender
    at: datetime


def look_up_pdf(paper: LookUpPaper) -> bytes:
    """Return the page as PDF. Raises PaperError."""
    language = paper.language
    data = {
        **letterhead(language, paper.sender),
        "title": paper.source,
        "address-called": paper.address,
        "asked": paper.asked,
        "rows": [list(row) for row in paper.rows],
        "answer": paper.answer,
        "words": {"page": template_of("page", language), "whole": word("whole-answer", language)},
    }
    return printed("look-up.typ", data, images=images(paper.sender), at=paper.at, is_lenient=True)
