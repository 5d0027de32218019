"""The engine's own words, in every language, from the data file beside this module."""

from __future__ import annotations

from ombud import texts
from ombud.texts import Catalogue, Text

WORDS = Catalogue("ombud.engine", "messages.yaml")


def say(key: str, **words: Text | str) -> Text:
    """Return the message in every language; a word may itself be a text."""
    return WORDS.say(key, **words)


def joined(parts: list[Text]) -> Text:
    """Return the texts as one list in words."""
    return texts.joined(parts, WORDS.entry("comma"))
