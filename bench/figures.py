"""Medians, percentiles, and the lines that a benchmark prints."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(work: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Return how long each round took and how long this process computed in it, in ms, after one round to warm up."""
    work()
    taken, computed = [], []
    gc.collect()
    for _ in range(rounds):
        began, ran = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began) * 1000)
        computed.append((time.process_time() - ran) * 1000)
    return taken, computed


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as a Markdown table, which reads well on a terminal too."""
    cells = [[str(cell) for cell in row] for row in rows]
    wide = [max(len(row[n]) for row in [list(head), *cells]) for n in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first, *others = (cell.ljust(wide[n]) if n == 0 else cell.rjust(wide[n]) for n, cell in enumerate(row))
        return "| " + " | ".join([first, *others]) + " |"

    marks = ["-" * (width + 2) if n == 0 else "-" * (width + 1) + ":" for n, width in enumerate(wide)]
    rule = "|" + "|".join(marks) + "|"
    return "\n".join([line(list(head)), rule, *map(line, cells)])
