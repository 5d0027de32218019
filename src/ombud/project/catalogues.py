"""The catalogues below locale/: which messages each holds, what stands for those that it lacks, and compiling them.

English is the source. Simplified Chinese has everything; every other language has what complainants read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from gettext import c2py  # what gettext itself reads plural rules with
from pathlib import Path
from uuid import uuid4

import polib
from babel import Locale
from babel.messages.plurals import get_plural
from opencc import OpenCC

WHOLE, TRADITIONAL = "zh_Hans", "zh_Hant"

#: What complainants read: files below src, or how their names begin.
PORTAL = (
    "ombud/portal/",
    "ombud/interface/",
    "ombud/project/templates/4",
    "ombud/project/templates/5",
    "ombud/project/front_answers.py",
    "ombud/channels/intake.py",
    "ombud/notices/reading.py",
    "ombud/cases/messages.py",
    "ombud/cases/switches.py",
    "ombud/cases/reading/case.py",
    "ombud/cases/reading/titles.py",
)


def catalogues(folder: Path) -> list[Path]:
    """Return the .po files below a locale folder."""
    return sorted(folder.glob("*/LC_MESSAGES/*.po"))


def name_of(file: Path) -> str:
    """Return the folder that a catalogue's language is called by, such as zh_Hans."""
    return file.parent.parent.name


def belongs(entry: polib.POEntry, file: Path) -> bool:
    """Return whether a catalogue holds a message: all of them hold what complainants read, one holds everything."""
    return name_of(file) == WHOLE or any(place.startswith(PORTAL) for place, _line in entry.occurrences)


def is_translated(entry: polib.POEntry) -> bool:
    """Return whether every form of the message has words, and nobody doubts them."""
    words = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return bool(words) and all(words) and not entry.fuzzy


def take_words(entry: polib.POEntry, old: polib.POEntry | None, catalogue: polib.POFile) -> None:
    """Give a message the words that it had, and as many forms as the language of its catalogue needs."""
    if old is not None:
        entry.msgstr, entry.tcomment = old.msgstr, old.tcomment
    if entry.msgid_plural:
        known = (old.msgstr_plural or {0: old.msgstr}) if old is not None else {}
        entry.msgstr_plural = {n: known.get(n, "") for n in range(plurals(catalogue)[0])}


def plurals(catalogue: polib.POFile) -> tuple[int, Callable[[int], int]]:
    """Return how many forms the language of a catalogue has, and which of them a number takes."""
    declared = catalogue.metadata.get("Plural-Forms", "nplurals=1; plural=0;")
    count, rule = re.fullmatch(r"nplurals=(\d+); plural=(.+?);?", declared).groups()  # type: ignore[union-attr]  # ours
    return int(count), c2py(rule)


def from_simplified(file: Path) -> list[polib.POEntry]:
    """Return the messages of simplified Chinese in traditional characters, with the words usual in Taiwan."""
    convert = OpenCC("s2twp").convert
    found = []
    for each in polib.pofile(str(_whole(file))):
        entry = copy(each)
        entry.msgstr = convert(each.msgstr)
        entry.msgstr_plural = {n: convert(words) for n, words in each.msgstr_plural.items()}
        found.append(entry)
    return found


def new_catalogue(folder: Path, tag: str) -> Path:
    """Begin the catalogue of a language under its BCP 47 tag and return it; one that is there stays as it is."""
    locale = Locale.parse(tag, sep="-")
    file = folder / str(locale) / "LC_MESSAGES" / "django.po"
    if not file.exists():
        catalogue, plural = polib.POFile(wrapwidth=110), get_plural(locale)
        catalogue.metadata = {
            "Language": str(locale),
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": f"nplurals={plural.num_plurals}; plural={plural.plural_expr};",
        }
        file.parent.mkdir(parents=True)
        catalogue.save(str(file))
    return file


def compile_catalogues(folders: Iterable[Path]) -> None:
    """Write the .mo file beside every .po file that is newer, or lacks what the whole one gained."""
    for folder in folders:
        for file in catalogues(folder):
            compiled = file.with_suffix(".mo")
            newest = max(each.stat().st_mtime for each in (file, _whole(file)) if each.exists())
            if not compiled.exists() or compiled.stat().st_mtime < newest:
                draft = compiled.with_suffix(f".{uuid4().hex}.new")  # another process may be doing the same
                _completed(file).save_as_mofile(str(draft))
                draft.replace(compiled)


def _completed(file: Path) -> polib.POFile:
    """Return a catalogue in which the English stands for what is not translated.

    Without it gettext would take the words of the installation's own language, which may be one that the reader
    cannot even spell.
    """
    catalogue = polib.pofile(str(file))
    if name_of(file) == WHOLE or not _whole(file).exists():
        return catalogue
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    for each in from_simplified(file) if name_of(file) == TRADITIONAL else polib.pofile(str(_whole(file))):
        entry = known.get((each.msgctxt, each.msgid))
        if entry is None:
            entry = copy(each)
            catalogue.append(entry)
            if name_of(file) != TRADITIONAL:
                entry.msgstr, entry.msgstr_plural = "", {}
        if not is_translated(entry):
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            _say_in_english(entry, catalogue)
    return catalogue


def _say_in_english(entry: polib.POEntry, catalogue: polib.POFile) -> None:
    if not entry.msgid_plural:
        entry.msgstr = entry.msgid
        return
    count, form_of = plurals(catalogue)
    is_singular = {form_of(1)} - {form_of(n) for n in (0, 2, 3, 11, 100)}
    entry.msgstr_plural = {n: entry.msgid if n in is_singular else entry.msgid_plural for n in range(count)}


def _whole(file: Path) -> Path:
    return file.parent.parent.parent / WHOLE / "LC_MESSAGES" / file.name
