"""The floor of filing: the rows of one complaint inserted by plain SQL in one durable transaction, nothing else.

python -m bench.bare SECONDS [--clients N]     prints {"per_second", "rows"}
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

Statement = tuple[str, list[str], list[Any]]  # SQL, columns, the pattern's values


def pattern() -> list[Statement]:
    """Return the statements that wrote the newest case, in order, with their values."""
    from django.apps import apps
    from django.db import connection

    from ombud.cases.models import Case
    from ombud.cases.projections import key_of

    case = Case.objects.exclude(reference__startswith="KB-").order_by("-pk")[0]  # not one of an earlier run's floor
    found: list[Statement] = []
    for label in (
        "privacy.Complainant", "cases.Case", "cases.Event", "privacy.BlindIndex", "cases.Duty", "cases.Grade",
        "cases.Participation", "cases.WakeUp", "cases.Outbox", "cases.IdempotencyKey",
    ):  # fmt: skip
        model = apps.get_model(label)
        keyed = {field.column for field in model._meta.concrete_fields} & {"case_id", "complainant_id"}
        column, value = ("id", case.complainant_id) if label == "privacy.Complainant" else ("case_id", case.pk)
        if label == "cases.Case":
            column = "id"
        elif "case_id" not in keyed and label != "privacy.Complainant":
            column, value = ("complainant_id", case.complainant_id) if keyed else ("", None)
        rows = _rows(model._meta.db_table, column, value)
        found += [(_insert(model._meta.db_table, list(row)), list(row), list(row.values())) for row in rows]
    key = "key" if connection.vendor == "postgresql" else "rowid"
    (row,) = _rows("cases_search", key, key_of(case), f"{key}, tokens")
    return [*found, (_insert("cases_search", list(row)), list(row), list(row.values()))]


def _rows(table: str, column: str, value: Any, columns: str = "*") -> list[dict[str, Any]]:
    from django.db import connection

    where, params = (f"WHERE {column} = %s", [_plain(value)]) if column else ("ORDER BY id DESC LIMIT 1", [])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} {where}", params)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    from django.db import connection

    return value.hex if isinstance(value, uuid.UUID) and connection.vendor == "sqlite" else value


def _insert(table: str, columns: list[str]) -> str:
    holes = ", ".join(["%s"] * len(columns))
    names = ", ".join(f'"{name}"' for name in columns)  # `do` is a word of SQL
    return f"INSERT INTO {table} ({names}) VALUES ({holes})"


def fresh(statements: list[Statement], number: int) -> list[list[Any]]:
    """Return the values for one more complaint: everything that must be unique is another."""
    person = uuid.uuid4()
    rows = []
    for row_number, (sql, columns, values) in enumerate(statements):
        table = sql.split()[2]
        new = dict(zip(columns, values, strict=True))
        own: dict[str, Any] = {"case_id": number, "rowid": number, "complainant_id": _plain(person)}
        own["reference"] = f"KB-{number:x}"
        own["id"] = {"privacy_complainant": _plain(person), "cases_case": number}.get(table, number * 100 + row_number)
        own["dedupe"] = f"bare/{number}/{row_number}"
        own["key"] = number if table == "cases_search" else f"bare/{number}"
        rows.append([own.get(name, new[name]) for name in columns])
    return rows


def worker(connect: Callable[[], Any], statements: list[Statement], numbers: range, until: float) -> int:
    """Insert complaints until the time is over; return how many."""
    connection = connect()
    sqlite = connection.__class__.__module__.startswith("sqlite3")
    cursor, done = connection.cursor(), 0
    plain = [sql.replace("%s", "?") if sqlite else sql for sql, _, _ in statements]
    for number in numbers:
        if time.perf_counter() > until:
            break
        rows = fresh(statements, number)
        if sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for sql, values in zip(plain, rows, strict=True):
            cursor.execute(sql, values)
        cursor.execute("COMMIT") if sqlite else connection.commit()
        done += 1
    connection.close()
    return done


def connector() -> Callable[[], Any]:
    """Return what opens a plain connection of the driver, as durable as the register's own."""
    from django.db import connection

    wanted = connection.settings_dict
    if connection.vendor == "postgresql":
        import psycopg
        from psycopg.types.json import set_json_loads

        set_json_loads(lambda text: text)
        return lambda: psycopg.connect(
            host=wanted["HOST"], port=wanted["PORT"], user=wanted["USER"], dbname=wanted["NAME"]
        )
    import sqlite3

    def connect() -> Any:
        opened = sqlite3.connect(wanted["NAME"], isolation_level=None, timeout=30)
        opened.executescript(wanted["OPTIONS"]["init_command"])
        return opened

    return connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--clients", type=int, default=1)
    options = parser.parse_args()
    import django

    django.setup()
    from ombud.cases.models import Case

    statements, connect = pattern(), connector()
    began = time.perf_counter()
    # Above every case that is there or comes by itself, and below what the key of a search document has room for.
    first, until = Case.objects.latest("pk").pk + 1_000_000, began + options.seconds
    done: list[int] = []

    def run(client: int) -> None:
        start = first + client * 1_000_000
        done.append(worker(connect, statements, range(start, start + 1_000_000), until))

    threads = [threading.Thread(target=run, args=[client]) for client in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(done) / (time.perf_counter() - began)
    json.dump({"per_second": rate, "rows": len(statements)}, sys.stdout)


if __name__ == "__main__":
    main()
