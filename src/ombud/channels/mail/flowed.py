"""Text that a mail program broke into short lines (RFC 3676), put together again."""

from __future__ import annotations


def unflowed(text: str, *, is_deleting: bool) -> str:
    """Return the text with its paragraphs in one line each; `is_deleting`: the blank at a break is not of the text."""
    paragraphs: list[list[str]] = []
    is_open, last = False, 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        kept = bare[:-1] if flows and is_deleting else bare
        if is_open and depth == last and bare != "-- ":
            paragraphs[-1].append(kept)
        else:
            paragraphs.append([">" * depth + " " if depth else "", kept])
        is_open, last = flows, depth
    return "\n".join("".join(paragraph) for paragraph in paragraphs)
