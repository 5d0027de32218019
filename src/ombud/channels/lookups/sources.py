"""A source of look-ups as it is entered: an address with fields of the policy in it, headers, what fills what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ombud.channels import payload
from ombud.correspondence.models import Account

KIND = "lookup"  # of accounts
HEADERS = "headers"  # its name among the secrets of an account
PLACE = re.compile(r"\{([^{}]*)\}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_STEP = re.compile(r"[^.{}=]+")


class Unusable(ValueError):
    """A line of what was entered cannot be used; `line` says which, `code` why."""

    def __init__(self, code: str, line: str) -> None:
        super().__init__(code)
        self.code, self.line = code, line


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A source, without its secrets."""

    key: str
    title: str
    url: str
    fills: Mapping[str, str]  # field of the policy -> path, or words with paths in braces
    acts: tuple[str, ...]  # in whose forms it is offered

    @property
    def asks_for(self) -> tuple[str, ...]:
        """Return the fields that stand in its address."""
        return tuple(dict.fromkeys(PLACE.findall(self.url)))


def source_of(account: Account) -> Source:
    """Return what was entered for a source."""
    options = account.options
    return Source(
        key=account.key,
        title=str(account),
        url=options["url"],
        fills=fills_of(options["fills"]),
        acts=tuple(options["acts"]),
    )


def offered(policy: str, act: str) -> list[Source]:
    """Return the sources in use that the form of an act offers."""
    rows = Account.objects.filter(kind=KIND, policy=policy, is_active=True).order_by("title", "key")
    return [source for row in rows if act in (source := source_of(row)).acts]


def fills_of(typed: str) -> dict[str, str]:
    """Return {field: path, or words with paths in braces} as lines of `field = path` say. Raises Unusable."""
    found: dict[str, str] = {}
    for line in _lines(typed):
        name, has_sign, said = (part.strip() for part in line.partition("="))
        if not has_sign or not name or not said:
            raise Unusable("line", line)
        if name in found:
            raise Unusable("twice", line)
        if not all(map(_is_path, PLACE.findall(said) if "{" in said else [said])):
            raise Unusable("path", line)
        found[name] = said
    return found


def headers_of(typed: str) -> dict[str, str]:
    """Return headers as lines of `Name: value` say. Raises Unusable."""
    found: dict[str, str] = {}
    for line in _lines(typed):
        name, _sign, value = (part.strip() for part in line.partition(":"))
        if not _HEADER.fullmatch(name) or not value or not value.isascii() or not value.isprintable():
            raise Unusable("header", "")  # which may be a secret: it is not repeated
        found[name] = value
    return found


def has_fixed_host(url: str) -> bool:
    """Return whether nothing that is typed into a form decides which server is called."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return "{" not in f"{parts.scheme}{parts.netloc}"


def found_in(answer: Any, said: str) -> str:
    """Return what an answer says for a field, as text; empty where it says nothing."""
    if "{" not in said:
        return _text(answer, said)
    parts = {path: _text(answer, path) for path in PLACE.findall(said)}
    return PLACE.sub(lambda place: parts[place.group(1)], said) if any(parts.values()) else ""


def _text(answer: Any, path: str) -> str:
    steps = [int(step) if step.isascii() and step.isdigit() else step for step in path.split(".")]
    found = payload.at(answer, *steps)
    if isinstance(found, list):
        return ", ".join(filter(None, (payload.text(each) for each in found[: payload.MOST])))
    if isinstance(found, bool):
        return "yes" if found else "no"
    return repr(found) if isinstance(found, float) else payload.text(found)


def _is_path(path: str) -> bool:
    return all(map(_STEP.fullmatch, path.split(".")))


def _lines(typed: str) -> Iterator[str]:
    return (line.strip() for line in typed.splitlines() if line.strip())
