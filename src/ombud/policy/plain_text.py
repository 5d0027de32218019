"""Text as the register keeps it: composed, without what nobody sees and what turns the text around it about."""

from __future__ import annotations

import re
import unicodedata

# What no database keeps: NUL, halves of surrogate pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# Dropped wherever they stand:
_DROPPED = re.compile(
    "["
    "\x01-\x08\x0e-\x1b\x1f\x7f-\x9f"  # control characters
    "\u202a-\u202e\u2066-\u2069"  # directions: what is shown is isolated as a whole, so that none is needed
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # breaks, joints and marks of no width
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # notes and tags in the text that no reader is shown
    "]"
)
_SPACES = re.compile(r"[\t\n]+")
_JOINERS = "\u200c\u200d"  # of no width, but Persian, Indic scripts and emoji are spelt with them
_MARKS = "\u061c\u200e\u200f"  # of direction, which numbers in Arabic and Hebrew need
_EMPTY = "\u034f\u115f\u1160\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))  # shown as nothing
_AROUND = re.compile(rf"\A[\s{_JOINERS}{_MARKS}{_EMPTY}]+|[\s{_MARKS}\u2800\u3164\uffa0]+\Z")
_SEEN = re.compile(rf"[^\s{_JOINERS}{_MARKS}{_EMPTY}]")


def storable(text: str) -> str:
    """Return the text without what no database keeps."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text


def plain(text: str, *, lines: bool = False) -> str:
    """Return the text as it is kept; empty where nothing of it can be seen. What is plain already stays as it is.

    Canonical composition (NFC), never NFKC: that would respell names. With `lines` its lines stay, else it is one.
    """
    if text.isascii() and text.isprintable():  # nearly everything that programs send
        return text.strip()
    text = _BREAKS.sub("\n", storable(text))
    text = unicodedata.normalize("NFC", _DROPPED.sub("", text))
    if not lines:
        text = _SPACES.sub(" ", text)
    return _AROUND.sub("", text) if _SEEN.search(text) else ""
