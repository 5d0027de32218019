"""Tells of exchanges of shifts: whoever is to answer that one waits, and the two what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ombud.notices import exchanges
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.notices.staffing import fresh
from ombud.organisation import exchanging, library
from ombud.organisation.models import Person
from ombud.organisation.publishing import policies_in_force
from ombud.organisation.rota_heads import heads_of
from ombud.organisation.rotas import ShiftExchange

State = ShiftExchange.State
WORTH = timedelta(days=7)  # how long after it was decided it is still told


def tell_exchanges(*, now: datetime) -> int:
    """Tell what has not been told yet, and return how many notices that were."""
    rows = list(exchanging.told_about(now - WORTH))
    if not rows:
        return 0
    packs = {version.policy: library.pack(version.hash) for version in policies_in_force(now=now)}
    told: list[Notice] = []
    for row in rows:
        pack = packs.get(row.shift.rota.policy)
        heads = heads_of(row.shift.rota, pack) if row.state == State.ACCEPTED and pack is not None else []
        told += _notices(row, heads, now)
    told = fresh(told)
    if told:
        with transaction.atomic():
            tell(told, now=now)
    return len(told)


def _notices(row: ShiftExchange, heads: list[Person], now: datetime) -> list[Notice]:
    """Return word to everybody whom the last step concerns, but whoever did it."""
    if row.state == State.PROPOSED:
        return [exchanges.of(row, row.other, row.person, now=now)]
    done_by = row.decided_by or row.other
    people = dict.fromkeys([row.person, row.other, *heads])
    return [exchanges.of(row, each, done_by, now=now) for each in people if each != done_by]
