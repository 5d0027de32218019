"""The process behind `apart`: forks a child for each job, under limits, and keeps what was found for the next.

A job is a line of JSON on stdin, its answer one on stdout. The helper has one thread, so that a fork takes no lock
along; it runs until stdin ends, which it does when whoever started it ends. SIGUSR1 ends the job at work.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import signal
import sys
from typing import Any

from ombud.checks import check, check_unreadable, packed
from ombud.checks.excerpts import learn, learnt
from ombud.checks.quick import check_typed
from ombud.policy import load_sources
from ombud.policy.problems import PackError

POLITE = 10  # nicer than those who answer requests


def main() -> None:
    """Do jobs until stdin ends."""
    os.nice(POLITE)
    child: list[int] = []

    def end_child(number: int, frame: Any) -> None:
        for pid in child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGUSR1, end_child)
    sys.stdout.write("ready\n")  # before, the signal would end the helper itself
    sys.stdout.flush()
    for line in sys.stdin:
        answer = _in_child(json.loads(line), child)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _in_child(job: dict[str, Any], child: list[int]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_child(job, writing)
    child.append(pid)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    child.clear()
    if not told:
        return {"ended": True}
    answer, found = pickle.loads(told)  # from our own fork, which holds no code of the pack's author
    learn(found)
    return dict(answer)


def _be_child(job: dict[str, Any], writing: int) -> None:
    """Do one job and exit; limits of the system end it where it takes too long or too much."""
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["bytes"], job["bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = pickle.dumps((_answer(job), learnt()))
        while told:
            told = told[os.write(writing, told) :]
    finally:
        os._exit(0)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        pack = load_sources(job["sources"])
    except PackError as error:
        return {"unreadable": packed(check_unreadable(job["policy"], error))}
    head = {"id": pack.id, "version": pack.version, "title": dict(pack.title), "effective": pack.effective}
    match job["what"]:
        case "head":
            return {"head": head}
        case "typed":
            told = [each for each in pack.scenarios if each.at.file == job["file"]]
            report, is_all = check_typed(pack, told, whole=job["whole"])
            return {"head": head, "report": packed(report), "is_all": is_all}
        case _:
            return {"head": head, "report": packed(check(pack)), "is_all": True}


if __name__ == "__main__":
    main()
