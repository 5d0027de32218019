"""Measures every case of the environment's database anew, asks for the pages of figures, writes how long each took.

python -m bench.insight_inside ROUNDS FILE
"""

from __future__ import annotations

import csv
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from bench.figures import middle, percentile, timed

FOLDED = 2000  # cases that are folded plainly, to compare with
#: Who asks, and for how many of the pages: the others for the overview alone.
READERS = {"manager": None, "agent": 2, "auditor": 2, "quality": 2}
EXPORTED, WRITTEN = ("cases", "duties", "events", "figures"), 50_000  # rows of each, the newest
FIFTY, LASTING = 50, 20  # acts a second, and for how many seconds
YEAR = "policy=customer-complaints&span=last-12-months"
ADDRESSES = {
    "overview, twelve months": f"/desk/overview/?{YEAR}",
    "overview, this quarter": "/desk/overview/?policy=customer-complaints&span=this-quarter",
    "where the time goes": f"/desk/overview/time/?{YEAR}",
    "cases behind a figure": f"/desk/overview/cases/?{YEAR}&measure=received",
    "clause compliance": f"/desk/compliance/?{YEAR}",
    "explore, received by category": f"/desk/overview/explore/?{YEAR}&measure=received&rows=category",
    "explore, middle days by grade": f"/desk/overview/explore/?{YEAR}&measure=closing_days&rows=grade",
    "explore, on time by month and department": (
        f"/desk/overview/explore/?{YEAR}&measure=on_time&rows=month&columns=department"
    ),
    "explore, open by month": f"/desk/overview/explore/?{YEAR}&measure=open&rows=month",
    "explore, open by category": f"/desk/overview/explore/?{YEAR}&measure=open&rows=category",
    "explore, received by category and channel": (
        f"/desk/overview/explore/?{YEAR}&measure=received&rows=category&columns=channel"
    ),
}


def main() -> None:
    rounds, answer = int(sys.argv[1]), Path(sys.argv[2])
    import django

    django.setup()
    from django.utils import timezone

    from bench.reporting import forty_pages
    from ombud.cases.models import Case
    from ombud.insight import keeping, summing
    from ombud.insight.models import Measured

    if Measured.objects.count() < Case.objects.count():
        keeping.rebuild()
    summing.catch_up(now=timezone.now())
    found = {
        "speeds": list(_speeds()),
        "pages": list(_pages(rounds)),
        "written": [
            (f"{what}, {format}", *_exported(what, format)) for what in EXPORTED for format in ("csv", "parquet")
        ],
        "pdf": forty_pages(),
        "current": _current(),
    }
    answer.write_text(json.dumps(found))


def _speeds() -> Iterator[tuple[str, float, float]]:
    """Yield how many cases are measured and summed up a second of computing, beside what that is held against."""
    from django.utils import timezone

    from ombud.cases.fold import folded
    from ombud.cases.models import Case
    from ombud.insight import keeping, keys, summing
    from ombud.insight.models import SummedDay

    cases = list(Case.objects.order_by("pk")[:FOLDED])
    folds = _a_second(lambda: [folded(case) for case in cases], len(cases))
    keys_of = [case.pk for case in cases]
    batches = [keys_of[at : at + keeping.BATCH] for at in range(0, len(keys_of), keeping.BATCH)]
    measured = _a_second(lambda: [keeping.measure(batch, is_noted=False) for batch in batches], len(cases))
    yield "cases measured anew, folded", measured, folds
    pack = keys.pack_of("customer-complaints")
    days = list(SummedDay.objects.filter(policy=pack.id).order_by("-day").values_list("day", flat=True)[30:60])
    first, last = Case.objects.earliest("received_at").received_at, Case.objects.latest("received_at").received_at
    per_case = Case.objects.count() / max(1, (last - first).days)
    now = timezone.now()
    summed = _a_second(lambda: [summing.sum_up(pack, day, now=now) for day in days], len(days))
    yield "cases of the days summed up anew, folded", summed * per_case, folds


