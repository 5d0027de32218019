"""Strict reading of YAML: every scalar stays a string and knows its line and column.

YAML's own typing turns `on`, `no`, `4.10` and `12:30` into other things and lets a repeated key
win silently, so only its event stream is used; the schema types the strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ombud.policy.model.source import Place
from ombud.policy.problems import Problems

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    place: Place
    is_plain: bool = True  # written without quotes


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Entries:
    entries: dict[str, Entry]
    place: Place


Node = Scalar | Items | Entries


class _Refused(Exception):
    """The source uses something that a pack may not; the problem is noted already."""


def read(text: str, file: str, problems: Problems) -> Node | None:
    """Return the one document of `text`, or None with the reasons in `problems`."""
    start = Place(file, 1, 1)
    if len(text) > MAX_CHARACTERS:
        problems.add(start, f"The file has more than {MAX_CHARACTERS} characters; split what it holds or shorten it.")
        return None
    try:
        return _Reader(text, file, problems).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else start
        problems.add(place, f"This is not valid YAML: {error.problem or error.context}. Check indentation and quotes.")
    except yaml.YAMLError as error:
        problems.add(start, f"This is not valid YAML: {error}.")
    except _Refused:
        pass
    return None


def plain(node: Node) -> Any:
    """Return the node as dicts, lists and strings, without places."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


class _Reader:
    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self.file = file
        self.problems = problems

    def document(self) -> Node | None:
        next(self.events)  # the start of the stream
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self.problems.add(Place(self.file, 1, 1), "The file is empty.")
            return None
        node = self.node(next(self.events), 0)
        next(self.events)  # the end of the document
        if not isinstance(event := next(self.events), yaml.StreamEndEvent):
            self.refuse(event, "A second document begins here; a pack file holds one. Remove the line ---.")
        return node

    def refuse(self, event: Any, message: str) -> None:
        self.problems.add(self.place(event), message)
        raise _Refused

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self.refuse(event, f"This is nested more than {MAX_DEPTH} levels deep.")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self.refuse(event, "Anchors (&) and aliases (*) are not allowed in a pack; write the value out.")
        if event.tag is not None and event.tag != "!":
            self.refuse(event, f"The tag {event.tag} is not allowed in a pack; write the value plainly.")
        place = self.place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, place, event.style is None)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, depth + 1))
            return Items(tuple(items), place)
        return self.mapping(place, depth)

    def mapping(self, place: Place, depth: int) -> Entries:
        entries: dict[str, Entry] = {}
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key = self.node(inner, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                self.problems.add(key.place, "A key must be a word, not a list or a mapping.")
            elif key.text in entries:
                first = entries[key.text].key.place.line
                self.problems.add(
                    key.place,
                    f'The key "{key.text}" is written twice (first in line {first}), so one of them would be lost. '
                    "Remove or rename one.",
                )
            else:
                entries[key.text] = Entry(key, value)
        return Entries(entries, place)
