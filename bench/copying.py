"""A filled SQLite register copied into an empty PostgreSQL database, table by table through COPY.

python -m bench.copying SQLITE_FILE     into the PostgreSQL database of the environment
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Sequence
from typing import Any

# Parents before children; everything else in the database is made by migrations.
APPS = ("organisation", "privacy", "cases", "notices", "clock", "api", "insight")


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench.fill import check
    from ombud.cases.models import Case

    call_command("migrate", verbosity=0)
    if Case.objects.exists():
        return
    source = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    connection.ensure_connection()
    target = connection.connection
    target.autocommit = True
    with target.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no order of foreign keys, no triggers
        for model in _models():
            copy(source, cursor, model._meta.db_table, columns(model))
        print("  search ...", file=sys.stderr, flush=True)
        _copy_search(source, cursor)
        cursor.execute("SET session_replication_role = origin")
        for model in _models():
            if model._meta.auto_field is not None:
                move_sequence(cursor, model._meta.db_table)
        cursor.execute("VACUUM ANALYZE")
    check()


def _models() -> list[Any]:
    from django.apps import apps

    return [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def columns(model: Any) -> list[tuple[str, Callable[[Any], Any] | None]]:
    from django.db import models

    found: list[tuple[str, Callable[[Any], Any] | None]] = []
    for field in model._meta.concrete_fields:
        kind = field.target_field if field.is_relation else field
        convert: Callable[[Any], Any] | None = None
        if isinstance(kind, models.BooleanField):
            convert = _flag
        elif isinstance(kind, models.DateTimeField):
            convert = _instant
        found.append((field.column, convert))
    return found


def _flag(value: Any) -> Any:
    return None if value is None else bool(value)


def _instant(value: Any) -> Any:
    return None if value is None else f"{value}+00:00"


def copy(source: sqlite3.Connection, cursor: Any, table: str, columns: Sequence[tuple[str, Any]]) -> None:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    converts = [convert for _, convert in columns]
    cursor.execute(f'TRUNCATE "{table}" CASCADE')
    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in source.execute(f'SELECT {names} FROM "{table}"'):
            copy.write_row([convert(each) if convert else each for convert, each in zip(converts, row, strict=True)])


def _copy_search(source: sqlite3.Connection, cursor: Any) -> None:
    """Terms are plain words, so a quoted list of them is a tsvector as it stands."""
    cursor.execute("DROP INDEX IF EXISTS cases_search_tokens")
    with cursor.copy("COPY cases_search (key, tokens) FROM STDIN") as copy:
        for key, tokens in source.execute("SELECT rowid, tokens FROM cases_search"):
            copy.write_row((key, " ".join(f"'{word}'" for word in sorted(set(tokens.split())))))
    cursor.execute("CREATE INDEX cases_search_tokens ON cases_search USING gin (tokens)")


def move_sequence(cursor: Any, table: str) -> None:
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM \"{table}\"))"
    )


if __name__ == "__main__":
    main()
