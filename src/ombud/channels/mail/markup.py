"""HTML of any quality becomes a flat run of texts and well-nested tags, in time that grows with its length alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

MOST = 60_000  # texts and tags that are read; what follows is left to the file that is kept of it
MOST_ATTRIBUTES = 40  # of a tag
DEEPEST = 120  # elements inside one another; deeper ones lose their tags and keep their text
#: What a mail may be made of. Whatever else is dropped, its text is not, except for what never was text:
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_INLINE = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
))  # fmt: skip
_KEPT = BLOCKS | _INLINE
EMPTY = frozenset(("br", "hr", "img", "wbr"))
_DROPPED = frozenset((
    "style", "script", "title", "iframe", "noembed", "noframes", "svg", "math", "template", "object", "applet",
    "audio", "video",
))  # fmt: skip
_CELLS = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot", "table"))
_ITSELF = frozenset(("p", "li", "td", "th", "tr", "dd", "dt"))  # end where the next of their kind begins
# No attribute holds "<", so that from each "<" the search ends at the next: the whole takes linear time.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40}+)((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_LOOSE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40}+)([^<>]*+)>")
_BEGIN = re.compile(r"<(?=[a-zA-Z/!?])")
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_ATTRIBUTE = re.compile(r"([a-zA-Z][a-zA-Z0-9:_-]{0,40}+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")


@dataclass(frozen=True, slots=True)
class Text:
    """Text between tags, entities resolved."""

    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """A tag that opens an element, or stands alone where it is an EMPTY one."""

    name: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Close:
    """A tag that closes the element opened last."""

    name: str


Token = Text | Open | Close


def read_markup(source: str) -> Iterator[Token]:
    """Yield what the markup holds, up to MOST pieces; each element is closed, none overlaps another."""
    nest = _Nest()
    for token in islice(_tokens(source), MOST):
        match token:
            case Open():
                yield from nest.open(token)
            case Close():
                yield from nest.close(token.name)
            case _:
                yield token
    yield from nest.close_all()


@dataclass(slots=True)
class _Nest:
    opened: list[str] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    def open(self, token: Open) -> Iterator[Token]:
        if token.name in EMPTY:
            yield token
            return
        if self.opened and self.opened[-1] == token.name and token.name in _ITSELF:
            yield self._pop()
        if len(self.opened) < DEEPEST:
            self.opened.append(token.name)
            self.count[token.name] += 1
            yield token

    def close(self, name: str) -> Iterator[Token]:
        """Close the element and what stands open in it; a stray end outside a cell does not end the table."""
        if not self.count[name]:
            return
        for place in range(len(self.opened) - 1, -1, -1):
            if self.opened[place] == name:
                while len(self.opened) > place:
                    yield self._pop()
                return
            if self.opened[place] in _CELLS and name not in _CELLS:
                return

    def close_all(self) -> Iterator[Token]:
        while self.opened:
            yield self._pop()

    def _pop(self) -> Close:
        name = self.opened.pop()
        self.count[name] -= 1
        return Close(name)


def _tokens(source: str) -> Iterator[Token]:
    """Yield texts and tags as they stand, of the tags those that are kept."""
    at, start = 0, 0
    unfinished: set[str] = set()  # what is opened and never ends is not searched for again
    while found := _BEGIN.search(source, at):
        begin = found.start()
        stop, token = _piece(source, begin, unfinished)
        if stop == begin:
            at = begin + 1  # "<" as a character of the text
            continue
        if begin > start:
            yield Text(unescape(source[start:begin]))
        if token:
            yield token
        at = start = stop
    if start < len(source):
        yield Text(unescape(source[start:]))


def _piece(source: str, begin: int, unfinished: set[str]) -> tuple[int, Token | None]:
    """Return where what begins with "<" ends, and the tag that it is; the same place where it is none."""
    if source.startswith("<!--", begin):
        return _after(source, begin + 4, re.compile("--!?>"), "comment", unfinished), None
    if source.startswith(("<!", "<?"), begin):
        declared = _DECLARATION.match(source, begin)
        return (declared.end() if declared else begin + 2), None
    tag = _TAG.match(source, begin) or _LOOSE_TAG.match(source, begin)
    if tag is None:
        return begin, None
    name = tag[2].lower()
    if name in _DROPPED and not tag[1] and not tag[3].endswith("/"):
        return _after(source, tag.end(), re.compile(f"</{name}[^<>]*+>", re.IGNORECASE), name, unfinished), None
    if name not in _KEPT:
        return tag.end(), None
    if tag[1]:
        return tag.end(), Close(name) if name not in EMPTY else None
    return tag.end(), Open(name, _attributes(tag[3]))


def _after(source: str, at: int, end: re.Pattern[str], what: str, unfinished: set[str]) -> int:
    """Return the place behind an end; where there is none, nothing of the text is lost to it."""
    found = end.search(source, at) if what not in unfinished else None
    if found is None:
        unfinished.add(what)
        return at
    return found.end()


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in islice(_ATTRIBUTE.finditer(source), MOST_ATTRIBUTES):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found
