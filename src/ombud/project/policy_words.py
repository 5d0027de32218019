"""The words of `ombud policy`, from policy_words.yaml; the command starts without Django, so without gettext."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml


class Unreadable(Exception):
    """What was asked for cannot be read; the words say why."""


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    text = files("ombud.project").joinpath("policy_words.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def say(key: str, language: str, **words: object) -> str:
    """Return the words for a key in one language, filled in."""
    entry = _catalogue().get(key)
    return entry[language].format(**words) if entry else key
