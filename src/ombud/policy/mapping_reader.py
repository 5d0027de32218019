"""Reading one entry of a pack by its schema: known keys, words, lists, flags, texts, clauses."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Iterator

from ombud.policy.model.source import Place
from ombud.policy.problems import Problems, shortened
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.texts import LANGUAGES, Text, same

ID = re.compile(r"[a-z][a-z0-9_]*\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
NUMBER = re.compile(r"[0-9]{1,9}")
_NAMED = re.compile(r' "([a-z_]+)"\Z')  # at the end of what an entry is called: duty "close"
TRUE, FALSE = ("true", "yes"), ("false", "no")


class MappingReader:
    """One mapping of a pack; each method reads one key and notes what is wrong with it."""

    def __init__(self, node: Node, problems: Problems, what: str, keys: Collection[str]) -> None:
        self.problems, self.what, self.place = problems, what, node.place
        self.entries = {}
        self._is_mapping = isinstance(node, Entries)
        if not isinstance(node, Entries):
            problems.add(node.place, _no_mapping(what, keys))
            return
        self.entries = node.entries
        for key, entry in node.entries.items():
            if key not in keys:
                problems.unknown(entry.key.place, f"key in {what}", key, keys)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.value if entry else None

    def at(self, key: str) -> Place:
        """Return the place of the key's value, or of the entry where the key is missing."""
        node = self.get(key)
        return node.place if node else self.place

    def missing(self, key: str, why: str = "") -> None:
        if self._is_mapping:  # else everything is missing, and that has been said
            self.problems.add(self.place, f'{capital(self.what)} has no "{key}"{why}. Add it.')

    def require(self, key: str, why: str = "") -> Node | None:
        node = self.get(key)
        if node is None:
            self.missing(key, why)
        return node

    def word(self, key: str, default: str = "") -> str:
        """Return the key's one string."""
        node = self.get(key)
        return default if node is None else self.scalar(node, f'"{key}"').text

    def scalar(self, node: Node, name: str) -> Scalar:
        if isinstance(node, Scalar) and node.text.strip():
            return node
        wrong = "is empty" if isinstance(node, Scalar) else "must be a single value"
        self.problems.add(node.place, f"{capital(name)} in {self.what} {wrong}.")
        return Scalar("", node.place)

    def one_of(self, key: str, choices: Iterable[str], default: str) -> str:
        value = self.word(key, default)
        known = tuple(choices)
        if value not in known and value:
            self.problems.unknown(self.at(key), f'value in "{key}" of {self.what}', value, known)
        return value if value in known else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.word(key)
        if value.lower() in TRUE:
            return True
        if value.lower() in FALSE:
            return False
        if value:
            self.problems.add(self.at(key), f'"{key}" in {self.what} must be true or false, not "{value}".')
        return default

    def number(self, key: str, default: int) -> int:
        value = self.word(key)
        if value and not NUMBER.fullmatch(value):
            written = shortened(value, 40)
            self.problems.add(self.at(key), f'"{key}" in {self.what} must be a whole number, not "{written}".')
            return default
        return int(value) if value else default

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """Return the key's one string or list of strings."""
        node = self.get(key)
        if node is None:
            return ()
        nodes = node.items if isinstance(node, Items) else (node,)
        found = tuple(self.scalar(item, f'each of "{key}"') for item in nodes)
        return tuple(scalar for scalar in found if scalar.text)

    def names(self, key: str, kind: str, known: Collection[str]) -> tuple[str, ...]:
        """Return the key's names, each of which must be among `known`."""
        good = []
        for scalar in self.scalars(key):
            if scalar.text in known:
                good.append(scalar.text)
            else:
                self.problems.unknown(scalar.place, f'{kind} in "{key}" of {self.what}', scalar.text, known)
        return tuple(dict.fromkeys(good))

    def name(self, key: str, kind: str, known: Collection[str]) -> str | None:
        """Return the key's one name, which must be among `known`; None where the key is missing or wrong."""
        value = self.word(key)
        if not value:
            return None
        if value not in known:
            self.problems.unknown(self.at(key), f'{kind} in "{key}" of {self.what}', value, known)
            return None
        return value

    def text(self, key: str) -> Text:
        node = self.get(key)
        return {} if node is None else read_text(node, self.problems, f'"{key}" of {self.what}')

    def text_or_word(self, key: str) -> Text:
        """Return the key's text; one string alone is the same in every language."""
        node = self.get(key)
        return same(self.word(key)) if node is None or isinstance(node, Scalar) else self.text(key)

    def title(self, id: str) -> Text:
        """Return the title, or the id in words where there is none."""
        words = id.replace("_", " ").replace(".", " ")
        return self.text("title") or same(words[:1].upper() + words[1:])

    def section(self, key: str) -> Iterator[tuple[str, Node]]:
        """Yield the ids and values of the mapping under `key`."""
        node = self.get(key)
        if node is not None:
            yield from ids(node, self.problems, f'"{key}"')


def _no_mapping(what: str, keys: Collection[str]) -> str:
    """Return what is wrong with an entry that is no mapping: perhaps the id of the entry was forgotten."""
    named = _NAMED.search(what)
    if named and named[1] in keys:
        kind = what[: named.start()]
        return (
            f'"{named[1]}" stands where the id of a {kind} is wanted: it is a key of one. Give the entry an id of your '
            f"own and put its keys under it: some_id: {{{named[1]}: ...}}."
        )
    return f"{capital(what)} must be a mapping of keys to values. Its keys are: {', '.join(sorted(keys))}."


def ids(node: Node, problems: Problems, what: str) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a mapping from ids; an id that cannot be used in a condition is a problem."""
    if not isinstance(node, Entries):
        problems.add(node.place, f"{capital(what)} must be a mapping from ids to entries.")
        return
    for key, entry in node.entries.items():
        if not ID.match(key) or keyword.iskeyword(key):
            problems.add(
                entry.key.place,
                f'"{key}" cannot be an id in {what}: an id is a lower-case word of letters, digits and _ '
                "that begins with a letter and is not a word of the condition language.",
            )
        else:
            yield key, entry.value


def read_text(node: Node, problems: Problems, what: str) -> Text:
    """Return a text in several languages; Chinese and English must both be there."""
    if not isinstance(node, Entries):
        problems.add(node.place, f"{capital(what)} must be a text in every language: {{zh: ..., en: ...}}.")
        return {}
    text: dict[str, str] = {}
    for language, entry in node.entries.items():
        if not LANGUAGE.match(language):
            problems.unknown(entry.key.place, f"language in {what}", language, LANGUAGES)
        elif not isinstance(entry.value, Scalar) or not entry.value.text.strip():
            problems.add(entry.value.place, f'The "{language}" of {what} must be words.')
        else:
            text[language] = entry.value.text.strip()
    for language in LANGUAGES:
        if language not in node.entries:
            problems.add(node.place, f'{capital(what)} has no "{language}". Every text is needed in zh and en.')
    return text


def capital(what: str) -> str:
    return what[:1].upper() + what[1:]
