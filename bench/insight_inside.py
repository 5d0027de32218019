"""Measures every case of the environment's database anew, asks for the pages of figures, writes how long each took.

python -m bench.insight_inside ROUNDS FILE
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bench.figures import middle, percentile, timed

FOLDED = 2000  # cases that are folded plainly, to compare with
#: Who asks, and for how many of the pages: the others for the overview alone.
READERS = {"manager": None, "quality": None, "quality.head": 2, "agent": 2, "auditor": 2}
FLOOR = {"healthz, the floor": "/healthz", "register, open": "/desk/cases/?open=1"}
CHANGED = 3  # days before today that are not summed up, today with them, where an overview is asked for once more
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

    import ombud.project.wsgi  # noqa: F401  # begins as a worker does that serves pages
    from bench.reporting import forty_pages
    from ombud.cases.models import Case
    from ombud.insight import keeping, keys, summing
    from ombud.insight.models import Measured

    if Measured.objects.count() < Case.objects.count():
        keeping.rebuild()
    while summing.catch_up(now=timezone.now()):  # days that never were: a register that was not grown has none
        pass
    _follow()
    summing.put_months_together(keys.pack_of("customer-complaints"), now=timezone.now())
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

    def measure() -> None:
        for batch in batches:
            keeping.measure(batch, is_noted=False)

    measured = _a_second(measure, len(cases))
    yield "cases measured anew, folded", measured, folds
    pack = keys.pack_of("customer-complaints")
    days = list(SummedDay.objects.filter(policy=pack.id).order_by("-day").values_list("day", flat=True)[30:60])
    first, last = Case.objects.earliest("received_at").received_at, Case.objects.latest("received_at").received_at
    per_case = Case.objects.count() / max(1, (last - first).days)
    now = timezone.now()

    def sum_up() -> None:
        for day in days:
            summing.sum_up(pack, day, now=now)

    summed = _a_second(sum_up, len(days))
    yield "cases of the days summed up anew, folded", summed * per_case, folds
    yield "cases in a rebuild, which is both", 1 / (1 / measured + 1 / (summed * per_case)), folds


def _a_second(work: Callable[[], object], many: int) -> float:
    began = time.process_time()
    work()
    return many / (time.process_time() - began)


def _pages(rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from django.test import Client

    from ombud.organisation.models import Person

    clients = {who: Client(SERVER_NAME="127.0.0.1") for who in READERS}
    for who, client in clients.items():
        client.force_login(Person.objects.get(username=who))
    asked = [("manager", *each) for each in FLOOR.items()]
    asked += [(who, *each) for who, most in READERS.items() for each in islice(ADDRESSES.items(), most)]
    for who, name, address in asked:
        _follow()
        yield f"{name}, {who}", _page(clients[who], address, rounds)
    days = _change_lately()
    name, address = next(iter(ADDRESSES.items()))
    for who in ("manager", "quality"):
        yield f"{name}, {CHANGED} days to be summed up anew, {who}", _page(clients[who], address, rounds)
    days.delete()


def _follow() -> None:
    """Sum up what is not as it was, as the clock does all the time: something is always overdue since."""
    from django.utils import timezone

    from ombud.insight import summing
    from ombud.insight.models import ChangedDay, SummedDay

    for _look in range(5):
        summing.catch_up(now=timezone.now())
        if not ChangedDay.objects.exists() and not SummedDay.objects.filter(until__lt=timezone.now()).exists():
            return


def _change_lately() -> Any:
    """Note that the last days are to be summed up anew, as where people act all the time, and return the notes."""
    from django.utils import timezone

    from ombud.insight import summing
    from ombud.insight.models import ChangedDay

    policy, today = YEAR.partition("&")[0].partition("=")[2], timezone.localdate()
    summing.note((policy, (today - timedelta(days=each)).isoformat()) for each in range(CHANGED))
    return ChangedDay.objects.filter(policy=policy)


def _page(client: Any, address: str, rounds: int) -> dict[str, Any]:
    """Return how long a page takes by the clock, how much this process and the database computed for it, in ms."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)

    began = time.process_time()
    ask()
    rounds = rounds if time.process_time() - began < 2 else 2  # who waits so long asks no twentieth time
    with CaptureQueriesContext(connection) as queries:
        ask()
    asked = len(queries)  # now: the next request forgets them
    before = _computed_by_database()
    taken, computed = timed(ask, rounds)
    page = {"p50": middle(taken), "p95": percentile(taken, 0.95), "cpu": middle(computed)}
    page["cpu95"] = percentile(computed, 0.95)
    page["database"] = (_computed_by_database() - before) * 1000 / (rounds + 1)
    return {**page, "queries": asked}


def _computed_by_database() -> float:
    """Return how many seconds the server's process for this connection has computed; SQLite's are this process's."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        numbers = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _current() -> dict[str, float]:
    """Return how long at most an act was not in the figures, while fifty a second were done and the clock worked.

    Acts are those of another process, as in earnest, and the clock's works have this one for themselves.
    """
    from django.db import connection
    from django.utils import timezone

    from ombud.clock.beside import works
    from ombud.insight.models import Measured

    stop, lags, waiting = threading.Event(), [0.0], dict[int, tuple[int, float]]()
    acting = [sys.executable, "-m", "bench.acting", str(FIFTY * LASTING), str(FIFTY)]

    def work(do: Callable[..., int], every: float) -> None:
        while not stop.is_set():
            if not do(now=timezone.now()):
                stop.wait(every)
        connection.close()

    def watch() -> None:
        while not stop.wait(0.2):
            asked = dict(waiting)
            for pk, seq in Measured.objects.filter(pk__in=list(asked)).values_list("pk", "seq"):
                if seq >= asked[pk][0]:
                    lags.append(time.time() - asked[pk][1])
                    if waiting[pk] == asked[pk]:  # nothing happened to it since
                        del waiting[pk]
        connection.close()

    mine = [each for each in works() if each.name in ("figures", "sums of days")]
    threads = [threading.Thread(target=work, args=[each.do, each.every]) for each in mine]
    threads.append(threading.Thread(target=watch))
    for each in threads:
        each.start()
    began, number = time.process_time(), 0
    with subprocess.Popen(acting, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if len(told := line.split()) == 3:
                waiting[int(told[0])] = int(told[1]), float(told[2])
                number += 1
            else:
                lasted, acting_cpu = map(float, told)
    patience = time.perf_counter() + 3 * lasted
    while waiting and time.perf_counter() < patience:
        time.sleep(0.1)
    clock_cpu = time.process_time() - began
    stop.set()
    for each in threads:
        each.join()
    return {
        "seconds": lasted, "acts": number, "lag": max(lags), "left": len(waiting),
        "act_ms": acting_cpu * 1000 / number, "clock_share": clock_cpu / lasted,
    }  # fmt: skip


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
