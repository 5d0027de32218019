"""A mail's bytes taken apart into headers and parts, in one pass over each level and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ombud.channels.mail.headers import Headers, parameters, read_headers

DEEPEST = 20  # multiparts inside one another
MOST = 500  # parts of a mail
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A part with its own headers; a multipart has children, any other a body, still encoded for transport."""

    headers: Headers
    kind: str  # its content type, lower-case
    settings: dict[str, str]  # the parameters of its content type, bytes as Latin-1
    body: bytes = b""
    children: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Part]:
        """Yield this part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class _Reading:
    raw: bytes
    defects: dict[str, None] = field(default_factory=dict)
    left: int = MOST

    def part(self, start: int, end: int, depth: int, usual: str = "text/plain") -> Part:
        """Return the part that stands between two places; `usual` is its type where it names none."""
        headers, begin, defects = read_headers(self.raw, start, end)
        self.defects.update(dict.fromkeys(defects))
        kind, settings = content_type(headers, usual)
        if not kind.startswith("multipart/"):
            return Part(headers, kind, settings, self.raw[begin:end])
        if depth >= DEEPEST:
            self.defects["too-deep"] = None
            return Part(headers, "application/octet-stream", settings, self.raw[start:end])
        places = self._places(settings.get("boundary", ""), begin, end)
        if not places:
            self.defects["no-boundary"] = None
            return Part(headers, "text/plain", settings, self.raw[begin:end])
        inside = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        return Part(headers, kind, settings, children=tuple(self._children(places, end, depth, inside)))

    def _children(self, places: list[tuple[int, int]], end: int, depth: int, usual: str) -> Iterator[Part]:
        for first, last in places:
            if self.left <= 0:
                self.defects["too-many-parts"] = None
                rest = self.raw[first:end]  # kept whole rather than lost
                yield Part(Headers(()), "application/octet-stream", {}, rest)
                return
            self.left -= 1
            yield self.part(first, last, depth + 1, usual)

    def _places(self, boundary: str, begin: int, end: int) -> list[tuple[int, int]]:
        """Return where the parts of a multipart begin and end; none where its boundary is nowhere."""
        found = self._between(boundary.encode("latin-1", "replace").rstrip(), begin, end) if boundary.strip() else []
        if found:
            return found
        first = re.compile(rb"[\s]*+--([^\r\n]{4,200})\r?\n").match(self.raw, begin, end)
        if first is None:  # no boundary is declared, or another one than the parts have
            return []
        self.defects["no-boundary"] = None
        return self._between(first[1].rstrip(), begin, end)

    def _between(self, boundary: bytes, begin: int, end: int) -> list[tuple[int, int]]:
        mark = b"--" + boundary
        places: list[tuple[int, int]] = []
        start: int | None = None
        at = begin if self.raw.startswith(mark, begin) else self._line_with(mark, begin, end)
        while at >= 0 and len(places) <= MOST:
            stop = self.raw.find(b"\n", at, end)
            stop = end if stop < 0 else stop + 1
            tail = self.raw[at + len(mark) : min(stop, at + len(mark) + 80)].strip()
            if tail in (b"", b"--"):
                if start is not None:
                    places.append((start, max(start, _without_break(self.raw, at))))
                start = stop
                if tail:
                    return places
            at = self._line_with(mark, stop - 1, end)
        if start is not None:
            self.defects["unclosed"] = None
            places.append((start, end))
        return places

    def _line_with(self, mark: bytes, at: int, end: int) -> int:
        """Return where the next line begins with the mark, -1 where none does."""
        found = self.raw.find(b"\n" + mark, at, end)
        return found + 1 if found >= 0 else -1


def take_apart(raw: bytes) -> tuple[Part, tuple[str, ...]]:
    """Return the mail's outermost part and the codes of what was broken."""
    if b"\n" not in raw[:100_000] and b"\r" in raw[:100_000]:
        raw = raw.replace(b"\r", b"\n")
    reading = _Reading(raw)
    root = reading.part(0, len(raw), 0)
    return root, tuple(reading.defects)


def content_type(headers: Headers, usual: str = "text/plain") -> tuple[str, dict[str, str]]:
    """Return a part's type and its parameters: the first that is one, else the usual one."""
    for value in headers.all("content-type"):
        kind, settings = parameters(value)
        kind = kind.lower().replace(" ", "")
        if _TYPE.fullmatch(kind):
            return kind, settings
        if kind == "text":
            return "text/plain", settings
    return usual, {}


def _without_break(raw: bytes, at: int) -> int:
    """Return where the line before `at` ends: its break belongs to the boundary."""
    if raw[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if raw[at - 1 : at] == b"\n" else at
