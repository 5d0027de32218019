"""A letter as PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

import segno

from ombud.organisation.sender import Sender
from ombud.papers.letterhead import images, letterhead, template_of, word
from ombud.papers.printing import printed


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterPaper:
    """What a letter says, in its own language."""

    sender: Sender
    language: str
    policy: str  # the policy's title
    reference: str
    date: str  # in words
    title: str
    body: str  # paragraphs with blank lines between them, and Markdown's lists
    verify_at: str  # where it is said whether the letter is genuine
    written_at: datetime


def letter_pdf(letter: LetterPaper) -> bytes:
    """Return the letter as PDF, the same bytes each time. Raises PaperError."""
    language = letter.language
    data = {
        **letterhead(language, letter.sender),
        "policy": letter.policy,
        "reference": letter.reference,
        "date": letter.date,
        "title": letter.title,
        "body": blocks(letter.body),
        "verify-at": letter.verify_at,
        "words": {
            "reference": word("reference", language),
            "page": template_of("page", language),
            "verify": word("verify", language),
        },
    }
    return printed(
        "letter.typ", data, images={**images(letter.sender), "qr.svg": qr(letter.verify_at)}, at=letter.written_at
    )


def blocks(body: str) -> list[dict[str, object]]:
    """Return a letter's text as paragraphs and lists: of Markdown, letters use nothing else."""
    found: list[dict[str, object]] = []
    for part in body.replace("\r\n", "\n").split("\n\n"):
        rest: list[str] = []
        for line in part.strip("\n").split("\n"):
            if line.startswith("- "):
                _paragraph(found, rest)
                _item(found, line.removeprefix("- "))
            else:
                rest.append(line)
        _paragraph(found, rest)
    return found


def _paragraph(found: list[dict[str, object]], lines: list[str]) -> None:
    if any(line.strip() for line in lines):
        found.append({"kind": "paragraph", "text": "\n".join(lines)})
    lines.clear()


def _item(found: list[dict[str, object]], item: str) -> None:
    last = found[-1].get("items") if found else None
    if isinstance(last, list):
        last.append(item)
    else:
        found.append({"kind": "list", "items": [item]})


def qr(address: str) -> bytes:
    """Return the QR code that leads to an address, as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=0, dark="#1d2433")
    return out.getvalue()
