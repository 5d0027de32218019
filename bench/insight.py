"""The pages of figures, how fast what they are counted from is made anew and written out, on both databases.

python -m bench insight [--cases 20000] [--rounds N] [--keep DIR]
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from bench import place
from bench.figures import table
from bench.pages import filled

AIM = (
    "aim: overview p95 < 150 ms, compliance p95 < 300 ms, explore p95 < 500 ms at a million; a rebuild at least half as"
    " fast as a plain fold; figures current within 5 s at 50 acts/s; 40 pages of PDF < 3 s; export >= 20,000 rows/s"
)
LIVED = 5_000  # cases that are lived through; a larger register tells these again


def run(*, sizes: list[int], rounds: int, keep: Path | None) -> None:
    """Fill what is not filled yet, measure, print one table for each size and database."""
    print(f"insight: {AIM}")
    with place.scratch(keep) as folder:
        for size in sizes:
            var = _grown(folder, size)
            _tell(size, place.SQLITE, _measured(folder, place.environment(var), rounds))
        with place.cluster(folder) as server:
            for size in sizes if server else ():
                lived = folder / f"sqlite-{min(size, LIVED)}"
                env = place.environment(lived, place.fresh_database(server or "", f"cases_{size}"))
                place.inside("copying", [str(lived / "ombud.sqlite3")], env)
                place.inside("growing", [str(size), str(folder / f"sqlite-{size}" / "ombud.sqlite3")], env)
                _tell(size, place.POSTGRESQL, _measured(folder, env, rounds))


def _grown(folder: Path, size: int) -> Path:
    """Return the folder of a register of that size: lived through, or grown from one that was."""
    known = min(size, LIVED)
    lived = filled(folder, known)
    place.inside("growing", [str(known)], place.environment(lived))  # which measures what was lived, once for all sizes
    var = folder / f"sqlite-{size}"
    if not (var / "ombud.sqlite3").exists():
        var.mkdir(exist_ok=True)
        shutil.copyfile(lived / "ombud.sqlite3", var / "ombud.sqlite3")
    place.inside("growing", [str(size)], place.environment(var))
    return var


def _measured(folder: Path, env: dict[str, str], rounds: int) -> dict[str, Any]:
    answer = folder / "insight.json"
    place.inside("insight_inside", [str(rounds), str(answer)], env)
    measured: dict[str, Any] = json.loads(answer.read_text())
    return measured


def _tell(size: int, database: str, found: dict[str, Any]) -> None:
    print(f"\n{database}, {size:,} cases\n")
    speeds = [[name, f"{one:,.0f}", f"{other:,.0f}", f"{one / other:.2f}"] for name, one, other in found["speeds"]]
    print(table(["in computing time", "a second", "floor", "ratio"], speeds))
    acts = found["current"]
    speed = acts["acts"] / acts["seconds"]
    print(
        f"\n{speed:.0f} acts/s for {acts['seconds']:.0f} s: in the figures within {acts['lag']:.1f} s,"
        f" {acts['left']} left; an act computes for {acts['act_ms']:.0f} ms,"
        f" the clock for {acts['clock_share']:.2f} of the time"
    )
    print(f"a report of {found['pdf']['pages']} pages: {found['pdf']['seconds']:.1f} s\n")
    rows = [
        [name, *(f"{page[key]:.0f}" for key in ("p50", "p95", "cpu", "cpu95", "database")), str(page["queries"])]
        for name, page in found["pages"]
    ]
    print(table(["page, reader", "p50 ms", "p95 ms", "CPU ms", "CPU p95", "database CPU", "queries"], rows))
    exported = [
        [what, f"{rows:,}", f"{speed:,.0f}", f"{floor:,.0f}", f"{speed / floor:.2f}"]
        for what, rows, speed, floor in found["written"]
    ]
    print()
    print(table(["export, in computing time", "rows", "rows/s", "driver and csv alone", "ratio"], exported))
