"""The words of a comparison, from words.yaml, and how texts are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import yaml

from ombud.policy.model import Text

LANGUAGES = ("zh", "en")


@cache
def catalogue() -> Mapping[str, Mapping[str, Text]]:
    """Return section -> key -> words by language."""
    text = files("ombud.policy.compare").joinpath("words.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, Text]] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def say(section: str, key: str, **values: Text | str) -> Text:
    """Return the words for a key, filled in by language; KeyError for one that the catalogue lacks."""
    entry = catalogue()[section][key]
    return {
        language: entry[language].format(**{name: spoken(value, language) for name, value in values.items()})
        for language in LANGUAGES
    }


def value(key: str, **values: Text | str) -> Text:
    return say("values", key, **values)


def same(word: str) -> Text:
    """Return a word that is the same in every language."""
    return dict.fromkeys(LANGUAGES, word)


def spoken(text: Text | str, language: str) -> str:
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def listed(parts: Sequence[Text], between: str = "comma") -> Text:
    """Return the texts in a row; "none" for none of them."""
    if not parts:
        return value("none")
    comma = catalogue()["values"][between]
    return {language: comma[language].join(spoken(part, language) for part in parts) for language in LANGUAGES}
