"""The words of the findings in every language, from messages.yaml; values are filled in per language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import yaml

from ombud.policy.model import Text

LANGUAGES = ("zh", "en")


@cache
def catalogue() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the message catalogue: entry -> part -> language -> words with {placeholders}."""
    loaded: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(
        files("ombud.checks").joinpath("messages.yaml").read_text(encoding="utf-8")
    )
    return loaded


def say(entry: str, part: str, values: Mapping[str, object]) -> Text:
    """Return the words of one part of an entry, or nothing if the entry has no such part."""
    words = catalogue()[entry].get(part)
    if words is None:
        return {}
    return {lang: words[lang].format(**{key: spell(value, lang) for key, value in values.items()}) for lang in words}


def phrase(entry: str, **values: object) -> Text:
    """Return a piece of a sentence from the `phrases` part of the catalogue."""
    return say("phrases", entry, values)


def spell(value: object, lang: str) -> str:
    """Return a value as it reads in one language: texts by language, lists joined."""
    if isinstance(value, Mapping):
        return str(value.get(lang) or value.get("en") or next(iter(value.values()), ""))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return catalogue()["phrases"]["comma"][lang].join(spell(each, lang) for each in value)
    return str(value)


def joined(parts: Sequence[Text], by: str) -> Text:
    """Return the texts joined by a phrase of the catalogue (`arrow`, `and`, `comma`)."""
    between = catalogue()["phrases"][by]
    return {lang: between[lang].join(spell(part, lang) for part in parts) for lang in LANGUAGES}
