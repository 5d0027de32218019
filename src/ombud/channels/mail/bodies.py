"""What of a mail's parts is to be read, and what came along as files."""

from __future__ import annotations

import re
from binascii import Error, a2b_qp, a2b_uu
from dataclasses import dataclass, field
from html import escape

from ombud.channels.mail import charsets, sanitising, tnef
from ombud.channels.mail.flowed import unflowed
from ombud.channels.mail.headers import decoded, from_base64, parameter, parameters, read_headers
from ombud.channels.mail.html_text import text_of
from ombud.channels.mail.markup import MOST, read_markup
from ombud.channels.mail.model import MailFile
from ombud.channels.mail.parts import Part
from ombud.policy.plain_text import storable

LARGEST = 1_000_000  # characters of a text; a longer one is kept as a file beside
MOST_TAGS = MOST // 2  # of a page, each with a text behind it; likewise
_ENCRYPTED = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")

_CHARSET = re.compile(rb"charset\s*+=\s*+[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(slots=True)
class _Piece:
    """One text of the mail, in the ways in which it is there."""

    plain: str | None = None
    html: str | None = None  # as sent


@dataclass(slots=True)
class Body:
    """The mail's text in both ways, and its files."""

    text: str = ""
    html: str = ""
    files: list[MailFile] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)
    hint: str = ""


def read_body(root: Part, hint: str) -> Body:
    """Return what a mail says and carries; `hint` is the charset that its headers speak."""
    body = Body(hint=hint)
    pieces = [each for each in _pieces(root, body, is_whole=True) if each.plain is not None or each.html is not None]
    texts, pages = [], []
    for piece in pieces:
        tokens = list(read_markup(piece.html)) if piece.html is not None else []
        has_plain = bool(piece.plain and piece.plain.strip())
        texts.append(piece.plain or "" if has_plain else text_of(tokens))
        pages.append(sanitising.sanitised(tokens) if tokens else f"<pre>{escape(piece.plain or '', quote=False)}</pre>")
    body.text = storable("\n\n".join(text.strip("\n") for text in texts if text.strip()))
    if any(piece.html is not None for piece in pieces):
        body.html = storable("\n".join(pages))
    return body


def content(part: Part) -> bytes:
    """Return a part's bytes, decoded from transport as far as it says how."""
    coding = part.headers.raw("content-transfer-encoding").lower()
    if b"base64" in coding:
        return from_base64(part.body)
    if b"quoted" in coding:
        return a2b_qp(part.body)
    return _uudecoded(part.body) if b"uu" in coding else part.body


def _pieces(part: Part, body: Body, *, is_whole: bool = False) -> list[_Piece]:
    """Return the texts of a part in order; what is none goes to the body's files."""
    if part.kind == "multipart/alternative":
        return [_one_of([each for child in part.children for each in _pieces(child, body)], body)]
    if part.children:
        return [each for child in part.children for each in _pieces(child, body)]
    disposition, settings = parameters(part.headers.raw("content-disposition"))
    name = _file_name(part, settings, body.hint)
    # A mail that is one text may call it an attachment, or give it a name; both, and it is a file.
    is_attached, is_named = disposition.lower().strip() == "attachment", bool(name)
    is_file = is_attached and is_named if is_whole else is_attached or is_named
    if part.kind in ("text/plain", "text/html") and not is_file:
        return [_text(part, body)]
    if part.kind in _TNEF or name.lower() == "winmail.dat":
        return _unpacked(part, name, body)
    if part.kind in _ENCRYPTED:
        body.defects["encrypted"] = None
    body.files.append(_file(part, name, body.hint))
    return []


def _one_of(pieces: list[_Piece], body: Body) -> _Piece:
    """Return one piece of several that say the same: the first plain text and the last HTML."""
    plain = [each.plain for each in pieces if each.plain is not None]
    pages = [each.html for each in pieces if each.html is not None]
    # Said again, or said otherwise: whoever doubts can look.
    body.files.extend(MailFile("", each.encode(), "text/plain", "") for each in plain[1:] if each.strip())
    body.files.extend(MailFile("", each.encode(), "text/html", "") for each in pages[:-1] if each.strip())
    return _Piece(plain[0] if plain else None, pages[-1] if pages else None)


def _text(part: Part, body: Body) -> _Piece:
    raw = content(part)
    declared = parameter(part.settings, "charset")
    is_html = part.kind == "text/html"
    if is_html and not charsets.known(declared):
        declared = _declared_inside(raw)
    text = charsets.decode(raw, declared, body.hint).replace("\r\n", "\n").replace("\r", "\n")
    if "\ufffd" in text or (declared and not raw.isascii() and not charsets.known(declared)):
        body.defects["charset"] = None
    largest = sanitising.LARGEST if is_html else LARGEST
    if len(text) > largest or (is_html and text.count("<") > MOST_TAGS):
        body.defects["too-long"] = None
        body.files.append(MailFile("", raw, part.kind, ""))
        text = text[:largest]
    if is_html:
        return _Piece(html=text)
    if parameter(part.settings, "format").lower() == "flowed":
        text = unflowed(text, is_deleting=parameter(part.settings, "delsp").lower() == "yes")
    return _Piece(plain=text)


def _declared_inside(raw: bytes) -> str:
    """Return the charset that a page names in itself."""
    found = _CHARSET.search(raw[:4096])
    return found[1].decode("ascii") if found else ""


def _file(part: Part, name: str, hint: str) -> MailFile:
    raw = content(part)
    if part.kind == "message/rfc822" and not name:
        subject = read_headers(raw, 0, len(raw))[0].text("subject", hint)
        name = f"{_bare(subject)[:100]}.eml"
    identity = decoded(part.headers.raw("content-id")).strip("<> ")
    return MailFile(name, raw, part.kind, identity[:500])


def _file_name(part: Part, settings: dict[str, str], hint: str) -> str:
    """Return the name under which a part was sent, without folders."""
    name = parameter(settings, "filename", hint) or parameter(part.settings, "name", hint)
    return _bare(name.replace("\\", "/").rstrip("/").rpartition("/")[2])


def _bare(name: str) -> str:
    name = name.replace("/", "-").strip()
    return name if len(name) <= 200 else name[:150] + name[-50:]  # its ending says what it is


def _unpacked(part: Part, name: str, body: Body) -> list[_Piece]:
    """Return the text of a winmail.dat, its files among the body's; as it is where it cannot be unpacked."""
    raw = content(part)
    try:
        packed = tnef.unpack(raw)
    except tnef.NotTnef:
        body.defects["winmail"] = None
        body.files.append(MailFile(name, raw, part.kind, ""))
        return []
    body.files.extend(packed.files)
    return [_Piece(packed.text, packed.html)] if packed.text or packed.html else []


def _uudecoded(raw: bytes) -> bytes:
    """Return what the lines between `begin` and `end` stand for; a line that is none stands for nothing."""
    return b"".join(_uu_line(line) for line in raw.splitlines() if not line.startswith(b"begin "))


def _uu_line(line: bytes) -> bytes:
    if not line or line.strip() in (b"end", b"`"):
        return b""
    length = ((line[0] - 32) & 63) * 4
    try:
        return a2b_uu(line[: (length + 5) // 3 + 1])  # some programs write more than the length at its beginning says
    except Error:
        return b""
