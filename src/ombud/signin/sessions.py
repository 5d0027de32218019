"""Where somebody is signed in, since when, how long it lasts, and when they last proved who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from ombud.organisation.models import Person
from ombud.privacy.keys import digest
from ombud.signin.models import Session
from ombud.signin.session_store import BEGAN, BROWSER

UNTIL, PROVED = "until", "proved"  # epoch seconds
PROOF = timedelta(minutes=15)
_HANDLE = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A browser in which somebody is signed in."""

    handle: str  # names it on pages: the session's own key opens it
    browser: str
    began_at: datetime | None
    seen_at: datetime | None
    is_this: bool


def begin(session: SessionBase, *, browser: str, now: datetime) -> None:
    """Let a session begin now: somebody proved who they are."""
    session[BEGAN], session[BROWSER] = int(now.timestamp()), browser[:300]
    prove(session, now=now)
    prolong(session, now=now)


def prolong(session: SessionBase, *, now: datetime) -> None:
    """Let a session last its time from now on, but never longer than any may."""
    at = int(now.timestamp())
    last = int(session.get(BEGAN, at)) + settings.OMBUD_SESSION_LONGEST * 3600
    session[UNTIL] = min(at + session.get_expiry_age(), last)


def prove(session: SessionBase, *, now: datetime) -> None:
    """Note that whoever sits there has just proved who they are."""
    session[PROVED] = int(now.timestamp())


def is_proved(session: SessionBase, *, now: datetime) -> bool:
    """Return whether they did so lately."""
    return bool(now.timestamp() - session.get(PROVED, 0) <= PROOF.total_seconds())


def of(person: Person, *, here: str | None, now: datetime) -> list[Place]:
    """Return where somebody is signed in, last seen first."""
    rows = Session.objects.filter(person=person, expire_date__gt=now).order_by("-seen_at", "-began_at")
    return [
        Place(
            handle=_handle(row.session_key),
            browser=row.browser,
            began_at=row.began_at,
            seen_at=row.seen_at,
            is_this=row.session_key == here,
        )
        for row in rows
    ]


def end(person: Person, handle: str) -> bool:
    """Sign somebody out of one of their browsers, and return whether there was such a one."""
    return bool(_end(row for row in Session.objects.filter(person=person) if _handle(row.session_key) == handle))


def end_others(person: Person, here: str | None) -> int:
    """Sign somebody out everywhere but here, and return of how many browsers; of all where there is no here."""
    return _end(row for row in Session.objects.filter(person=person) if row.session_key != here)


def _end(rows: Iterable[Any]) -> int:
    return Session.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _handle(key: str) -> str:
    return digest("session handle", key)[:_HANDLE]
