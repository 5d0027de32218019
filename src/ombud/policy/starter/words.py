"""The words of the starter pack and its questions, from words.yaml."""

from __future__ import annotations

import json
from importlib.resources import files

from ombud.texts import Catalogue, Text, joined

WORDS = Catalogue("ombud.policy.starter", "words.yaml")


def resource(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("ombud.policy.starter").joinpath(name).read_text(encoding="utf-8")


def say(section: str, key: str, **values: Text | str) -> Text:
    """Return an entry in every language, its {placeholders} filled in by language."""
    return WORDS.say(section, key, **values)


def listed(parts: list[Text], between: str = "comma") -> Text:
    """Return the texts in a row."""
    return joined(parts, WORDS.entry("clauses", between))


def quoted(word: str) -> str:
    """Return words as YAML reads them back, without quotes where none are needed."""
    is_plain = word[:1].isalnum() and word == word.strip() and all(each.isalnum() or each in " _-/." for each in word)
    return word if is_plain else json.dumps(word, ensure_ascii=False)
