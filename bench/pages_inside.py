"""Asks for every page in the environment's database and writes how long each took.

python -m bench.pages_inside ROUNDS FILE
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import middle, percentile, timed

READERS = ("agent", "manager", "quality")  # service department, whole organisation, contact of one other department
REGISTER = "/desk/cases/"
# What is asked of every reader: name -> address. Words are in the texts of the demo's complaints.
ADDRESSES = {
    "my duties": "/desk/",
    "register": REGISTER,
    "register, open": f"{REGISTER}?open=1",
    "register, phase": f"{REGISTER}?phase=answering",
    "register, grade": f"{REGISTER}?grade.severity=major",
    "register, channel and closed": f"{REGISTER}?channel=store&open=0",
    "register, due first": f"{REGISTER}?sort=due",
    "register, oldest first": f"{REGISTER}?sort=oldest",
    "search, frequent Chinese pair": f"{REGISTER}?q=%E9%80%80%E6%AC%BE",
    "search, rare Chinese word": f"{REGISTER}?q=%E6%B4%97%E8%A1%A3%E6%9C%BA",
    "search, frequent English word": f"{REGISTER}?q=order",
    "search, rare word and phase": f"{REGISTER}?q=voltage&phase=answering",
    "search, rare word and closed": f"{REGISTER}?q=voltage&open=0",
    "search, nothing found": f"{REGISTER}?q=zyzzyva",
}


def pages(username: str) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of everything that is asked as this person."""
    from django.utils import timezone

    from ombud.cases.reading import queries
    from ombud.organisation.models import Person

    yield from ADDRESSES.items()
    reader, now = Person.objects.get(username=username), timezone.now()
    page = queries.register(reader, now=now)
    if page.after:
        yield "register, second page", f"{REGISTER}?cursor={page.after}"
    closed = queries.register(reader, now=now, filters=queries.Filters(is_open=False))
    if closed.rows:
        yield "case page, closed", f"{REGISTER}{closed.rows[0].case.reference}/"
    owed = queries.my_duties(reader, now=now)
    if owed.rows:
        yield "case page, open", f"{REGISTER}{owed.rows[0].duty.case.reference}/"


def main() -> None:
    rounds, answer = int(sys.argv[1]), Path(sys.argv[2])
    import django

    django.setup()
    from django.test import Client

    from ombud.organisation.models import Person

    found = {"healthz": _page(Client(SERVER_NAME="127.0.0.1"), "/healthz", rounds)}
    for username in READERS:
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(Person.objects.get(username=username))
        for name, address in pages(username):
            found[f"{name}, {username}"] = _page(client, address, rounds)
    if "-v" in sys.argv:
        print(json.dumps(found, indent=1))
    answer.write_text(json.dumps(found))


def _page(client: Any, address: str, rounds: int) -> dict[str, Any]:
    from django.db import connection

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    rows = client.get(address).content.decode().count(" data-row>")
    statements: list[tuple[float, str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        result = execute(sql, params, many, context)
        statements.append((time.perf_counter() - began, sql, params))
        return result

    with connection.execute_wrapper(note):
        ask()
    taken, computed = timed(ask, rounds)
    reads = [each for each in statements if each[1].startswith("SELECT")]
    return {
        "p50": middle(taken),
        "p95": percentile(taken, 0.95),
        "cpu": middle(computed),
        "queries": len(statements),
        "rows": rows,
        "sql": _floor(max(reads, key=lambda each: each[0]), rounds) if reads else None,
    }


def _floor(statement: tuple[float, str, Any], rounds: int) -> float:
    """Return how long the page's slowest statement takes by itself, in milliseconds."""
    from django.db import connection

    _, sql, params = statement
    with connection.cursor() as cursor:

        def ask() -> None:
            cursor.execute(sql, params)
            cursor.fetchall()

        return middle(timed(ask, rounds)[0])


if __name__ == "__main__":
    main()
