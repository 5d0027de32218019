"""The fonts that papers are set in: those that were installed with the program, then the machine's own."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec

import typst
from fontTools.ttLib import TTFont

from ombud.papers.errors import MissingFont
from ombud.texts import base_of

#: Python packages that hold nothing but fonts.
PACKAGES = ("fontpkg_noto_sans", "fontpkg_ibm_plex_sans_arabic", "noto_cjk_sans_otc")

# Of the Arabic ones a font whose letters are whole: one that sets dots apart reads back as another text.
LATIN, ARABIC, CHINESE = "Noto Sans", "IBM Plex Sans Arabic", "Noto Sans CJK SC"
# The same character is written otherwise in each of these.
_REGIONS: Mapping[str, str] = {
    "zh-hant": "Noto Sans CJK TC",
    "zh-tw": "Noto Sans CJK TC",
    "zh-hk": "Noto Sans CJK HK",
    "zh-mo": "Noto Sans CJK HK",
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
}
_CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")
# What an installation must be able to write, and a few letters of each.
SCRIPTS: Mapping[str, str] = {
    "Latin": "A\u00e9\u00df\u00f1\u0153",
    "Chinese": "\u6295\u8bc9\u8a34",
    "Japanese": "\u3042\u30ab",
    "Arabic": "\u0634\u0643\u0648\u0649",
}


def families(language: str) -> list[str]:
    """Return the families that a paper in this language is set in, the first that has a letter first."""
    tag, base = language.lower(), base_of(language)
    chinese = next((_REGIONS[key] for key in _REGIONS if tag.startswith(key)), CHINESE)
    if base in ("zh", "ja", "ko"):  # their quotation marks and dashes are wider than Latin ones
        return [chinese, LATIN, ARABIC]
    return [ARABIC, LATIN, chinese] if base == "ar" else [LATIN, chinese, ARABIC]


def folders() -> list[str]:
    """Return the folders of the fonts that were installed with the program."""
    found = [find_spec(name) for name in PACKAGES]
    return [folder for spec in found if spec is not None for folder in spec.submodule_search_locations or ()]


def ready(text: str, *, is_lenient: bool = False) -> str:
    """Return the text as it can be set: nothing in it would become an empty box.

    A sign without a glyph, such as an emoji, is named by its number. Raises MissingFont where letters lack one, unless
    `is_lenient`: then they are named so, too.
    """
    lacking = {char for char in set(text) if not _is_blank(char) and not _has_glyph(char)}
    letters = {char for char in lacking if unicodedata.category(char)[0] in "LMN"}
    if letters and not is_lenient:
        raise MissingFont(map(_script, letters), map(_package, letters))
    changed: dict[int, str | None] = {ord(char): f"[U+{ord(char):04X}]" for char in lacking}
    changed |= {ord(char): None for char in set(text) if unicodedata.category(char) == "Cc" and char not in "\n\t"}
    return text.translate(changed)


def missing_scripts() -> list[str]:
    """Return the scripts of SCRIPTS that no font here has."""
    return [name for name, letters in SCRIPTS.items() if not all(map(_has_glyph, letters))]


def package_for(script: str) -> str:
    """Return the Debian package that has the script."""
    return _package(SCRIPTS[script][-1])


@lru_cache(maxsize=1)
def _files() -> tuple[tuple[str, int], ...]:
    """Return (file, number in it) of every font, those that papers are set in first."""
    known = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=folders()).fonts()
    first = {  # Of the Arabic ones a font whose letters are whole: one that sets dots apart reads back as another text.
        LATIN,
        ARABIC,
        CHINESE,
    }
    files = {(font.path, font.index): font.family not in first for font in known if font.path}
    return tuple(sorted(files, key=lambda each: files[each]))


class _Glyphs:
    """The characters that the fonts have. Most are in the first ones: the others are read when something is missing."""

    def __init__(self) -> None:
        self._known: set[int] = set()  # of all fonts together: each on its own would fill the memory
        self._unread = list(reversed(_files()))
        self._lock = threading.Lock()

    def __contains__(self, char: str) -> bool:
        if ord(char) not in self._known:
            with self._lock:
                while self._unread and ord(char) not in self._known:
                    self._known.update(_read(*self._unread.pop()))
        return ord(char) in self._known


_glyphs = lru_cache(maxsize=1)(_Glyphs)


def _read(path: str, number: int) -> Iterable[int]:
    """Return the characters that a font has."""
    with TTFont(path, fontNumber=number, lazy=True) as font:
        # Glyphs have names, which the program would look up for each character: nobody asks for them here.
        font.setGlyphOrder([""] * font["maxp"].numGlyphs)
        return font.getBestCmap() or ()


@lru_cache(maxsize=20_000)
def _has_glyph(char: str) -> bool:
    return char in _glyphs()


def _is_blank(char: str) -> bool:
    """Return whether nothing is drawn for the character: spaces, marks of direction, joiners, selectors."""
    return unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cf", "Cc") or "VARIATION SELECTOR" in _name(char)


def _name(char: str) -> str:
    return unicodedata.name(char, "")


def _script(char: str) -> str:
    first = _name(char).partition(" ")[0]
    return "Chinese" if first == "CJK" else first.title()


def _package(char: str) -> str:
    return "fonts-noto-cjk" if _name(char).startswith(_CJK) else "fonts-noto-core"


def run(arguments: Sequence[str]) -> int:
    """Say which scripts papers can be set in, and what to install for the others; 1 where one is missing."""
    lacking = missing_scripts()
    for script in SCRIPTS:
        print(f"{script}: {f'missing, install {package_for(script)}' if script in lacking else 'ok'}")
    return 1 if lacking else 0
