"""A letter to be signed, as DOCX: its words, and below them where to sign. Texts go in as text, never as markup."""

from __future__ import annotations

import io
import unicodedata

from docx import Document
from docx.document import Document as Paper
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from ombud.papers import fonts
from ombud.papers.letter import LetterPaper, blocks
from ombud.papers.letterhead import letterhead, word
from ombud.texts import base_of, spoken

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
_LINES = ("name", "place", "signature")


def signing_docx(letter: LetterPaper) -> bytes:
    """Return the letter with lines for name, place and signature below it."""
    language, head = letter.language, letterhead(letter.language, letter.sender)
    paper = Document()
    _set_up(paper, letter)
    _write(paper, head["organisation"], language, size=14, is_bold=True)
    _write(paper, head["address"], language, size=9)
    _write(paper, f"{letter.policy}\n{word('reference', language)} {letter.reference}\n{letter.date}", language, size=9)
    _write(paper, letter.title, language, size=16, is_bold=True)
    for block in blocks(letter.body):
        items = block.get("items")
        if isinstance(items, list):
            for item in items:
                _write(paper, str(item), language, style="List Bullet")
        else:
            _write(paper, str(block["text"]), language)
    _write(paper, word("signing", language), language, is_bold=True)
    for line in _LINES:
        _write(paper, f"\n{word(line, language)}: {'_' * 40}", language)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_up(paper: Paper, letter: LetterPaper) -> None:
    properties = paper.core_properties
    properties.title, properties.author = clean(letter.title), clean(spoken(letter.sender.names, letter.language))
    properties.language = letter.language
    properties.created = properties.modified = letter.written_at.replace(tzinfo=None)
    properties.comments = ""
    style = paper.styles["Normal"]
    names = fonts.families(letter.language)
    style.font.name, style.font.size = fonts.LATIN, Pt(10.5)
    families = style.element.get_or_add_rPr().get_or_add_rFonts()
    families.set(qn("w:eastAsia"), next(name for name in names if "CJK" in name))
    families.set(qn("w:cs"), fonts.ARABIC)


def _write(
    paper: Paper,
    text: str,
    language: str,
    *,
    size: float = 10.5,
    is_bold: bool = False,
    style: str | None = None,
) -> None:
    """Add a paragraph; a line break in it stays one."""
    if not text:
        return
    paragraph = paper.add_paragraph(style=style)
    run = paragraph.add_run(clean(text))
    run.bold = is_bold or None
    run.font.size = Pt(size)
    if base_of(language) in _RIGHT_TO_LEFT:
        _turn(paragraph)
        run.font.rtl = True


def _turn(paragraph: Paragraph) -> None:
    """Let a paragraph run from right to left."""
    paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))


def clean(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return "".join(
        each
        for each in text
        if each in "\n\t" or (unicodedata.category(each) not in ("Cc", "Cs") and each not in "\ufffe\uffff")
    )
