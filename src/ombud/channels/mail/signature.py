"""What stands below every mail of ours: who writes, by name and address."""

from __future__ import annotations

from collections.abc import Sequence

MARK = "-- "  # by which mail programs know that a signature follows


def signed(text: str, signature: Sequence[str]) -> str:
    """Return a plain text with the signature below it."""
    return "\n".join([text, "", MARK, *signature]) if signature else text
