"""The headers of a mail or part: unfolded, with encoded words and raw bytes in whatever charset, broken or not."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes

from ombud.channels.mail import charsets
from ombud.policy.plain_text import plain

LARGEST = 256_000  # bytes of one block of headers
MOST = 2_000  # headers of one block
MOST_ALIKE = 50  # headers of one name that are read
LONGEST = 60_000  # bytes of one header that are read
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_SECTION = re.compile(r"([^*]{1,60})(?:\*(\d{1,3}))?(\*)?")


@dataclass(frozen=True, slots=True)
class Headers:
    """Headers in their order, names in small letters, values as sent but unfolded."""

    fields: tuple[tuple[str, bytes], ...]

    def all(self, name: str) -> Iterator[bytes]:
        """Yield the values of a header, first to last, of very many the first."""
        return islice((value for known, value in self.fields if known == name), MOST_ALIKE)

    def raw(self, name: str) -> bytes:
        """Return the first value that is not blank, else nothing."""
        return next((value for value in self.all(name) if value.strip()), b"")

    def text(self, name: str, hint: str = "") -> str:
        """Return the first value as text in one line."""
        return decoded(self.raw(name), hint)


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int, tuple[str, ...]]:
    """Return the headers between two places, where the body begins, and the codes of what was broken."""
    fields: list[tuple[str, bytearray]] = []
    defects: dict[str, None] = {}
    at, limit = start, min(end, start + LARGEST)
    while at < end:
        if at >= limit or len(fields) > MOST:
            defects["headers-too-long"] = None
            at = _body_after(raw, at, end)
            break
        stop = raw.find(b"\n", at, end)
        stop = end if stop < 0 else stop + 1
        line = raw[at : min(stop, at + LONGEST)].rstrip(b"\r\n")
        if not line or (not line.strip() and not _goes_on(raw, stop, end)):
            at = stop
            break
        name = _NAME.match(line)
        if line[:1] in b" \t" and fields:
            fields[-1][1].extend(line)
        elif name:
            fields.append((name[1].decode("ascii").lower(), bytearray(line[name.end() :])))
        elif fields and _goes_on(raw, stop, end):
            defects["header-broken"] = None
            fields[-1][1].extend(b" " + line)
        elif not (not fields and line.startswith((b"From ", b">From ")) and _goes_on(raw, stop, end)):
            defects["no-blank-line"] = None  # the body follows at once
            break
        at = stop
    return Headers(tuple((name, bytes(value[:LONGEST]).strip()) for name, value in fields)), at, tuple(defects)


def _goes_on(raw: bytes, at: int, end: int) -> bool:
    """Return whether headers follow within a few lines: then what stands between belongs to them."""
    for _ in range(3):
        stop = raw.find(b"\n", at, end)
        line = raw[at : min(end if stop < 0 else stop, at + 200)].rstrip(b"\r")
        if not line:
            return False
        if _NAME.match(line):
            return True
        at = stop + 1 if stop >= 0 else end
    return False


def _body_after(raw: bytes, at: int, end: int) -> int:
    places = [found + len(mark) for mark in (b"\n\n", b"\n\r\n") if (found := raw.find(mark, at, end)) >= 0]
    return min(places, default=end)


def decoded(value: bytes, hint: str = "") -> str:
    """Return a header's value as text in one line; `hint` is the charset that the rest of the mail speaks."""
    pieces: list[tuple[str | None, bytes]] = []
    at = 0
    for begin, stop, charset, content in _words(value):
        between = value[at:begin]
        if between.strip() or not pieces or pieces[-1][0] is None:
            pieces.append((None, between))
        if pieces and pieces[-1][0] == charset:  # a character may be cut in two: joined before it is decoded
            pieces[-1] = (charset, pieces[-1][1] + content)
        else:
            pieces.append((charset, content))
        at = stop
    pieces.append((None, value[at:]))
    return plain("".join(charsets.decode(content, charset or "", hint) for charset, content in pieces))


