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
import traceback
from typing import Any, NoReturn

from ombud.checks import check, check_unreadable, packed
from ombud.checks.excerpts import learn, learnt
from ombud.checks.quick import check_quickly, check_typed
from ombud.checks.version_impact import differing_stories, packed_stories
from ombud.engine import story_differences
from ombud.lifeline import die_with_parent
from ombud.policy import load_sources
from ombud.policy.problems import PackError

POLITE = 10  # nicer than those who answer requests
FAILED, TOO_MUCH = 1, 2  # with which a child exits that has no answer


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
    """Return the answer of a child to a job: {"ended": True} where a limit or a signal ended it, {"failed": True}."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_child(job, writing)
    child.append(pid)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    child.clear()
    match os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        case 0:
            answer, found = pickle.loads(told)  # from our own fork, which holds no code of the pack's author
            learn(found)
            return dict(answer)
        case code if code == FAILED:
            return {"failed": True}
        case _:  # what it told may be cut off in the middle
            return {"ended": True}


def _be_child(job: dict[str, Any], writing: int) -> NoReturn:
    """Do one job and exit; limits of the system end it where it takes too long or too much."""
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    die_with_parent(signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):  # whoever waits for the helper would wait for this process, which holds its pipes too
        os.dup2(nothing, number)
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["bytes"], job["bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = FAILED
    try:
        told = pickle.dumps((_answer(job), learnt()))
        while told:
            told = told[os.write(writing, told) :]
        code = 0
    except (MemoryError, RecursionError):
        code = TOO_MUCH
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


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
        case "quick":
            return {"head": head, "report": packed(check_quickly(pack, pack.scenarios)), "is_all": False}
        case "stories":
            names = job["names"]
            told = [each for each in pack.scenarios if names is None or each.name in names]
            found = {each.name: [dict(text) for text in story_differences(pack, each.story)] for each in told}
            return {"head": head, "differences": found}
        case "compared":
            try:
                earlier = load_sources(job["earlier"])
            except PackError as error:
                return {"unreadable": packed(check_unreadable(job["policy"], error))}
            return {"head": head, "differing": packed_stories(differing_stories(earlier, pack))}
        case _:
            return {"head": head, "report": packed(check(pack)), "is_all": True}


if __name__ == "__main__":
    main()
