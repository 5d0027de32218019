"""The engine's own words, in every language, from the data file beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import yaml

from ombud.policy.model import Text


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, dict[str, str]]:
    text = files("ombud.engine").joinpath("messages.yaml").read_text(encoding="utf-8")
    catalogue: dict[str, dict[str, str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return catalogue


def say(key: str, **words: Text | str) -> Text:
    """Return the message in every language; a word may itself be a text."""
    return {
        language: template.format(**{name: _in(language, word) for name, word in words.items()})
        for language, template in _catalogue()[key].items()
    }


def joined(texts: list[Text]) -> Text:
    """Return the texts as one list in words."""
    return {"zh": _comma()["zh"].join(_in("zh", t) for t in texts), "en": ", ".join(_in("en", t) for t in texts)}


def _comma() -> dict[str, str]:
    return _catalogue()["comma"]


def _in(language: str, word: Text | str) -> str:
    if isinstance(word, Mapping):
        return word.get(language) or word.get("en") or next(iter(word.values()), "")
    return word
