"""Texts in several languages: how one is chosen and filled in, and the catalogues that the program itself speaks from.

A text maps language tags to words. What pages say is translated by gettext; this is for the texts of packs, and for
what is said without Django. A catalogue is a YAML file beside the modules that use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from opencc import OpenCC

Text = Mapping[str, str]

LANGUAGES = ("zh", "en")  # every text has these; further ones by their BCP 47 tag
OTHERWISE = "en"  # for readers whose language a text lacks
CHINESE, TRADITIONAL = "zh", ("hant", "tw", "hk", "mo")  # scripts and regions that write it in traditional characters
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a string: `yes` and 12:30 stay words


def spoken(text: Text | str, language: str) -> str:
    """Return a text in a language, or in the nearest that it has; "" if it has no words at all."""
    if isinstance(text, str):
        return text
    if found := text.get(language):
        return found
    tag = nearest((tag for tag, words in text.items() if words), language)
    if tag is None:
        return ""
    return as_written(text[tag], tag, language)


def as_written(words: str, tag: str, language: str) -> str:
    """Return words of one language as readers of another are shown them: Chinese in the characters that they read.

    Characters alone are changed, never words: what a policy says is to stay what it says.
    """
    if is_traditional(language) and base_of(tag) == CHINESE and not is_traditional(tag):
        return _traditional(words)
    return words


def is_traditional(language: str) -> bool:
    """Return whether a language is Chinese in traditional characters: zh-Hant, zh-TW."""
    base, *rest = language.lower().split("-")
    return base == CHINESE and any(part in TRADITIONAL for part in rest)


@lru_cache(maxsize=4096)
def _traditional(words: str) -> str:
    return str(_converter().convert(words))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2tw")


def nearest(there: Iterable[str], *wanted: str) -> str | None:
    """Return which of the languages that there are comes nearest to the wanted ones, first of all to the first.

    To zh-Hans the nearest is itself, then zh, then another zh-..., and upper and lower case do not matter. Where none
    is near, English is returned, then whatever comes first; None where there is nothing.
    """
    tags = {tag.lower(): tag for tag in there}
    for each in wanted:
        related = (tag for tag in tags if base_of(tag) == base_of(each))
        for tag in (each.lower(), base_of(each), *related):
            if tag in tags:
                return tags[tag]
    return tags.get(OTHERWISE) or next(iter(tags.values()), None)


def base_of(language: str) -> str:
    """Return the language of a tag without script and region: zh for zh-Hans-CN."""
    return language.partition("-")[0].lower()


def tag_of(code: str) -> str:
    """Return how texts write a language that pages call by its script: zh for zh-hans, all others as they are."""
    return CHINESE if code.lower() == "zh-hans" else code.lower()


def code_of(tag: str) -> str:
    """Return how pages call a language that texts write as `tag`: zh-hans for zh, all others as they are."""
    return "zh-hans" if tag.lower() == CHINESE else tag.lower()


def same(word: str) -> Text:
    """Return a word that is the same in every language."""
    return dict.fromkeys(LANGUAGES, word)


class Sentence(Mapping[str, str]):
    """A sentence of a catalogue and what its {placeholders} stand for: put into words when it is read.

    It is a text like any other. What is said to nobody, such as why an automatic act does not happen yet, costs no
    words; and what two sentences say is compared in words.
    """

    __slots__ = ("params", "template")

    def __init__(self, template: Text, values: Mapping[str, object]) -> None:
        self.template, self.params = template, values

    def __getitem__(self, language: str) -> str:
        template = self.template[language]
        return template.format(**{name: _in(value, language) for name, value in self.params.items()})

    def __iter__(self) -> Iterator[str]:
        return iter(self.template)

    def __len__(self) -> int:
        return len(self.template)

    def __repr__(self) -> str:
        return f"Sentence({dict(self)!r})"


class Listing(Sentence):
    """Texts in a row, with the words of each language between them: put into words when it is read."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Text | str], between: Text) -> None:
        super().__init__(between, {})
        self.parts = tuple(parts)

    def __getitem__(self, language: str) -> str:
        return self.template[language].join(spoken(part, language) for part in self.parts)


def _in(value: object, language: str) -> object:
    return spoken(value, language) if isinstance(value, Mapping) else value


def filled(template: Text, values: Mapping[str, object]) -> Text:
    """Return a sentence with its {placeholders} filled in; a value that is a text is taken by language."""
    return dict(Sentence(template, values))


def joined(parts: Iterable[Text | str], between: Text) -> Text:
    """Return the texts in a row, with the words of each language between them."""
    return dict(Listing(parts, between))


class Catalogue:
    """Sentences from a YAML file of a package, read when first asked for one."""

    def __init__(self, package: str, file: str) -> None:
        self._package, self._file = package, file

    @cached_property
    def entries(self) -> Mapping[str, Any]:
        """Everything in the file, every scalar a string."""
        source = files(self._package).joinpath(self._file).read_text(encoding="utf-8")
        loaded: Mapping[str, Any] = yaml.load(source, Loader=_LOADER)
        return loaded

    def entry(self, *path: str) -> Any:
        """Return what stands under these keys; KeyError for one that the catalogue lacks."""
        found: Any = self.entries
        for key in path:
            found = found[key]
        return found

    def say(self, *path: str, **values: object) -> Text:
        """Return a sentence in every language, filled in."""
        return filled(self.entry(*path), values)
