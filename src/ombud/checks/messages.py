"""The words of the findings in every language, from messages.yaml; values are filled in per language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ombud import texts
from ombud.texts import Catalogue, Text, filled

WORDS = Catalogue("ombud.checks", "messages.yaml")  # entry -> part -> language -> words with {placeholders}


def say(entry: str, part: str, values: Mapping[str, object]) -> Text:
    """Return the words of one part of an entry, or nothing if the entry has no such part; lists are joined."""
    words = WORDS.entry(entry).get(part)
    return filled(words, {key: _in_a_row(value) for key, value in values.items()}) if words is not None else {}


def phrase(entry: str, **values: object) -> Text:
    """Return a piece of a sentence from the `phrases` part of the catalogue."""
    return say("phrases", entry, values)


def _in_a_row(value: object) -> object:
    return joined(value, "comma") if isinstance(value, Sequence) and not isinstance(value, str) else value


def joined(parts: Sequence[Text | str], by: str) -> Text:
    """Return the texts joined by a phrase of the catalogue (`arrow`, `and`, `comma`)."""
    return texts.joined(parts, WORDS.entry("phrases", by))
