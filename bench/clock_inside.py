"""Lets time pass over cases that all have a rung due, in the environment's database, and writes how fast.

python -m bench.clock_inside CASES FILE
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from bench.fill import prepare


def main() -> None:
    count, answer = int(sys.argv[1]), Path(sys.argv[2])
    now = timezone.now()
    prepare(now)
    from bench.loader import complaint
    from ombud.cases.models import WakeUp
    from ombud.channels import intake
    from ombud.clock import sweep
    from ombud.engine.model import Actor
    from ombud.organisation.models import Person

    actor = Actor(person=Person.objects.get(username="agent").key, role="agent", department="service")
    dice = random.Random(7)
    for _ in range(count):
        asked = json.loads(complaint(dice))
        intake.receive(
            asked["policy"], channel=asked["channel"], language="zh", data=asked["data"], actor=actor, at=now, now=now
        )
    # Late enough for the first rung of each: a warning or a breach, with its notices.
    first = WakeUp.objects.order_by("-at").values_list("at", flat=True)[0]
    later = now + timedelta(seconds=first - int(now.timestamp()) + 1)
    began, events, cases = time.perf_counter(), 0, 0
    while written := sweep.sweep(now=later):
        events += written
    taken = time.perf_counter() - began
    cases = count
    answer.write_text(json.dumps({"cases": cases / taken, "events": events / taken, "bare": _bare(count)}))


def _bare(count: int) -> float:
    """Return how many transactions a second do nothing but move one wake-up each."""
    from django.db import connection

    from bench.bare import connector

    plain, done = connector()(), 0
    keys = [pk for (pk,) in plain.execute(f"SELECT case_id FROM cases_wakeup LIMIT {count}").fetchall()]
    hole = "?" if connection.vendor == "sqlite" else "%s"
    if connection.vendor == "postgresql":
        plain.commit()
        plain.autocommit = True
    began = time.perf_counter()
    for key in keys:
        plain.execute(f"UPDATE cases_wakeup SET at = at + 1 WHERE case_id = {hole}", [key])
        done += 1
    return done / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
