"""The words of the starter pack and its questions, from words.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ombud.policy.model import Text

LANGUAGES = ("zh", "en")


def resource(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("ombud.policy.starter").joinpath(name).read_text(encoding="utf-8")


@cache
def catalogue() -> Mapping[str, Any]:
    """Return everything in words.yaml, every scalar a string."""
    loaded: Mapping[str, Any] = yaml.load(resource("words.yaml"), Loader=yaml.BaseLoader)
    return loaded


def say(section: str, key: str, **values: Text | str) -> Text:
    """Return an entry in every language, its {placeholders} filled in by language."""
    entry = catalogue()[section][key]
    return {
        language: entry[language].format(**{name: _in(value, language) for name, value in values.items()})
        for language in LANGUAGES
    }


def listed(parts: list[Text], between: str = "comma") -> Text:
    """Return the texts in a row."""
    comma = catalogue()["clauses"][between]
    return {language: comma[language].join(_in(part, language) for part in parts) for language in LANGUAGES}


def quoted(word: str) -> str:
    """Return words as YAML reads them back, without quotes where none are needed."""
    is_plain = word[:1].isalnum() and word == word.strip() and all(each.isalnum() or each in " _-/." for each in word)
    return word if is_plain else json.dumps(word, ensure_ascii=False)


def _in(value: Text | str, language: str) -> str:
    return value if isinstance(value, str) else value[language]
