"""What an act asks the clock to do to other cases: outbox rows, written with the event, carried afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ombud.cases.bulk_sql import insert
from ombud.cases.models import Case, Outbox

THEN = "then"  # a matter has ended: the act on the case that opened it
COUNT = "count"  # a group has changed: its lead records how many belong to it
SPREAD, FOLLOW = "spread", "follow"  # an act on a lead case: find its members; perform it on one of them
MIGRATE = "migrate"  # a version that says so has come into force: an open case goes over to it
REPAIR = "repair"  # what lies ahead of the clock counts as of now: two people said so
KINDS = (THEN, COUNT, SPREAD, FOLLOW, MIGRATE, REPAIR)


def ask(kind: str, case: Case, key: str, *, now: datetime, **payload: Any) -> None:
    """Ask for one task about a case; asking again with the same key changes nothing."""
    ask_all(kind, [(case, key, payload)], now=now)


def ask_all(kind: str, wanted: Iterable[tuple[Case, str, Mapping[str, Any]]], *, now: datetime) -> None:
    """Ask for many tasks: (case, key, payload)."""
    rows = [
        Outbox(kind=kind, case=case, payload=dict(payload), dedupe=f"{kind}/{key}", available_at=now)
        for case, key, payload in wanted
    ]
    insert(rows, ignore_conflicts=True)
