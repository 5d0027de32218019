"""What is written, kept, shown and counted: letters, ledgers, retention, access, late entries, figures."""

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
    signed: str | None = None  # the act by which a signed copy comes back
    is_edited: bool = False  # written `edit`: it stands as a draft until somebody sends it
    approve: str | None = None  # the role without which an edited one does not go out
    is_enclosed: bool = False  # written `pdf`: goes with its PDF where it goes by mail
    encloses: str | None = None  # the field of files that go along, too
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
    release: str = "manager"  # who lets go what is due: a manager, "two_managers", or "clock", which asks nobody
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Which roles see personal data unmasked, and which fields let people or departments in."""

    unmasked: tuple[str, ...]
    members: tuple[str, ...] = ()  # fields of persons or departments (or lists of them) who see the case as handlers do
    persons: tuple[str, ...] = ()  # roles that find what else is held of the person who asks, under every policy
    identified: str = ""  # field that says how it was confirmed who asks: nothing is handed out or erased before
    confidential: tuple[str, ...] = ()  # roles that, beside managers and the top role, make a case confidential
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestions:
    """Where suggestions of complainants stand: words within a complaint, and complaints that are nothing else."""

    field: str | None  # free words, in which one is taken down
    cases: Mapping[str, tuple[str, ...]]  # fact -> its values that make the whole complaint a suggestion
    outcome: str  # the choice that says what came of it: where it is known, it is answered


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What figures are counted from: facts with a list of values, amounts, and acts that are milestones."""

    category: str | None = None
    grade: str | None = None
    outcome: str | None = None
    satisfaction: str | None = None
    satisfied: tuple[str, ...] = ()  # which of its values count as satisfied
    asked: str | None = None
    given: str | None = None
    registered: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()  # the first of them that is performed answers the complainant first
    proposed: tuple[str, ...] = ()  # each time one is performed is a round
    suggestion: Suggestions | None = None
    cite: tuple[str, ...] = ()
    at: Place | None = None
