"""The papers of a report: PDF to read, DOCX to work on, XLSX to calculate with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ombud.papers import signing
from ombud.papers.report import ReportPaper, report_pdf
from ombud.papers.report_docx import report_docx
from ombud.papers.report_xlsx import report_xlsx

PDF, DOCX, XLSX = "pdf", "docx", "xlsx"
KINDS: Mapping[str, str] = {
    PDF: "application/pdf",
    DOCX: signing.DOCX,
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MAKERS: Mapping[str, Callable[[ReportPaper], bytes]] = {PDF: report_pdf, DOCX: report_docx, XLSX: report_xlsx}


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that was made, and what it is called."""

    name: str
    content: bytes


def made(paper: ReportPaper, report: str, kind: str) -> Made:
    """Return a report in one of KINDS. Raises PaperError."""
    return Made(f"{paper.reference}-{report}-{paper.at:%Y%m%d}.{kind}", _MAKERS[kind](paper))


def all_of(paper: ReportPaper, report: str) -> dict[str, Made]:
    """Return a report in every form. Raises PaperError."""
    return {kind: made(paper, report, kind) for kind in KINDS}
