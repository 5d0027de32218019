"""A case file as PDF: cover, contents, facts, events, clauses, duties, messages, letters, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ombud.organisation.sender import Sender
from ombud.papers.letter import blocks
from ombud.papers.letterhead import images, letterhead, template_of
from ombud.papers.printing import printed

SECONDS = 60.0  # it is made by the clock, and may have hundreds of pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """One event."""

    number: int
    at: str
    recorded: str  # when it was written down, where that was later
    title: str
    who: str
    clauses: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One duty, in words."""

    title: str
    bearer: str
    due: str
    outcome: str
    clauses: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrote:
    """One letter or message."""

    title: str
    about: str  # document, from or to whom, when, what became of it
    body: str
    apart: Sequence[tuple[str, str]] = ()  # (what it is, words) of what stands folded on pages: signature, quotation


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One file, by name and hash."""

    name: str
    about: str  # type, size, when it came
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilePaper:
    """What a case file says, in the words of its reader."""

    sender: Sender
    language: str
    reference: str
    title: str
    about: Sequence[tuple[str, str]]  # on the cover
    facts: Sequence[tuple[str, str]]
    events: Sequence[Happened]
    clauses: Sequence[tuple[str, str, str]]  # reference, text, numbers of the events
    duties: Sequence[Owed]
    messages: Sequence[Wrote]  # what was said, in and out, in order; a letter's words stand under letters
    letters: Sequence[Wrote]
    evidence: Sequence[Evidence]
    words: Mapping[str, str]  # headings
    at: datetime


def case_file_pdf(paper: CaseFilePaper) -> bytes:
    """Return the case file as PDF; letters that no font has are printed as their numbers. Raises PaperError."""
    data = {
        **letterhead(paper.language, paper.sender),
        "reference": paper.reference,
        "title": paper.title,
        "about": paper.about,
        "facts": paper.facts,
        "events": [asdict(each) for each in paper.events],
        "clauses": paper.clauses,
        "duties": [asdict(each) for each in paper.duties],
        "messages": [_wrote(each) for each in paper.messages],
        "letters": [_wrote(each) for each in paper.letters],
        "evidence": [asdict(each) for each in paper.evidence],
        "words": {**paper.words, "page": template_of("page", paper.language)},
    }
    return printed("case-file.typ", data, images=images(paper.sender), at=paper.at, seconds=SECONDS, is_lenient=True)


def _wrote(written: Wrote) -> dict[str, object]:
    apart = [{"title": title, "body": blocks(words)} for title, words in written.apart]
    return {**asdict(written), "body": blocks(written.body), "apart": apart}
