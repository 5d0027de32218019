"""The documentation as tests read it: pages, their headings, links and code blocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md")))

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^)]*\))?)\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of one language, without the indentation of the list that they stand in."""
    return [
        "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
        for indent, found, code in _BLOCK.findall(page.read_text("utf-8"))
        if found == language
    ]


def prose(page: Path) -> str:
    return _BLOCK.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    text = prose(page)
    return _LINK.findall(text) + re.findall(r'<img src="([^"]+)"', text)


def code(page: Path) -> str:
    """Return everything that is set as code: blocks without a language, and words in backticks."""
    inline = re.findall(r"`([^`\n]+)`", prose(page))
    return "\n".join([*blocks(page, ""), *blocks(page, "sh"), *inline])


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
