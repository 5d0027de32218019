"""Measures every case of the environment's database anew, asks for the pages of figures, writes how long each took.

python -m bench.insight_inside ROUNDS FILE
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import middle, percentile, timed

FOLDED = 2000  # cases that are folded plainly, to compare with
READERS = ("manager", "quality")
YEAR = "policy=customer-complaints&span=last-12-months"
ADDRESSES = {
    "overview, twelve months": f"/desk/overview/?{YEAR}",
    "overview, this quarter": "/desk/overview/?policy=customer-complaints&span=this-quarter",
    "where the time goes": f"/desk/overview/time/?{YEAR}",
    "cases behind a figure": f"/desk/overview/cases/?{YEAR}&measure=received",
    "clause compliance": f"/desk/compliance/?{YEAR}",
}


def main() -> None:
    rounds, answer = int(sys.argv[1]), Path(sys.argv[2])
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from ombud.cases.fold import folded
    from ombud.cases.models import Case
    from ombud.insight import keeping
    from ombud.organisation.models import Person

    cases = list(Case.objects.order_by("pk")[:FOLDED])
    began = time.perf_counter()
    for case in cases:
        folded(case)
    folds = len(cases) / (time.perf_counter() - began)
    began = time.perf_counter()
    rebuilt = keeping.rebuild() / (time.perf_counter() - began)
    found: list[tuple[str, dict[str, Any]]] = []
    for username in READERS:
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(Person.objects.get(username=username))
        for name, address in ADDRESSES.items():

            def ask(client: Client = client, address: str = address) -> None:
                response = client.get(address)
                assert response.status_code == 200, (address, response.status_code)

            ask()
            with CaptureQueriesContext(connection) as queries:
                ask()
            taken, _computed = timed(ask, rounds)
            page = {"p50": middle(taken), "p95": percentile(taken, 0.95), "queries": len(queries)}
            found.append((f"{name}, {username}", page))
    written = [(what, *_exported(what)) for what in ("cases", "duties", "events", "figures")]
    answer.write_text(json.dumps({"folds": folds, "rebuilt": rebuilt, "pages": found, "written": written}))


def _exported(what: str) -> tuple[int, float, float]:
    """Return how many rows `ombud export` writes, how many a second, and how many the driver and csv alone do."""
    from django.db import connection
    from django.utils import timezone

    from ombud.insight.exports.dumps import DUMPS, Wanted
    from ombud.insight.exports.writing import CSV, write

    with open(os.devnull, "wb") as out:
        began = time.perf_counter()
        rows = write(DUMPS[what](Wanted()), CSV, out, timezone.get_default_timezone(), most=sys.maxsize)
        taken = time.perf_counter() - began
    tables = {"cases": "cases_case", "duties": "cases_duty", "events": "cases_event", "figures": "insight_measured"}
    with open(os.devnull, "w", newline="") as text, connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(f"SELECT * FROM {tables[what]}")
        plain = csv.writer(text)
        while some := cursor.fetchmany(2000):
            plain.writerows(some)
        floor = time.perf_counter() - began
    return rows, rows / taken, rows / floor


if __name__ == "__main__":
    main()
