"""The text that somebody reads when they look at HTML, quoted passages with "> " before their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ombud.channels.mail.markup import BLOCKS, Close, Open, Text, Token

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")  # not the non-breaking ones, which keep Chinese indents
_APART = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"))
_LINK = ("http://", "https://", "mailto:", "tel:")


@dataclass(slots=True)
class _Page:
    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    depth: int = 0  # of quotation
    is_pre: int = 0
    is_cell: bool = False  # the next text begins another cell of the row
    links: list[tuple[str, int]] = field(default_factory=list)

    def write(self, text: str) -> None:
        if self.is_pre:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for each in more:
                self.end()
                self.line.append(each)
            return
        text = _BLANKS.sub(" ", text)
        if text == " " and not self.line:
            return
        if self.is_cell and text.strip():
            self.is_cell = False
            if self.line:
                self.line.append("  ")
        self.line.append(text)

    def end(self) -> None:
        """End the line, blank or not."""
        text = "".join(self.line)
        text = text.rstrip() if self.is_pre else text.strip(" ")
        self.lines.append(("> " * self.depth + text).rstrip())
        self.line.clear()
        self.is_cell = False

    def block(self, is_apart: bool) -> None:
        """Begin a new line, after a blank one where paragraphs do."""
        if any(each.strip() for each in self.line):
            self.end()
        self.line.clear()
        self.is_cell = False
        if is_apart and self.lines and self.lines[-1].strip("> "):
            self.lines.append((">" + " >" * (self.depth - 1)) if self.depth else "")

    def link(self, address: str) -> None:
        self.links.append((address.strip(), len(self.line)))

    def end_link(self) -> None:
        """Write a link's address behind its words, unless they are the address."""
        if not self.links:
            return
        address, start = self.links.pop()
        words = "".join(self.line[start:]).strip()
        bare = address.partition(":")[2].strip("/")
        if address.lower().startswith(_LINK) and words and bare and bare not in words and words not in address:
            self.line.append(f" <{address}>")


def text_of(tokens: Iterable[Token]) -> str:
    """Return the text of markup, in lines as it is seen."""
    page = _Page()
    for token in tokens:
        match token:
            case Text():
                page.write(token.text)
            case Open():
                _open(page, token)
            case Close():
                _close(page, token.name)
    page.block(False)
    return "\n".join(page.lines).strip("\n")


def _open(page: _Page, token: Open) -> None:
    match token.name:
        case "br":
            page.end()
        case "hr":
            page.block(False)
            page.write("-" * 20)
            page.end()
        case "td" | "th":
            page.is_cell = True
        case "img":
            page.write(f"[{alt}]" if (alt := token.attributes.get("alt", "").strip()[:200]) else "")
        case "a":
            page.link(token.attributes.get("href", ""))
        case name if name in BLOCKS:
            page.block(name in _APART)
            page.depth += name == "blockquote"
            page.is_pre += name == "pre"
            if name == "li":
                page.write("- ")


def _close(page: _Page, name: str) -> None:
    if name == "a":
        page.end_link()
    elif name in BLOCKS and name not in ("td", "th"):
        page.block(False)
        page.depth -= name == "blockquote"
        page.is_pre -= name == "pre"
        page.block(name in _APART)
