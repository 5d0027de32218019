"""Events a second that the engine folds, beside json.loads of the same events in the same run.

    python bench/replay.py [--rounds N] [--json]

Every scenario of the shipped packs is told once; the events that it leaves behind are the histories
(acts, rungs, openings, automatic acts). Three figures are taken from the same histories:

- in place: `fold` of the recorded events, and the due times read at the end (`duties()`, `next_wake()`);
- pure: the same with a copy of the state before every event, as a projection of single events would need;
- floor: `json.loads` of the same events, one document each.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from ombud.engine import Event, Program, State, begin, compile_program, fold
from ombud.engine.apply import apply
from ombud.engine.ladder import next_wake
from ombud.engine.scenario.run import Story
from ombud.policy import load, shipped

History = tuple[Program, list[Event]]


def histories() -> list[History]:
    """Return what every scenario of every shipped pack leaves behind."""
    found: list[History] = []
    for id in shipped():
        pack = load(id)
        for scenario in pack.scenarios:
            told = Story(pack, scenario.story)
            if told.events:
                found.append((compile_program(pack, procedure=scenario.story["procedure"]), told.events))
    return found


def in_place(cases: list[History]) -> None:
    for program, events in cases:
        state = fold(program, events)
        state.duties()
        next_wake(state)


def fold_alone(cases: list[History]) -> None:
    for program, events in cases:
        fold(program, events)


def pure(cases: list[History]) -> None:
    for program, events in cases:
        state: State = begin(program)
        for event in events:
            state = state.copy()
            apply(state, event)


def floor(documents: list[str]) -> None:
    for document in documents:
        json.loads(document)


def rate(work: Callable[[], None], count: int, rounds: int) -> float:
    """Return the median rate per second over some rounds, without garbage collection in between."""
    work()
    taken = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return count / statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = histories()
    cases = told * max(1, 1000 // len(told))
    count = sum(len(events) for _, events in cases)
    documents = [json.dumps(asdict(event), ensure_ascii=False) for _, events in cases for event in events]
    rounds = options.rounds
    figures = {
        "cases": len(cases),
        "events": count,
        "fold": rate(lambda: fold_alone(cases), count, rounds),
        "in_place": rate(lambda: in_place(cases), count, rounds),
        "pure": rate(lambda: pure(cases), count, rounds),
        "json_loads": rate(lambda: floor(documents), count, rounds),
    }
    if options.json:
        json.dump(figures, sys.stdout)
        return
    base = figures["json_loads"]
    print(f"{len(cases)} cases, {count} events ({count / len(cases):.1f} each)")
    for name, words in (
        ("fold", "fold alone"),
        ("in_place", "fold, then duties and next wake-up"),
        ("pure", "a copy for every event"),
        ("json_loads", "json.loads of the same events"),
    ):
        print(f"{figures[name]:>12,.0f} events/s  {figures[name] / base:5.2f} x json.loads  {words}")


if __name__ == "__main__":
    main()
