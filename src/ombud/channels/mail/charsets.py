"""Bytes become text: by the charset that is declared where that holds, else by the letters that they would make."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml

SAMPLE = 20_000  # bytes from which a charset is guessed
# What mail calls a charset and what is really sent under that name: supersets, as every browser reads them.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs", "euc_kr": "cp949",
    "shift_jis": "cp932", "iso8859-1": "cp1252", "ascii": "", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "iso2022_jp": "iso2022_jp_ext",
}  # fmt: skip
_OTHER_NAMES = {
    "gb_2312-80": "gb18030", "gb": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "x-sjis": "cp932",
    "x-windows-949": "cp949", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf_7", "cp-850": "cp850", "x-big5": "big5hkscs", "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext",
}  # fmt: skip
# Of Python's codecs those that are charsets; some of the others take time that grows with the square of a text.
_CHARSET = re.compile(
    r"ascii|utf-(?:7|8|8-sig|16|16-[bl]e|32|32-[bl]e)|gb2312|gbk|gb18030|hz|big5(?:hkscs)?|cp\d{3,5}|iso8859-\d{1,2}|"
    r"koi8-[rut]|kz1048|euc_(?:jp|kr|jis_2004|jisx0213)|shift_jis\w*|iso2022_\w+|mac-\w+|johab|tis-620|ptcp154|hp-roman8"
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$)C")
_HIGH = re.compile(rb"[\x80-\xff]")
_ASCII = re.compile(r"[\x00-\x7f]+")
_APART = re.compile(r"(?<![a-zA-Z])[^\x00-\x7f](?![a-zA-Z])")  # a letter of another script, where it may stand
_SURE, _NEARLY_ALL = 0.2, 0.8  # share of its own letters from which a reading is believed
_TWO_BYTES = frozenset(("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"))


def decode(content: bytes, declared: str = "", hint: str = "") -> str:
    """Return the text; what no charset explains stands as U+FFFD. `hint` is what the rest of the mail speaks."""
    if content.isascii() and b"\x1b" not in content and not _is_wide(declared):
        return content.decode("ascii")
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    named = known(declared)
    if _is_wide(declared) or (
        # Much is sent as Latin-1 or UTF-8 that is not: there the bytes have the last word.
        named not in ("", "utf-8", "cp1252") and not _is_utf8(content) and not _is_wrong(content, named)
    ):
        return content.decode(named, "replace")
    return content.decode(guess(content, known(hint), named), "replace")


@lru_cache(maxsize=256)
def known(name: str) -> str:
    """Return Python's name of the widest charset that is meant by a name, "" where it is none."""
    name = name.strip().strip("\"'").lower()[:40]
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(found, found) if _CHARSET.fullmatch(found) else ""


def guess(content: bytes, hint: str = "", declared: str = "") -> str:
    """Return the charset that makes most sense of the bytes; of two alike the hinted one."""
    if any(mark in content for mark in _ESCAPES):
        return "iso2022_kr" if _ESCAPES[-1] in content else "iso2022_jp_ext"
    if content.count(b"\0") * 5 > len(content):
        return "utf-16-be" if content[::2].count(0) > content[1::2].count(0) else "utf-16-le"
    if _is_utf8(content):
        return "utf-8"
    sample = content[:SAMPLE]
    shares = [(_share(sample, name, letters), name) for name, letters in _readings()]
    best, name = max(shares, key=lambda each: each[0])
    likely = dict((name, share) for share, name in shares)
    for preferred in (hint, declared):
        if preferred and likely.get(preferred, 0.0) >= min(best, _SURE):
            return preferred
    if best >= _SURE:
        return name
    # A word or two of rare letters, or signs alone.
    for preferred in (declared, hint):
        if preferred and not _is_wrong(content, preferred):
            return preferred
    return "gb18030" if _is_han(sample) else name  # the company's own Chinese is likelier than a line of signs


def _is_wide(name: str) -> bool:
    return known(name).startswith(("utf-16", "utf-32", "utf-7", "hz"))


def _is_utf8(content: bytes) -> bool:
    """Return whether the bytes are UTF-8, but for a character cut off at the end: other texts hardly ever are."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError as error:
        # One slip in a long text is a slip.
        return error.start > 200 and len(_HIGH.findall(content[: error.start])) > 20
    return True


def _is_wrong(content: bytes, name: str) -> bool:
    """Return whether many of the bytes are no text in that charset."""
    try:
        content.decode(name)
    except UnicodeError:
        return content[:SAMPLE].decode(name, "replace").count("\ufffd") * 50 > len(content[:SAMPLE])
    return False


def _is_han(content: bytes) -> bool:
    text = content.decode("gb18030", "replace")
    return all("\u4e00" <= letter <= "\u9fff" for letter in text if letter > "\x7f")


def _share(content: bytes, name: str, reading: _Reading) -> float:
    """Return how much of what is not ASCII is letters that such a text would have."""
    text = codecs.getincrementaldecoder(name)("replace").decode(content)
    beyond = _ASCII.sub("", text)
    standing = beyond if reading.is_wide or reading.is_latin else _APART.findall(text)
    share = sum(map(reading.letters.__contains__, standing)) / len(beyond) if beyond else 0.0
    # Two bytes that make one letter of a few thousand are hardly chance; one byte of a hundred is.
    return share if reading.is_wide or share > _NEARLY_ALL else share / 4


@dataclass(frozen=True, slots=True)
class _Reading:
    letters: frozenset[str]
    is_latin: bool  # letters that stand beside those of ASCII in one word
    is_wide: bool  # letters of two bytes


@cache
def _readings() -> tuple[tuple[str, _Reading], ...]:
    source = files("ombud.channels.mail").joinpath("charsets.yaml").read_text("utf-8")
    return tuple(
        (name, _Reading(frozenset("".join(entry["letters"].split())), "latin" in entry, name in _TWO_BYTES))
        for entry in yaml.safe_load(source)
        for name in entry["encodings"]
    )
