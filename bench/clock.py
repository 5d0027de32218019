"""Rungs that the clock performs in one tick after a pause, beside the bare updates of as many rows."""

from __future__ import annotations

import json

from bench import place
from bench.figures import table

RUNGS = 1000


def run() -> None:
    """Measure on both databases and print the table."""
    rows = []
    with place.scratch() as folder, place.cluster(folder) as server:
        databases = {place.SQLITE: ""}
        if server:
            databases[place.POSTGRESQL] = place.fresh_database(server, "clock")
        for name, database in databases.items():
            var = folder / name
            var.mkdir()
            answer = var / "figures.json"
            place.inside("clock_inside", [str(RUNGS), str(answer)], place.environment(var, database))
            got = json.loads(answer.read_text())
            ratio = got["bare"] / got["cases"]
            rows.append([name, f"{got['cases']:.0f}", f"{got['events']:.0f}", f"{got['bare']:.0f}", f"1 / {ratio:.1f}"])
    print(f"clock: {RUNGS} cases whose next rung is due, one process")
    print(table(("database", "cases/s", "events/s", "bare transactions/s", "tick / bare"), rows))


if __name__ == "__main__":
    run()
