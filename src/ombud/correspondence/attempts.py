"""Calls to a complainant that were tried: who called when, what came of it, and when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.cases.access.case_access import Accessed
from ombud.correspondence import wording
from ombud.correspondence.models import Message
from ombud.privacy.keys import key_of

OUTCOME, NEXT_TRY = "outcome", "next_try"  # among the details of a call
MOST = 20  # of the newest that stand beside an act


class Outcome(models.TextChoices):
    """What came of a call to somebody."""

    REACHED = "reached", _("reached")
    NO_ANSWER = "no-answer", _("not answered")
    BUSY = "busy", _("engaged")
    LEFT_WORD = "left-word", _("left word")
    WRONG = "wrong", _("wrong number")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One call that was tried."""

    at: datetime
    by: str
    outcome: Outcome
    next_try: datetime | None


def details(outcome: str, next_try: datetime | None) -> dict[str, str]:
    """Return what is kept of an attempt among the details of its message; nothing where it is none."""
    planned = {NEXT_TRY: next_try.isoformat()} if next_try is not None else {}
    return {OUTCOME: outcome, **planned} if outcome else {}


def of(accessed: Accessed) -> list[Attempt]:
    """Return the newest attempts to call the complainant of a case, oldest first; by one query."""
    key = key_of(accessed.case.complainant)
    if key is None or accessed.is_masked:
        return []
    rows = Message.objects.filter(case=accessed.case, is_out=True, way=Message.Way.CALL, account=None)
    found = []
    for row in reversed(rows.select_related("by").order_by("-said_at", "-id")[:MOST]):
        known = read(wording.part(row, wording.DETAILS, wording.vault_of(row, key)))
        if known is not None:
            found.append(Attempt(at=row.said_at, by=str(row.by or ""), outcome=known[0], next_try=known[1]))
    return found


def read(known: Mapping[str, Any] | str) -> tuple[Outcome, datetime | None] | None:
    """Return what came of a call and when it is tried again, from the details of its message."""
    if not isinstance(known, Mapping) or known.get(OUTCOME) not in list(Outcome):
        return None
    planned = known.get(NEXT_TRY)
    return Outcome(known[OUTCOME]), datetime.fromisoformat(planned) if planned else None
