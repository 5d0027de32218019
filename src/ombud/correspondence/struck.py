"""An original as others than its sender read it: without what opens the complaint, which an answer may quote.

What is kept stays as it came. Marks of the same length stand for the token, in plain text, in quoted-printable also
where a line is broken in it, and in Base64, whose lines are written anew.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode

_BREAK = rb"(?:=\r?\n)?"  # of quoted-printable, anywhere in a line
_HEX = rb"[0-9a-f]" + _BREAK
_TOKEN = re.compile(
    rb"(?:\?|%3F)" + _BREAK + _BREAK.join((b"w", b"a", b"y")) + _BREAK
    + rb"(?:%3D|=3D|=)" + _BREAK
    + rb"(?P<token>(?:" + _HEX + rb"){5,6}-" + _BREAK + rb"(?:" + _HEX + rb"){20})",
    re.IGNORECASE,
)  # fmt: skip
_LINES = re.compile(rb"(?m)^(?:[A-Za-z0-9+/]{40,}\r?\n)*[A-Za-z0-9+/]{4,}={0,2}(?=\r?$)")
DEEPEST = 3  # mails within mails


def without_token(raw: bytes, depth: int = 0) -> bytes:
    """Return the bytes of a mail with marks in the place of each token."""
    marked = _TOKEN.sub(_mark, raw)
    return marked if depth == DEEPEST else _LINES.sub(lambda found: _unpacked(found[0], depth + 1), marked)


def _mark(found: re.Match[bytes]) -> bytes:
    said, begins = found[0], found.start("token") - found.start()
    return said[:begins] + re.sub(rb"(?i)[0-9a-f]", b"x", said[begins:])


def _unpacked(written: bytes, depth: int) -> bytes:
    """Return lines of Base64, written anew where they hold a token."""
    packed = written.replace(b"\r", b"").replace(b"\n", b"")
    if len(packed) % 4:
        return written
    content = b64decode(packed)
    marked = without_token(content, depth)
    if marked == content:
        return written
    width, ending = len(written.split(b"\n", 1)[0].rstrip(b"\r")), b"\r\n" if b"\r\n" in written else b"\n"
    anew = b64encode(marked)
    return ending.join(anew[at : at + width] for at in range(0, len(anew), width))
