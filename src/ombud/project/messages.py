"""Translations of the interface without GNU gettext: collect from sources, merge, compile."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path

import polib

from ombud.project.catalogues import (
    TRADITIONAL,
    belongs,
    catalogues,
    compile_catalogues,
    from_simplified,
    is_translated,
    name_of,
    new_catalogue,
    take_words,
)

KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def run(arguments: Sequence[str]) -> int:
    """Collect, merge and compile; exit 1 with --check where a translation is missing."""
    parser = argparse.ArgumentParser(prog="ombud messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; list what is not translated")
    parser.add_argument("--add", metavar="TAG", help="begin the catalogue of a further language, such as it or pt-BR")
    options = parser.parse_args(arguments)
    from django.conf import settings

    if options.add:
        new_catalogue(settings.LOCALE_PATHS[0], options.add)
    missing, marked = 0, collect(settings.PACKAGE)
    for folder in settings.LOCALE_PATHS:
        for file in catalogues(folder):
            catalogue = merge_catalogue(file, marked)
            untranslated = [entry for entry in catalogue if not is_translated(entry) and not entry.obsolete]
            for entry in untranslated:
                place = ":".join(entry.occurrences[0]) if entry.occurrences else "?"
                print(f"{file.parent.parent.name}: not translated: {entry.msgid!r} ({place})")
            missing += len(untranslated)
            if not options.check:
                catalogue.save()
    if not options.check:
        compile_catalogues(settings.LOCALE_PATHS)
    return 1 if options.check and missing else 0


def collect(package: Path) -> list[polib.POEntry]:
    """Return every message marked in the package's modules and templates, with its places."""
    found: dict[tuple[str | None, str], polib.POEntry] = {}
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.html"), *package.rglob("*.txt")]):
        if "migrations" in path.parts:
            continue
        name = str(path.relative_to(package.parent))
        for context, message, plural in _marked(path):
            entry = found.setdefault((context, message), polib.POEntry(msgid=message, msgctxt=context))
            if plural:
                entry.msgid_plural = plural
            # The file alone: a line number would change the catalogue with every edit of the source.
            if (name, "") not in entry.occurrences:
                entry.occurrences.append((name, ""))
            if "python-format" not in entry.flags and "%(" in message:
                entry.flags.append("python-format")
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0] or ""))]


def merge_catalogue(file: Path, entries: Iterable[polib.POEntry]) -> polib.POFile:
    """Return the catalogue with exactly those of these messages that belong into it, and the words that it has.

    Traditional Chinese is written from the simplified, except where a comment says why an entry differs.
    """
    catalogue = polib.pofile(str(file), wrapwidth=110)
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    source = (
        {(entry.msgctxt, entry.msgid): entry for entry in from_simplified(file)} if name_of(file) == TRADITIONAL else {}
    )
    catalogue.clear()
    for each in entries:
        if not belongs(each, file):
            continue
        entry = copy(each)
        old = known.get((entry.msgctxt, entry.msgid))
        if old is None or not old.tcomment:
            old = source.get((entry.msgctxt, entry.msgid), old)
        take_words(entry, old, catalogue)
        catalogue.append(entry)
    return catalogue


def _marked(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    """Yield (context, message, plural) for every marked string of one file."""
    from babel.messages.extract import extract

    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        # Django turns a template into calls of gettext amid filler; indentation means nothing there,
        # but Python's tokenizer would stumble over it.
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)
    elif "gettext" not in source:
        return
    for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        if isinstance(message, tuple):
            yield context, message[0], message[1]
        elif message:
            yield context, message, None
