"""Pages of the workbench, whole requests of people signed in, at two sizes of the register on both databases.

python -m bench pages [--cases 2000 200000] [--rounds N] [--keep DIR]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench import place
from bench.figures import table

AIM = "aim: p95 < 40 ms on SQLite and < 60 ms on PostgreSQL, and at most 1.5 times slower at the larger size"


def run(*, sizes: list[int], rounds: int, keep: Path | None) -> None:
    """Fill what is not filled yet, measure, print one table per database."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    with place.scratch(keep) as folder:
        for size in sizes:
            var = filled(folder, size)
            found.setdefault(place.SQLITE, {})[size] = _measured(folder, place.environment(var), rounds)
        with place.cluster(folder) as server:
            for size in sizes if server else ():
                database = place.fresh_database(server or "", f"cases_{size}")
                var = folder / f"sqlite-{size}"
                env = place.environment(var, database)
                place.inside("copying", [str(var / "ombud.sqlite3")], env)
                found.setdefault(place.POSTGRESQL, {})[size] = _measured(folder, env, rounds)
    print(f"pages: {AIM}")
    for database, by_size in found.items():
        print(f"\n{database}\n\n{_table(by_size)}")


def filled(folder: Path, size: int) -> Path:
    var = folder / f"sqlite-{size}"
    var.mkdir(exist_ok=True)
    print(f"  filling {size:,} cases, or finding them filled ...", file=sys.stderr, flush=True)
    place.inside("fill", [str(size)], place.environment(var))
    return var


def _measured(folder: Path, env: dict[str, str], rounds: int) -> dict[str, Any]:
    answer = folder / "figures.json"
    place.inside("pages_inside", [str(rounds), str(answer)], env)
    measured: dict[str, Any] = json.loads(answer.read_text())
    return measured


def _table(by_size: dict[int, dict[str, Any]]) -> str:
    """Return one line a page; the ratios are of the time computed, which a busy machine leaves as it is.

    A page of fifty rows takes several times as long to write as one without, so the rows stand beside it.
    """
    sizes = sorted(by_size)
    small, large = by_size[sizes[0]], by_size[sizes[-1]]
    head = [
        "page, reader",
        "slower",
        *(f"{size:,}: {what}" for size in sizes for what in ("rows", "p50", "p95", "CPU", "SQL")),
    ]
    rows = []
    for name in small:
        if name not in large:
            continue
        row = [name, f"{large[name]['cpu'] / small[name]['cpu']:.2f}"]
        for size in sizes:
            page = by_size[size][name]
            row.append(str(page["rows"] or ""))
            row += [f"{page[key]:.1f}" for key in ("p50", "p95", "cpu")]
            row.append(f"{page['sql']:.1f}" if page["sql"] is not None else "")
        rows.append([*row, "/".join(dict.fromkeys(str(by_size[size][name]["queries"]) for size in sizes))])
    return table([*head, "queries"], rows)
