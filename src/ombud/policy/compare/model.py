"""What a comparison holds: changes of rules with their details, gathered under the clauses that they cite."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.policy.model.source import Place
from ombud.texts import LANGUAGES, Text, spoken

ADDED, GONE, CHANGED = "added", "gone", "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One thing about a rule that is different; None on a side that lacks it."""

    attribute: str  # limit, bearer, needs, ...
    before: Text | None
    after: Text | None

    def spoken(self, language: str) -> tuple[str, str]:
        """Return both sides in a language, or in another where only that one changed."""
        for each in (language, *(other for other in LANGUAGES if other != language)):
            sides = _side(self.before, each), _side(self.after, each)
            if sides[0] != sides[1]:
                return sides
        return sides


def _side(text: Text | None, language: str) -> str:
    return spoken(text, language) if text else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One rule that was added, is gone, or is different."""

    verb: str  # added, gone, changed
    kind: str  # duty, act, table, role, calendar, ...
    id: str
    procedure: str | None  # whose phase, act, chain or duty; None for what belongs to the whole policy
    title: Text
    clauses: tuple[str, ...]  # that either side cites
    details: tuple[Detail, ...] = ()
    before: Place | None = None
    after: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseChange:
    """One clause: its words, if they changed, and the rules citing it that did."""

    ref: str
    verb: str | None  # None where the clause itself is the same
    before: Text | None
    after: Text | None
    details: tuple[Detail, ...] = ()  # of the clause, besides its words
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two versions."""

    id: str
    version: str
    title: Text
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Everything that differs between two versions of a policy."""

    before: Side
    after: Side
    clauses: tuple[ClauseChange, ...]  # only those with a difference, in the order of the later version
    elsewhere: tuple[Change, ...]  # rules that cite no clause
    all: tuple[Change, ...]  # every change once

    @property
    def is_same(self) -> bool:
        """Return whether nothing differs."""
        return not self.clauses and not self.elsewhere
