"""The engine's own words, in every language, from the data file beside this module."""

from __future__ import annotations

from ombud.texts import Catalogue, Listing, Sentence, Text

WORDS = Catalogue("ombud.engine", "messages.yaml")


def say(key: str, **words: Text | str) -> Text:
    """Return the message in every language, put into words when it is read; a word may itself be a text."""
    return Sentence(WORDS.entry(key), words)


def joined(parts: list[Text]) -> Text:
    """Return the texts as one list in words."""
    return Listing(parts, WORDS.entry("comma"))
