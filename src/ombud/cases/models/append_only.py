"""Triggers that keep logs append-only whoever writes to the database; made by migrations."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.backends.base.base import BaseDatabaseWrapper

#: table -> what is unique in it beside its key
TABLES: Mapping[str, str] = {
    "cases_event": "case_id = NEW.case_id AND seq = NEW.seq",
    "cases_dailyroot": "number = NEW.number",
    "cases_dailyhead": "",
    "cases_dailyrecord": "kind = NEW.kind AND key = NEW.key",
    "cases_removal": "",
    "privacy_access": "",
    "organisation_change": "",
    "organisation_policystep": "",
}

_FUNCTION = """
CREATE OR REPLACE FUNCTION ombud_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME; END $$
"""


def _present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the tables that are there: the first migrations run before later ones make the rest."""
    there = set(connection.introspection.table_names())
    return {table: unique for table, unique in TABLES.items() if table in there}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table, unique in _present(connection).items():
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION ombud_append_only()"
                )
                cursor.execute(
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION ombud_append_only()"
                )
                continue
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is never changed or deleted'); END"
                )
            # REPLACE deletes the old row without asking the trigger above.
            known = " OR ".join(f"({each})" for each in ("id = NEW.id", unique) if each)
            cursor.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
                f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {known})"
                f" BEGIN SELECT RAISE(ABORT, '{table} is never changed or deleted'); END"
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: for the migration's way back, and for tests that empty the database."""
    with connection.cursor() as cursor:
        for table in _present(connection):
            if connection.vendor == "postgresql":
                for name in ("append_only", "no_truncate"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
                continue
            for verb in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
