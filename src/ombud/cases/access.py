"""Loading is authorising: who may see a case, and what of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ombud.cases.models import Case
from ombud.engine.model import Actor
from ombud.organisation.models import Person

READ, ACT, EVIDENCE = "read", "act", "evidence"  # what somebody wants to do with a case


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a complainant's cookie proves: that they gave the secret of this case."""

    reference: str
    token: str  # signed; put it in the cookie as it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Accessed:
    """A case that the reader may see, and how they see it."""

    case: Case
    actors: tuple[Actor, ...]  # the roles in which they may act, best first; empty = read only
    is_masked: bool  # personal data is shown masked
    is_public: bool  # the complainant's view: public events only


def access_case(reader: Person | Grant, reference: str, action: str = READ) -> Accessed:
    """Return the case for this reader.

    Raises NoSuchCase (answer 404) for a case that is not there or not theirs to see, Forbidden
    (answer 403) for one that they may only read where `action` is ACT.
    """
    raise NotImplementedError


def scope(reader: Person) -> QuerySet[Case]:
    """Return the cases that a member of staff may see, unordered."""
    raise NotImplementedError


def exchange(reference: str, secret: str, *, client: str, now: datetime) -> Grant:
    """Return the grant for the right secret; `client` is the caller's address, for the throttle.

    Raises NoSuchCase for a wrong reference or secret alike, Throttled after too many attempts.
    """
    raise NotImplementedError


def grant_of(case: Case) -> Grant:
    """Return the grant for a case that was filed just now (its receipt needs no secret typed in)."""
    raise NotImplementedError


def grant_from(token: str) -> Grant:
    """Return the grant that a cookie holds. Raises NoSuchCase where it is not ours or too old."""
    raise NotImplementedError


def unmask(reader: Person, reference: str, *, reason: str, now: datetime) -> Accessed:
    """Return the case unmasked for this once; the reason is kept in the access log. An empty reason is Forbidden."""
    raise NotImplementedError
