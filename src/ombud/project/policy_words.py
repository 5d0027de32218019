"""The words of `ombud policy`, from policy_words.yaml; the command starts without Django, so without gettext."""

from __future__ import annotations

from ombud.texts import Catalogue, spoken

WORDS = Catalogue("ombud.project", "policy_words.yaml")


class Unreadable(Exception):
    """What was asked for cannot be read; the words say why."""


def say(key: str, language: str, **words: object) -> str:
    """Return the words for a key in one language, filled in."""
    return spoken(WORDS.say(key, **words), language) if key in WORDS.entries else key
