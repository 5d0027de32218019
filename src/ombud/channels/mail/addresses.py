"""The addresses in a header, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ombud.channels.mail.headers import Headers, decoded

MOST = 500
ADDRESS = re.compile(r"[^\s<>(),;:\"\[\]\\@]{1,128}+@[^\s<>(),;:\"\\@]{1,255}+")
_WHOM = ("to", "cc", "delivered-to", "x-original-to")


def first(headers: Headers, name: str, hint: str = "") -> tuple[str, str]:
    """Return the first address of a header and the name beside it, "" each where there is none."""
    listed = (each for value in headers.all(name) for each in _listed(value, hint))
    return next(listed, ("", ""))


def recipients(headers: Headers) -> tuple[str, ...]:
    """Return every address that a mail names as one that it goes to: lower-case, in order, once each."""
    found: dict[str, None] = {}
    for name in _WHOM:
        for value in headers.all(name):
            found.update((address.lower(), None) for address, _ in _listed(value, ""))
    return tuple(found)[:MOST]


def _listed(value: bytes, hint: str) -> Iterator[tuple[str, str]]:
    """Yield addresses with their names. Parted before words are decoded: a decoded name may hold a comma."""
    for each in _parted(value.decode("latin-1"))[:MOST]:
        before, bracket, after = each.rpartition("<")
        found = ADDRESS.search(after if bracket else each)
        if found is None:  # an address may be an encoded word, although none may be
            found = ADDRESS.search(decoded(each.encode("latin-1"), hint))
        if found is None:
            continue
        address = decoded(found[0].encode("latin-1", "replace"), hint).strip(".'`")
        yield address, _name(before if bracket else "", hint)


def _name(written: str, hint: str) -> str:
    written = written.strip()
    if written.startswith('"') and written.endswith('"') and len(written) > 1:
        written = written[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    # Some quote what they have encoded, and some encode the quotes.
    return decoded(written.encode("latin-1"), hint).strip("\"' ")[:200]


def _parted(value: str) -> list[str]:
    """Return what commas, semicolons and the colon of a group part, outside quotes and comments."""
    pieces: list[str] = []
    kept: list[str] = []
    is_quoted, depth, is_escaped = False, 0, False
    for letter in value:
        if is_escaped:
            is_escaped = False
        elif letter == "\\":
            is_escaped = True
        elif letter == '"' and not depth:
            is_quoted = not is_quoted
        elif letter == "(" and not is_quoted:
            depth += 1
        elif letter == ")" and not is_quoted and depth:
            depth -= 1
            continue
        elif letter in ",;:" and not is_quoted and not depth:
            pieces.append("".join(kept))
            kept.clear()
            continue
        if not depth:
            kept.append(letter)
    if is_quoted or depth:  # what is opened and never closed holds nothing together
        return re.split("[,;]", value)
    return [*pieces, "".join(kept)]
