"""The words of a comparison, from words.yaml."""

from __future__ import annotations

from collections.abc import Sequence

from ombud.texts import Catalogue, Text, joined

WORDS = Catalogue("ombud.policy.compare", "words.yaml")


def say(section: str, key: str, **values: Text | str) -> Text:
    """Return the words for a key, filled in by language; KeyError for one that the catalogue lacks."""
    return WORDS.say(section, key, **values)


def value(key: str, **values: Text | str) -> Text:
    return say("values", key, **values)


def listed(parts: Sequence[Text], between: str = "comma") -> Text:
    """Return the texts in a row; "none" for none of them."""
    return joined(parts, WORDS.entry("values", between)) if parts else value("none")
