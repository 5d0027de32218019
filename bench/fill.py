"""A register filled in bulk through the engine: varied texts, phases and dates, the same for the same seed.

    python -m bench.fill COUNT [--jobs N]     into the SQLite database of the environment

Every story is lived through by the engine act by act and told of four complainants with words, keys,
chains and projections of their own; `ombud verify` finds nothing wrong with what is written.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.encoding import Batch, Encoder
    from bench.stories import Plot

    Task = tuple[int, list[Plot]]  # number of the first case, stories

STORIES, COPIES = 50, 4  # stories a batch, complainants a story
_shared: list[Encoder] = []


def fill(count: int, *, now: datetime, seed: int = 7, jobs: int = 2) -> None:
    """Write `count` cases of the last three years into an SQLite register that has none; progress goes to stderr."""
    from django.db import connection, connections

    from bench.encoding import MODELS, SEARCH, Encoder
    from bench.rows import insert
    from bench.stories import Teller

    teller = Teller(now)
    plots = teller.plots(-(-count // COPIES), seed)
    teller.live(plots[-1])  # compiles what the workers then share
    encoder = Encoder(teller)
    path = connection.settings_dict["NAME"]
    connections.close_all()
    tasks = [(1 + n * COPIES, plots[n : n + STORIES]) for n in range(0, len(plots), STORIES)]
    statements = {model._meta.db_table: insert(model) for model in MODELS}
    statements[SEARCH] = f"INSERT INTO {SEARCH} (rowid, tokens) VALUES (?, ?)"
    began, done = time.perf_counter(), 0
    with _bulk(str(path), list(statements)) as database:
        for batch in _batches(encoder, tasks, jobs):
            for table, statement in statements.items():
                database.executemany(statement, batch[table])
            database.commit()
            done += len(batch["cases_case"])
            if done % 5000 < STORIES * COPIES:
                print(f"  {done:,} cases, {done / (time.perf_counter() - began):,.0f}/s", file=sys.stderr, flush=True)


def _batches(encoder: Encoder, tasks: list[Task], jobs: int) -> Iterator[Batch]:
    if jobs < 2:
        for first, plots in tasks:
            yield encoder.batch(first, plots, COPIES)
        return
    _shared.append(encoder)  # forked processes find it there
    with multiprocessing.get_context("fork").Pool(jobs, initializer=gc.freeze) as pool:
        yield from pool.imap(_work, tasks)


def _work(task: Task) -> Batch:
    return _shared[0].batch(*task, COPIES)


@contextmanager
def _bulk(path: str, tables: list[str]) -> Iterator[sqlite3.Connection]:
    """Yield a connection for bulk writing: indexes are built once at the end, and nothing is synced before."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous=OFF")
    database.execute("PRAGMA cache_size=-262144")
    holes = ", ".join("?" * len(tables))
    sql = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({holes})"
    indexes = database.execute(sql, tables).fetchall()
    for name, _ in indexes:
        database.execute(f'DROP INDEX "{name}"')
    yield database
    print("  indexes ...", file=sys.stderr, flush=True)
    for _, sql in indexes:
        database.execute(sql)
    database.execute("PRAGMA analysis_limit=1000")
    database.execute("ANALYZE")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def prepare(now: datetime) -> None:
    """Bring the environment's database up to date, with the policy in force and the demo's people."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench.stories import POLICY
    from ombud.organisation.models import Person
    from ombud.organisation.publishing import publish
    from ombud.policy import load
    from ombud.project import demo

    call_command("migrate", verbosity=0)
    if not Person.objects.exists():
        publish(load(POLICY), now=now)
        demo.hire({POLICY})


def check(sample: int = 40) -> None:
    """Refold some of the cases and stop where anything stored differs."""
    from ombud.cases.keeping.verify import problems_of
    from ombud.cases.models import Case

    keys = list(Case.objects.values_list("pk", flat=True))
    for case in Case.objects.filter(pk__in=random.Random(1).sample(keys, min(sample, len(keys)))):
        problems = problems_of(case)
        assert not problems, (case.reference, problems)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    from django.utils import timezone

    now = timezone.now()
    prepare(now)
    from ombud.cases.models import Case

    if Case.objects.exists():
        return
    fill(options.count, now=now - timedelta(seconds=1), jobs=options.jobs)
    check()


if __name__ == "__main__":
    main()
