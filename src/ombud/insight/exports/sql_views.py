"""What tools that speak SQL may read: views over the measured cases and the duties, in which nobody is named.

On PostgreSQL they are a schema of their own, for a role that can read nothing else; on SQLite they stand beside the
tables, with the schema's name before theirs. They are no part of the migrations: a table that a view reads can be
neither changed nor made anew, so every migration takes them away first and puts them back at its end.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.utils import ProgrammingError

log = logging.getLogger(__name__)

SCHEMA = "reporting"
_PLACES = (
    " LEFT JOIN organisation_department d ON d.id = {of}.department_id"
    " LEFT JOIN organisation_office o ON o.id = {office}.office_id"
)
# Nobody knows who reads a view, and the list of a confidential case does not name them.
_OPEN = " WHERE NOT EXISTS (SELECT 1 FROM cases_confidant k WHERE k.case_id = {case})"
#: Each view with what it selects; docs/how-to/business-intelligence.md describes the columns.
VIEWS: Mapping[str, str] = {
    "cases": (
        "SELECT c.reference, m.policy, v.version, m.procedure, m.channel, d.key AS department, o.key AS office,"
        " m.category, m.grade, m.outcome, m.satisfaction, m.is_satisfied, m.asked, m.given, m.choices, m.rounds,"
        " m.is_withdrawn, m.is_repeat, m.received_at, m.registered_at, m.answered_at, m.closed_at, c.next_due_at,"
        " m.registering AS registering_seconds, m.registering_worked AS registering_worked_seconds,"
        " m.answering AS answering_seconds, m.answering_worked AS answering_worked_seconds,"
        " m.closing AS closing_seconds, m.closing_worked AS closing_worked_seconds,"
        " m.ours AS ours_seconds, m.complainants AS complainants_seconds, m.others AS others_seconds, m.stays"
        " FROM insight_measured m JOIN cases_case c ON c.id = m.case_id"
        " LEFT JOIN organisation_policyversion v ON v.id = m.version"
        + _PLACES.format(of="m", office="m")
        + _OPEN.format(case="m.case_id")
    ),
    "duties": (
        "SELECT c.reference, t.policy, c.procedure, t.duty, t.instance, t.clauses, t.role, d.key AS department,"
        " o.key AS office, t.status, t.opened_at, t.due_at, t.done_at, t.breached_at, t.is_provisional, t.is_outsiders"
        " FROM cases_duty t JOIN cases_case c ON c.id = t.case_id"
        + _PLACES.format(of="t", office="c")
        + _OPEN.format(case="t.case_id")
    ),
    "departments": "SELECT key, policy, name FROM organisation_department",
    "offices": "SELECT key, name FROM organisation_office",
}


def name_of(view: str) -> str:
    """Return how a view is called in this database."""
    return f"{SCHEMA}.{view}" if connection.vendor == "postgresql" else f"{SCHEMA}_{view}"


def create() -> None:
    """Make the views; where the database does not let us make a schema, there are none, and the log says so."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            for view, select in VIEWS.items():
                cursor.execute(f"DROP VIEW IF EXISTS {name_of(view)}")
                cursor.execute(f"CREATE VIEW {name_of(view)} AS {select}")
    except ProgrammingError as error:
        log.warning("no views for reporting: %s", error)


def drop() -> None:
    """Take the views away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
            if cursor.fetchone() is None:
                return
        for view in VIEWS:
            cursor.execute(f"DROP VIEW IF EXISTS {name_of(view)}")


def before_migrations(*, plan: Any = (), **_more: Any) -> None:
    """Take the views out of the way of what is about to change."""
    if plan:
        drop()


def after_migrations(*, plan: Any = (), **_more: Any) -> None:
    """Put them back once all tables are as they should be."""
    if plan:
        create()
