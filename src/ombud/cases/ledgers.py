"""Ledgers: what acts write down about people, such as points of performance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ombud.cases.access import assignees
from ombud.cases.bulk_sql import insert
from ombud.cases.models import Case, LedgerEntry
from ombud.engine.model import Record


def rows_of(case: Case, records: Iterable[Record]) -> list[LedgerEntry]:
    """Return the rows, not saved, of what a case's events record; stand-ins of imported histories are nobody."""
    return [
        LedgerEntry(
            case=case,
            seq=record.seq,
            policy=case.policy,
            ledger=record.ledger,
            person_id=person,
            points=record.points,
            at=datetime.fromtimestamp(record.at, UTC),
        )
        for record in records
        if (person := assignees.known_person(record.person)) is not None
    ]


def write_entries(case: Case, records: Iterable[Record]) -> None:
    """Write what a case's new events record."""
    insert(rows_of(case, records))
