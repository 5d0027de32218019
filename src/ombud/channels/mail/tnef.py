"""winmail.dat taken apart: what Outlook packs a mail's text and files into (MS-OXTNEF)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as StructError
from struct import unpack_from

from ombud.channels.mail import charsets
from ombud.channels.mail.model import MailFile
from ombud.policy.plain_text import plain

_SIGNATURE = 0x223E9F78
_TEXT, _PROPERTIES, _CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
_FILE_BEGINS, _FILE_NAME, _FILE_CONTENT, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_HTML, _BODY, _LONG_NAME, _CONTENT, _TYPE, _CONTENT_ID = 0x1013, 0x1000, 0x3707, 0x3701, 0x370E, 0x3712
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_OBJECT, _STRING, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_MOST = 5_000  # attributes, and properties of one


class NotTnef(Exception):
    """The bytes are no winmail.dat, or nothing of it can be read."""


@dataclass(slots=True)
class Packed:
    """What was inside; the texts are None where it holds none."""

    text: str | None = None
    html: str | None = None
    files: list[MailFile] = field(default_factory=list)


def unpack(raw: bytes) -> Packed:
    """Return what a winmail.dat holds, as far as it is whole. Raises NotTnef."""
    if len(raw) < 6 or unpack_from("<I", raw)[0] != _SIGNATURE:
        raise NotTnef
    packed, page = Packed(), "cp1252"
    files: list[dict[str, bytes | str]] = []
    try:
        for name, content in _attributes(raw):
            if name == _CODE_PAGE and len(content) >= 4:
                page = charsets.known(f"cp{unpack_from('<I', content)[0]}") or page
            elif name == _TEXT:
                packed.text = _string(content, page)
            elif name == _PROPERTIES:
                _take_text(packed, dict(_properties(content)), page)
            elif name == _FILE_BEGINS:
                files.append({})
            elif name in (_FILE_NAME, _FILE_CONTENT, _FILE_PROPERTIES) and files:
                _take_file(files[-1], name, content, page)
    except (StructError, IndexError):
        if not (packed.text or packed.html or any("content" in each for each in files)):
            raise NotTnef from None
    packed.files = [
        MailFile(_text(each, "name"), inside, _text(each, "type"), _text(each, "id"))
        for each in files
        if isinstance(inside := each.get("content"), bytes)
    ]
    if not (packed.files or packed.text or packed.html):
        raise NotTnef
    return packed


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes: level, name, length, bytes, checksum. The last one may be cut off."""
    at = 6
    for _ in range(_MOST):
        if at + 9 > len(raw):
            return
        name, length = unpack_from("<II", raw, at + 1)
        yield name, raw[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _take_text(packed: Packed, properties: dict[int, tuple[int, bytes]], page: str) -> None:
    if _HTML in properties:
        packed.html = _value(properties[_HTML], page)
    if _BODY in properties and packed.text is None:
        packed.text = _value(properties[_BODY], page)


def _take_file(file: dict[str, bytes | str], name: int, content: bytes, page: str) -> None:
    if name == _FILE_NAME:
        file.setdefault("name", _base(_string(content, page)))
        return
    if name == _FILE_CONTENT:
        file["content"] = content
        return
    properties = dict(_properties(content))
    if _LONG_NAME in properties:
        file["name"] = _base(_value(properties[_LONG_NAME], page))
    if _TYPE in properties:
        file["type"] = _value(properties[_TYPE], page)
    if _CONTENT_ID in properties:
        file["id"] = _value(properties[_CONTENT_ID], page).strip("<>")
    if _CONTENT in properties and "content" not in file:
        kind, value = properties[_CONTENT]
        file["content"] = value[16:] if kind == _OBJECT else value  # an object stands behind the name of its interface


def _properties(content: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield properties (MAPI): name, type, bytes of the first value."""
    count, at = unpack_from("<I", content)[0], 4
    for _ in range(min(count, _MOST)):
        kind, name = unpack_from("<HH", content, at)
        at += 4
        if name >= 0x8000:  # it has a name of its own beside
            by_text, length = unpack_from("<II", content, at + 16)
            at += 24 + (_padded(length) if by_text else 0)
        kind, is_many = kind & 0xEFFF, bool(kind & 0x1000)
        times = 1
        if is_many or kind in (_OBJECT, _STRING, _UNICODE, _BINARY):
            times = unpack_from("<I", content, at)[0]
            at += 4
        value = b""
        for number in range(min(times, _MOST)):
            length = _SIZES.get(kind, 0)
            if not length:
                length = unpack_from("<I", content, at)[0]
                at += 4
            value = content[at : at + length] if number == 0 else value
            at += _padded(length)
        yield name, (kind, value)


def _value(typed: tuple[int, bytes], page: str) -> str:
    kind, value = typed
    return value.decode("utf-16-le", "replace").rstrip("\0") if kind == _UNICODE else _string(value, page)


def _string(value: bytes, page: str) -> str:
    return charsets.decode(value.rstrip(b"\0"), page)


def _text(file: dict[str, bytes | str], name: str) -> str:
    return plain(str(file.get(name, "")))


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2][:200]


def _padded(length: int) -> int:
    return length + -length % 4
