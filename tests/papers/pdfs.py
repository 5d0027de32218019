"""A letter, and what a PDF says, as its readers find it."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

from ombud.organisation.sender import Sender
from ombud.papers.letter import LetterPaper

LETTER = LetterPaper(
    sender=Sender(names={"en": "Our Company", "zh": "我们公司"}, addresses={}),
    language="en",
    policy="Customer complaints",
    reference="KD-1234-ABCD",
    date="2 March 2026",
    title="Receipt",
    body="Dear Mr Li,\n\nwe have it.\n\n- Result: refund\n- Amount: 12 \u20ac\n",
    verify_at="https://complaints.example.com/letters/abcd/",
    written_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\\s]")


def words_of(content: bytes) -> str:
    """Return the text of a PDF without spaces, vowel signs and marks of direction, which no two readers set alike."""
    return "".join(words_by_page(content))


def words_by_page(content: bytes) -> list[str]:
    """Return the same, page by page."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


def pages_of(content: bytes) -> int:
    return len(PdfReader(io.BytesIO(content)).pages)


def pictures_of(content: bytes) -> int:
    """Return how many pictures of dots a PDF holds; the QR code is lines."""
    pages = PdfReader(io.BytesIO(content)).pages
    found = [each.get_object() for page in pages for each in page["/Resources"].get("/XObject", {}).values()]
    return sum(each.get("/Subtype") == "/Image" for each in found)


def squeezed(text: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return "".join(each for each in text if unicodedata.category(each) != "Mn")


def has_boxes(content: bytes) -> bool:
    """Return whether some glyph of the PDF is the empty one: number 0 of its font."""
    return any(_shows_box(page) for page in PdfReader(io.BytesIO(content)).pages)


def _shows_box(page: PageObject) -> bool:
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        if operator in (b"Tj", b"TJ"):
            shown = operands[0] if operator == b"TJ" else operands
            glyphs = b"".join(getattr(part, "original_bytes", b"") for part in shown)
            if any(glyphs[at : at + 2] == bytes(2) for at in range(0, len(glyphs), 2)):
                return True
    return False
