"""What SQLite frees is overwritten, or its words stay in the file: for this connection, from now on."""

from __future__ import annotations

from django.db import connection


def overwrite() -> None:
    """Have this connection overwrite what it deletes from now on; PostgreSQL's VACUUM does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
