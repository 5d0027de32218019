"""A report as DOCX, to be worked on: the same tables and words as its PDF. Texts go in as text, never as markup."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from ombud.interface.lists import told_of
from ombud.papers import fonts
from ombud.papers.letter import blocks
from ombud.papers.letterhead import letterhead
from ombud.papers.report import Cell, Part, ReportPaper, Table, holds_numbers, shares
from ombud.papers.signing import clean

_SMALL, _NORMAL = 9, 10.5
_PAGE, _MARGIN = (210, 297), 22  # millimetres: A4, as the PDF is


def report_docx(report: ReportPaper) -> bytes:
    """Return the report, its headings, lists and tables those of the word processor."""
    paper = Document()
    _set_up(paper, report)
    _add(paper, letterhead(report.language, report.sender)["organisation"], size=12, is_bold=True)
    paper.add_heading(clean(report.title), level=0)
    for line in (report.period, report.policy, *(told_of(name, value) for name, value in report.about)):
        _add(paper, line, size=_SMALL)
    for part in report.parts:
        _part(paper, part, report)
    if report.counted:
        paper.add_heading(clean(report.counted_title), level=1)
        rows = [(Cell(text=name), Cell(text=words)) for name, words in report.counted]
        _table(paper, Table(headings=(), rows=rows))
    _add(paper, report.hash, size=8)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_up(paper: Paper, report: ReportPaper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = map(Mm, _PAGE)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    properties = paper.core_properties
    properties.title, properties.author = (
        clean(report.title),
        clean(letterhead(report.language, report.sender)["organisation"]),
    )
    properties.language, properties.comments = report.language, ""
    properties.created = properties.modified = report.at.replace(tzinfo=None)
    chinese = next(name for name in fonts.families(report.language) if "CJK" in name)
    for name in ("Normal", "Title", "Heading 1"):
        style = paper.styles[name]
        style.font.name = fonts.LATIN
        families = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            families.attrib.pop(qn(key), None)  # a theme's font would go before the one that has our letters
        families.set(qn("w:hAnsi"), fonts.LATIN)
        families.set(qn("w:eastAsia"), chinese)
        families.set(qn("w:cs"), fonts.ARABIC)
    paper.styles["Normal"].font.size = Pt(_NORMAL)


def _part(paper: Paper, part: Part, report: ReportPaper) -> None:
    paper.add_heading(clean(part.title), level=1)
    _add(paper, part.note, size=_SMALL)
    if part.table and part.table.rows:
        _table(paper, part.table)
    elif not part.words:
        _add(paper, report.unwritten if part.field else report.nothing)
    for block in blocks(part.words):
        items = block.get("items")
        for text in items if isinstance(items, list) else [block["text"]]:
            _add(paper, str(text), style="List Bullet" if isinstance(items, list) else None)


def _table(paper: Paper, table: Table) -> None:
    made = paper.add_table(rows=0, cols=len(table.rows[0]))
    made.style, made.autofit = "Table Grid", False  # else all columns are as wide, and a clause's words fill a page
    widths = [Mm(share * (_PAGE[0] - 2 * _MARGIN)) for share in shares(table)]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    sides = [WD_ALIGN_PARAGRAPH.RIGHT if holds_numbers(table, each) else None for each in range(len(widths))]
    if table.headings:
        for cell, text, width, side in zip(made.add_row().cells, table.headings, widths, sides, strict=True):
            _set(cell.paragraphs[0], text, is_bold=True)
            cell.width, cell.paragraphs[0].alignment = width, side
    for row in table.rows:
        for cell, value, width, side in zip(made.add_row().cells, row, widths, sides, strict=True):
            _set(cell.paragraphs[0], f"{value.text} ({value.note})" if value.note else value.text)
            cell.width, cell.paragraphs[0].alignment = width, side


def _add(paper: Paper, text: str, *, size: float = _NORMAL, is_bold: bool = False, style: str | None = None) -> None:
    if text:
        _set(paper.add_paragraph(style=style), text, size=size, is_bold=is_bold)


def _set(paragraph: Paragraph, text: str, *, size: float = _SMALL, is_bold: bool = False) -> None:
    run = paragraph.add_run(clean(text))
    run.bold = is_bold or None
    run.font.size = Pt(size)
