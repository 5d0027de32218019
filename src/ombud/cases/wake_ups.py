"""When time does something to a case next: one row for each that waits."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def write(wakes: Sequence[tuple[int, int | None]]) -> None:
    """Set the instants at which time does something next: (case, instant or None for never)."""
    never = [[pk] for pk, at in wakes if at is None]
    some = [[pk, at] for pk, at in wakes if at is not None]
    with connection.cursor() as cursor:
        if never:
            cursor.executemany("DELETE FROM cases_wakeup WHERE case_id = %s", never)
        if some:
            cursor.executemany(
                "INSERT INTO cases_wakeup (case_id, at, failures) VALUES (%s, %s, 0)"
                " ON CONFLICT (case_id) DO UPDATE SET at = excluded.at, failures = 0",
                some,
            )
