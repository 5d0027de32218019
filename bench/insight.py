"""The pages of figures, how fast what they are counted from is made anew and written out, on both databases.

python -m bench insight [--cases 20000] [--rounds N] [--keep DIR]
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import place
from bench.figures import table
from bench.pages import filled

AIM = (
    "aim: overview p95 < 150 ms, compliance p95 < 300 ms; a rebuild at least half as fast as a plain fold;"
    " export >= 20,000 rows/s"
)


def run(*, sizes: list[int], rounds: int, keep: Path | None) -> None:
    """Fill what is not filled yet, measure, print one table for each size and database."""
    print(f"insight: {AIM}")
    with place.scratch(keep) as folder:
        for size in sizes:
            var = filled(folder, size)
            _tell(size, place.SQLITE, _measured(folder, place.environment(var), rounds))
        with place.cluster(folder) as server:
            for size in sizes if server else ():
                env = place.environment(folder / f"sqlite-{size}", place.fresh_database(server or "", f"cases_{size}"))
                place.inside("copying", [str(folder / f"sqlite-{size}" / "ombud.sqlite3")], env)
                _tell(size, place.POSTGRESQL, _measured(folder, env, rounds))


def _measured(folder: Path, env: dict[str, str], rounds: int) -> dict[str, Any]:
    answer = folder / "insight.json"
    place.inside("insight_inside", [str(rounds), str(answer)], env)
    measured: dict[str, Any] = json.loads(answer.read_text())
    return measured


def _tell(size: int, database: str, found: dict[str, Any]) -> None:
    print(f"\n{database}, {size:,} cases: folded {found['folds']:,.0f}/s, measured anew {found['rebuilt']:,.0f}/s\n")
    rows = [
        [name, *(f"{page[key]:.0f}" for key in ("p50", "p95")), str(page["queries"])] for name, page in found["pages"]
    ]
    print(table(["page, reader", "p50 ms", "p95 ms", "queries"], rows))
    exported = [
        [what, f"{rows:,}", f"{speed:,.0f}", f"{floor:,.0f}", f"{speed / floor:.2f}"]
        for what, rows, speed, floor in found["written"]
    ]
    print()
    print(table(["export as CSV", "rows", "rows/s", "driver and csv alone", "ratio"], exported))
