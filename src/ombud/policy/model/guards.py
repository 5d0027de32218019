"""Compiled conditions, and what they may ask about a case."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ombud.policy.model.source import Place
from ombud.policy.model.values import Value


class Reader(Protocol):
    """What a guard may ask about a case (the engine's state answers)."""

    @property
    def facts(self) -> Mapping[str, Value]: ...  # fields, set facts and table outputs; an absent one has no key

    def done(self, act: str) -> bool: ...
    def done_since(self, act: str, since: str) -> bool: ...
    def count(self, act: str) -> int: ...
    def is_open(self, duty: str) -> bool: ...
    def is_overdue(self, duty: str) -> bool: ...
    def is_passed(self, duty: str) -> bool: ...
    def is_approved(self, chain: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled condition; call `holds(case)`."""

    source: str
    tree: ast.expr  # allow-listed nodes only; checks walk it
    names: frozenset[str]  # fields and table outputs that it reads
    acts: frozenset[str]  # acts and outcomes that it asks about
    duties: frozenset[str]
    chains: frozenset[str]
    holds: Callable[[Reader], bool]
    at: Place
