"""What the shipped packs cost: loading, checking, telling their scenarios, mutating; beside reading their YAML alone.

Each pack has a process of its own that has done nothing before, as with `ombud policy check`. Times are the
processor's, which a busy machine disturbs least. The floor is PyYAML composing the same files in the same process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import yaml

from bench.figures import table
from ombud.checks import check
from ombud.checks.mutation import mutate
from ombud.engine.scenario.run import Story
from ombud.policy import load, shipped

T = TypeVar("T")
HEAD = (
    "pack", "clauses", "YAML ms", "load ms", "load / YAML", "check s", "check / YAML", "scenarios", "events told/s",
    "mutate s", "changes", "noticed",
)  # fmt: skip


def taken(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of processor time that the work took, and what it gave."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def measure(id: str) -> list[Any]:
    """Return the row of one pack."""
    loading, pack = taken(lambda: load(id))
    texts = [text for name, text in pack.sources.items() if name.endswith(".yaml")]
    floor, _ = taken(lambda: [yaml.compose(text, Loader=yaml.CSafeLoader) for text in texts])
    checking, _ = taken(lambda: check(pack))
    telling, told = taken(lambda: [Story(pack, each.story) for each in pack.scenarios])
    mutating, score = taken(lambda: mutate(pack))
    return [
        id,
        len(pack.clauses),
        f"{floor * 1000:.0f}",
        f"{loading * 1000:.0f}",
        f"{loading / floor:.1f}",
        f"{checking:.1f}",
        f"{checking / floor:.0f}",
        len(told),
        f"{sum(len(each.events) for each in told) / telling:,.0f}",
        f"{mutating:.0f}",
        score.tried,
        f"{score.percent:.1f} %",
    ]


def main() -> None:
    if sys.argv[1:]:
        json.dump(measure(sys.argv[1]), sys.stdout)
        return
    rows = []
    for id in shipped():
        done = subprocess.run([sys.executable, "-m", "bench.packs", id], check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout))
    print(table(HEAD, rows))


if __name__ == "__main__":
    main()
