"""The languages that pages come in: English, and whatever has a catalogue. The settings read it, so it reads none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from babel import Locale
from django.conf.locale import LANG_INFO

#: In which the staff's pages come. Other readers of theirs get the nearest of these.
DESK = ("zh-hans", "en")
_FIRST = ("zh-hans", "zh-hant", "en")  # in lists, before all others


def languages(folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Return code and own name of every language that has a catalogue below the folders, and of English."""
    # A checkout has them as .po files and compiles them, a wheel compiled alone.
    found = {file.parent.parent.name for folder in folders for file in folder.glob("*/LC_MESSAGES/django.[pm]o")}
    codes = {name.replace("_", "-").lower() for name in found} | {"en"}
    return [(code, _own_name(code)) for code in sorted(codes, key=_rank)]


def _rank(code: str) -> tuple[int, str]:
    return (_FIRST.index(code), "") if code in _FIRST else (len(_FIRST), code)


def _own_name(code: str) -> str:
    """Return what a language calls itself."""
    known = LANG_INFO.get(code, {}).get("name_local")
    return str(known or Locale.parse(code, sep="-").get_display_name())