def charset_hint(value: bytes) -> str:
    """Return the charset of the first encoded word, "" where there is none."""
    return next((charset for _, _, charset, _ in _words(value)), "")


def _words(value: bytes) -> Iterator[tuple[int, int, str, bytes]]:
    """Yield the encoded words (RFC 2047): where they begin and end, charset, bytes. Blanks inside are forgiven."""
    at = value.find(b"=?")
    while at >= 0:
        mark = value.find(b"?", at + 2, at + 80)
        coding = value[mark + 1 : mark + 3].upper() if mark > 0 else b""
        if coding not in (b"B?", b"Q?"):
            at = value.find(b"=?", at + 2)
            continue
        stop = value.find(b"?=", mark + 3)
        if stop < 0:
            return
        content = value[mark + 3 : stop]
        charset = value[at + 2 : mark].partition(b"*")[0].decode("latin-1").strip().lower()
        yield at, stop + 2, charset, from_base64(content) if coding == b"B?" else a2b_qp(content, header=True)
        at = value.find(b"=?", stop + 2)


def parameter(settings: dict[str, str], name: str, hint: str = "") -> str:
    """Return a parameter as text in one line, "" where it is not given."""
    content = settings.get(name, "").encode("latin-1", "replace")
    charset = settings.get(f"{name}*", "")
    return plain(charsets.decode(content, charset, hint)) if charset else decoded(content, hint)


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def from_base64(content: bytes) -> bytes:
    """Return what Base64 stands for, without the characters that are none, and with ends in its midst."""
    clean = content.translate(None, _NOT_BASE64)
    whole = []
    for run in clean.split(b"=") if b"=" in clean.rstrip(b"=") else [clean.rstrip(b"=")]:
        run = run[: len(run) - 1] if len(run) % 4 == 1 else run  # a lone character holds no byte
        whole.append(b64decode(run + b"=" * (-len(run) % 4)))
    return b"".join(whole)


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """Return the value before the first semicolon and its parameters, bytes as Latin-1.

    Sections are joined (RFC 2231); the charset that they name stands beside the parameter, under its name and a star.
    """
    main, *rest = _split(value.decode("latin-1"))
    found: dict[str, str] = {}
    sections: dict[str, dict[int, str]] = {}
    for each in rest:
        name, is_there, content = each.partition("=")
        known = _SECTION.fullmatch(name.strip().lower())
        if not is_there or not known:
            continue
        content = _unquoted(content.strip())
        if known[2] is None and known[3] is None:
            found.setdefault(known[1], content)
        else:
            number = int(known[2] or 0)
            charset, content = _percent(content, number == 0) if known[3] else ("", content)
            sections.setdefault(known[1], {}).setdefault(number, content)
            if charset:
                found[f"{known[1]}*"] = charset
    for name, parts in sections.items():
        found[name] = "".join(content for _, content in sorted(parts.items()))
    return main.strip(), found


def _split(value: str) -> list[str]:
    """Return what semicolons outside quotes part."""
    pieces, start, is_quoted, at = [], 0, False, 0
    while at < len(value):
        letter = value[at]
        if letter == "\\" and is_quoted and value[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        elif letter == '"':
            is_quoted = not is_quoted
        elif letter == ";" and not is_quoted:
            pieces.append(value[start:at])
            start = at + 1
        at += 1
    return [*pieces, value[start:]]


def _unquoted(content: str) -> str:
    if content.startswith('"'):
        content = content[1:-1] if len(content) > 1 and content.endswith('"') else content[1:]
    return content.replace('\\"', '"').replace("\\\\", "\\")


def _percent(content: str, is_first: bool) -> tuple[str, str]:
    """Return the charset that the first section of an extended value names, and its bytes as Latin-1."""
    charset, mark, rest = content.partition("'")
    _, second, text = rest.partition("'")
    if is_first and mark and second:
        return charset.strip().lower(), unquote_to_bytes(text.encode("latin-1")).decode("latin-1")
    return "", unquote_to_bytes(content.encode("latin-1")).decode("latin-1")
