"""What is written, kept and shown: letters, ledgers, retention, access, late entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ombud.policy.model.limits import Limit
from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A letter that an act produces; one template per language in letters/."""

    id: str
    title: Text
    after: tuple[str, ...]
    to: str  # complainant or a role
    templates: Mapping[str, str]  # language -> template text
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What is written down about people: performance, negative incentives."""

    id: str
    title: Text
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    id: str  # case, evidence
    keep: Limit  # natural days, weeks, months or years
    since: str = "end"  # or "receipt"; written `from`. What has not ended is kept anyway
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Which roles see personal data unmasked, and which fields let people or departments in."""

    unmasked: tuple[str, ...]
    members: tuple[str, ...] = ()  # fields of persons or departments (or lists of them) who see the case as handlers do
    cite: tuple[str, ...]
    at: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LateEntries:
    """What was written down long after it happened: what is reported, and what needs a second person."""

    report: Limit  # a longer gap is reported and shown
    decide: Limit | None = None  # how late what would be refused today may be entered; None: the same workday
    confirm: str | None = None  # the act by which a second person vouches for a later one
    cite: tuple[str, ...]
    at: Place
