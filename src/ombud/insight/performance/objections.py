"""Objecting to one's own record, and answering."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from ombud.cases.access.permissions import Permissions
from ombud.insight.performance.models import Objection
from ombud.insight.performance.people import leaders_of, leads
from ombud.notices import objections as notices
from ombud.notices.alerts import asking
from ombud.organisation.models import Person
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import plain

LONGEST = 5000


class ObjectionError(ValueError):
    """It cannot be kept; the code says why: empty, own, answered."""


@transaction.atomic
def object_to(pack: Pack, first: date, last: date, words: str, *, by: Person, now: datetime) -> Objection:
    """Keep an objection to one's own record of a period, and tell who answers for the person. Raises ObjectionError."""
    words = plain(words, lines=True)[:LONGEST]
    if not words:
        raise ObjectionError("empty")
    row = Objection.objects.create(person=by, policy=pack.id, first=first, last=last, words=words, at=now)
    about = _about(row, pack, words)
    asking.tell([notices.of(notices.WAITS, about, each, by, now=now) for each in leaders_of(by, pack)], now=now)
    return row


@transaction.atomic
def answer(row: Objection, pack: Pack, words: str, *, by: Permissions, now: datetime) -> None:
    """Answer an objection: once, by somebody who answers for the person, who is told. Raises ObjectionError."""
    words = plain(words, lines=True)[:LONGEST]
    if not words:
        raise ObjectionError("empty")
    if by.is_auditor or not leads(by, row.person, pack):
        raise ObjectionError("own")
    waiting = Objection.objects.filter(pk=row.pk, answered_at=None)
    if not waiting.update(answer=words, answered_by=by.person, answered_at=now):
        raise ObjectionError("answered")
    about = _about(row, pack, words)
    asking.tell([notices.of(notices.ANSWERED, about, row.person, by.person, now=now)], now=now)


def _about(row: Objection, pack: Pack, said: str) -> dict[str, Any]:
    return {
        "number": row.pk,
        "policy": row.policy,
        "title": dict(pack.title),
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "said": said,
    }


def of(policy: str, people: Collection[Person]) -> tuple[Objection, ...]:
    """Return the objections of these people, newest first, at most a hundred."""
    rows = Objection.objects.filter(policy=policy, person__in=people).select_related("person", "answered_by")
    return tuple(rows.order_by("-pk")[:100])
