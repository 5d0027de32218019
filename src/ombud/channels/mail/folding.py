"""A mail's text taken apart: what was written now, the history that it quotes, the signature. Nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

_MOST = 4_000  # lines in which the beginning of the history is looked for
_LONGEST = 500  # characters of a line that may mark something
_ATTRIBUTION = 3  # lines over which "On ... wrote:" may be broken
_BLOCK = 6  # lines within which a quoted mail's headers stand
_RULED = 5  # characters that make a rule
_RULE = "-_=*~\u2014\u2013\u2500\u2501 \t\u00a0"
_QUOTED = (">", "\uff1e")
_WITH_DATE = re.compile(r"[0-9\u0660-\u0669\u06f0-\u06f9]|@")
SAID, QUOTED, SIGNATURE = range(3)


def fold(text: str) -> tuple[str, str, str]:
    """Return what was written now, what is quoted, and the signature; each line of `text` is in one of them.

    A mail that says nothing of its own, such as one that is passed on, is taken for said as a whole.
    """
    lines = text.split("\n")
    marks = [SAID] * len(lines)
    _mark_history(lines, marks)
    _mark_signature(lines, marks)
    if not any(line.strip() for line, mark in zip(lines, marks, strict=True) if mark == SAID):
        marks = [SAID] * len(lines)
    said, quoted, signature = ("\n".join(_of(lines, marks, each)) for each in (SAID, QUOTED, SIGNATURE))
    return said.strip("\n"), quoted.strip("\n"), signature.strip("\n")


def _of(lines: Sequence[str], marks: Sequence[int], wanted: int) -> list[str]:
    return [line for line, mark in zip(lines, marks, strict=True) if mark == wanted]


def _mark_history(lines: list[str], marks: list[int]) -> None:
    """Mark quoted lines, with the line that introduces them, and all that follows a former mail's headers."""
    at = 0
    while at < len(lines):
        if lines[at].lstrip().startswith(_QUOTED):
            marks[at] = QUOTED
            at += 1
            continue
        length = _introduction(lines, at) if at < _MOST else 0
        if not length:
            at += 1
            continue
        following = _next_written(lines, at + length)
        is_marked = following < len(lines) and lines[following].lstrip().startswith(_QUOTED)
        # Where each line of the former mail is marked, the answer may go on below or between; else it is the rest.
        stop = following if is_marked else len(lines)
        marks[at:stop] = [QUOTED] * (stop - at)
        at = stop


def _next_written(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _introduction(lines: list[str], at: int) -> int:
    """Return over how many lines a former mail is introduced here, 0 where none is."""
    line = lines[at].strip()
    if not line or len(line) > _LONGEST:
        return 0
    if _is_divider(line):
        return 1
    if len(line) >= _RULED and not line.strip(_RULE):  # a rule belongs to what follows under it
        under = _next_written(lines, at + 1)
        length = _headers(lines, under) if under < min(len(lines), at + _ATTRIBUTION) else 0
        return under - at + length if length else 0
    return _attribution(lines, at) or _headers(lines, at)


def _is_divider(line: str) -> bool:
    bare = line.strip(_RULE + ":\uff1a").replace("\u00a0", " ").casefold()
    return bare in _words().dividers and (line[0] in _RULE or line[-1] in ":\uff1a")


def _attribution(lines: list[str], at: int) -> int:
    """Return the lines of "On ... wrote:", which ends with a colon, has the verb, and a date or an address."""
    whole = ""
    for length in range(1, _ATTRIBUTION + 1):
        if at + length > len(lines) or not (line := lines[at + length - 1].strip()):
            return 0
        if len(whole) + len(line) > _LONGEST or line.startswith(_QUOTED):
            return 0
        whole += f" {line}"
        if line.endswith((":", "\uff1a")):
            words = whole.casefold()
            is_told = any(verb in words for verb in _words().wrote) or ("@" in words and words[-2] == ">")
            return length if is_told and _WITH_DATE.search(whole) else 0
    return 0


def _headers(lines: list[str], at: int) -> int:
    """Return the lines of a former mail's headers: its sender, and two more."""
    if _label(lines[at]) not in _words().senders:
        return 0
    found: set[int] = set()
    last = at
    for place in range(at + 1, min(len(lines), at + 1 + 2 * _BLOCK)):
        label = _label(lines[place])
        kind = next((number for number, labels in enumerate(_words().others) if label in labels), None)
        if kind is not None:
            found.add(kind)
            last = place
    return last - at + 1 if len(found) > 1 else 0


def _label(line: str) -> str:
    head, mark, _ = line[:80].strip(" \t*>").replace("\uff1a", ":").partition(":")
    return head.strip(" \t*\u3000\u00a0").casefold() if mark else ""


def _mark_signature(lines: list[str], marks: list[int]) -> None:
    """Mark what stands under "-- ", or under what a telephone adds, up to the history."""
    for at, line in enumerate(lines):
        if marks[at] == SAID and (line in ("-- ", "--", "--\u00a0") or _is_added(line)):
            for place in range(at, len(lines)):
                if marks[place] == QUOTED:
                    break
                marks[place] = SIGNATURE
            return


def _is_added(line: str) -> bool:
    bare = line.strip(" \t-_*<>[]").casefold()
    return 0 < len(bare) < 120 and bare.startswith(_words().sent_from)


@dataclass(frozen=True, slots=True)
class _Words:
    dividers: frozenset[str]
    wrote: tuple[str, ...]
    senders: frozenset[str]
    others: tuple[frozenset[str], ...]
    sent_from: tuple[str, ...]


@cache
def _words() -> _Words:
    read = yaml.safe_load(files("ombud.channels.mail").joinpath("quotes.yaml").read_text("utf-8"))
    return _Words(
        dividers=frozenset(each.strip(_RULE).casefold() for each in read["dividers"]),
        wrote=tuple(each.casefold() for each in read["wrote"]),
        senders=frozenset(each.casefold() for each in read["from"]),
        others=tuple(frozenset(str(each).casefold() for each in labels) for labels in read["others"]),
        sent_from=tuple(each.casefold() for each in read["sent_from"]),
    )