def _a_second(work: Callable[[], object], many: int) -> float:
    began = time.process_time()
    work()
    return many / (time.process_time() - began)


def _pages(rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from ombud.organisation.models import Person

    for username, most in READERS.items():
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(Person.objects.get(username=username))
        for name, address in islice(ADDRESSES.items(), most):

            def ask(client: Client = client, address: str = address) -> None:
                response = client.get(address)
                assert response.status_code == 200, (address, response.status_code)

            began = time.process_time()
            ask()
            rounds_of = rounds if time.process_time() - began < 2 else 2  # who waits so long asks no twentieth time
            with CaptureQueriesContext(connection) as queries:
                ask()
            taken, computed = timed(ask, rounds_of)
            page = {"p50": middle(taken), "p95": percentile(taken, 0.95), "cpu": middle(computed)}
            page["cpu95"] = percentile(computed, 0.95)
            yield f"{name}, {username}", {**page, "queries": len(queries)}


def _current() -> dict[str, float]:
    """Return how long at most an act was not in the figures, while fifty a second were done and the clock worked."""
    from django.db import connection
    from django.utils import timezone

    from bench.acting import acts
    from ombud.cases.models import Case
    from ombud.clock.beside import works
    from ombud.insight.models import Measured

    stop, lags, waiting = threading.Event(), [0.0], dict[int, tuple[int, float]]()

    def work(do: Callable[..., int], every: float) -> None:
        while not stop.is_set():
            if not do(now=timezone.now()):
                stop.wait(every)
        connection.close()

    def watch() -> None:
        while not stop.wait(0.2):
            seen = dict(Measured.objects.filter(pk__in=list(waiting)).values_list("pk", "seq"))
            for pk, seq in seen.items():
                if seq >= waiting[pk][0]:
                    lags.append(time.perf_counter() - waiting.pop(pk)[1])
        connection.close()

    mine = [each for each in works() if each.name in ("figures", "sums of days")]
    threads = [threading.Thread(target=work, args=[each.do, each.every]) for each in mine]
    threads.append(threading.Thread(target=watch))
    for each in threads:
        each.start()
    began, number = time.perf_counter(), 0
    for number, act in enumerate(acts(FIFTY * LASTING), 1):
        case = act()
        waiting[case] = (Case.objects.get(pk=case).seq, time.perf_counter())
        time.sleep(max(0, began + number / FIFTY - time.perf_counter()))
    lasted = time.perf_counter() - began
    while waiting and time.perf_counter() - began < 4 * lasted:
        time.sleep(0.1)
    stop.set()
    for each in threads:
        each.join()
    return {"seconds": lasted, "acts": number, "lag": max(lags), "left": len(waiting)}


def _exported(what: str, format: str) -> tuple[int, float, float]:
    """Return how many rows `ombud export` writes, how many a second, and how many the driver and csv alone do."""
    from django.db import connection
    from django.utils import timezone

    from ombud.insight.exports.dumps import DUMPS, Wanted
    from ombud.insight.exports.writing import write

    table = DUMPS[what](Wanted())
    some = replace(table, rows=islice(table.rows, WRITTEN))
    with open(os.devnull, "wb") as out:
        began = time.process_time()
        rows = write(some, format, out, timezone.get_default_timezone(), most=sys.maxsize)
        taken = time.process_time() - began
    tables = {"cases": "cases_case", "duties": "cases_duty", "events": "cases_event", "figures": "insight_measured"}
    with open(os.devnull, "w", newline="") as text, connection.cursor() as cursor:
        began = time.process_time()
        cursor.execute(f"SELECT * FROM {tables[what]} LIMIT {WRITTEN}")
        plain = csv.writer(text)
        while lines := cursor.fetchmany(2000):
            plain.writerows(lines)
        floor = time.process_time() - began
    return rows, rows / taken, rows / floor


if __name__ == "__main__":
    main()
