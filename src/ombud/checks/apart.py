"""Checking a policy in a process of its own, under limits: whatever a text does to the checks, nobody else waits.

Each person has one check at a time: the newest ends the one before, which nobody waits for any more. A check that needs
more time or memory than it may is ended, which is a finding. What takes as long as an hour in one text may take a
second in another, so no look at the text tells beforehand.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from ombud.checks.findings import Report, finding, unpacked
from ombud.checks.version_impact import StoryDifference, unpacked_stories
from ombud.texts import Text

LIVE, WHOLE = 15, 60  # seconds of computing: while somebody types, and when a version is handed in
STORY = 3  # seconds for one scenario that is to be shown: whoever shows it tells it once more
BYTES = 2**31  # of address space
AGAIN = 0.1  # seconds between two requests to end what is at work
LOOK = 1.0  # seconds of waiting for an answer, after which whoever waits does something else for a moment
HELPERS = 4  # that are kept, each of one person; the one that was asked longest ago goes first


class Superseded(Exception):
    """The same person asked for another check in the meantime."""


class Failed(RuntimeError):
    """The checks themselves failed, which is a fault of Ombud; its log says where."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check found; `head` is that of the pack, None where it cannot be read or the check was ended."""

    report: Report
    is_all: bool
    head: Mapping[str, Any] | None
    is_ended: bool = False
    differences: Mapping[str, list[Text]] | None = None  # of each scenario that was told, by its name
    differing: tuple[StoryDifference, ...] | None = None  # the stories that end differently under another version


class _Helper:
    """One helper process, with the newest of those who wait for it."""

    def __init__(self) -> None:
        self.users = 0  # who asks, or is about to
        self.turn, self.is_busy = threading.Lock(), False
        self.asking, self.newest = threading.Lock(), 0
        self._start()

    def _start(self) -> None:
        self.is_ready = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ombud.checks.helper"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, job: Mapping[str, Any], *, replaces: bool, meanwhile: Callable[[], None]) -> dict[str, Any]:
        """Return the answer, {"ended": True} where a limit ended it.

        What `replaces` ends whatever is asked at the moment, and raises Superseded where it is ended itself.
        """
        with self.asking:
            self.newest += replaces
            mine = self.newest
        while not self.turn.acquire(timeout=AGAIN):
            if replaces:
                self._end_job(mine)  # said again, as the job at work may just not have begun
        try:
            if replaces and mine != self.newest:
                raise Superseded
            answer = self._told(json.dumps(job).encode() + b"\n", patience_for(job["seconds"]), meanwhile)
            if replaces and mine != self.newest and answer.get("ended"):
                raise Superseded
            return answer
        finally:
            self.is_busy = False
            self.turn.release()

    def _end_job(self, mine: int) -> None:
        """End the job at work for the newest who waits; raises Superseded for anybody else, whose job that may be."""
        with self.asking:  # nobody gets newer between the look and the signal
            if mine != self.newest:
                raise Superseded
            if self.is_busy:
                self.process.send_signal(signal.SIGUSR1)

    def _told(self, line: bytes, patience: float, meanwhile: Callable[[], None]) -> dict[str, Any]:
        if self.process.poll() is not None:
            self.end()
            self._start()
        asked, told = self.process.stdin, self.process.stdout
        assert asked is not None, "it is a pipe"
        assert told is not None, "it is a pipe"
        try:
            if not self.is_ready:
                self.is_ready = bool(told.readline())
            self.is_busy = True
            asked.write(line)
            asked.flush()
            if not _has_come(told, patience, meanwhile):
                self.process.kill()
            answer: dict[str, Any] = json.loads(told.readline() or b'{"ended": true}')
        except BrokenPipeError:
            return {"ended": True}
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def patience_for(seconds: int) -> float:
    """Return how long, by the clock, a check may take that may compute for so many seconds.

    On a machine that does other things too the one is longer than the other.
    """
    return 10 + 10 * seconds


def _has_come(told: IO[bytes], patience: float, meanwhile: Callable[[], None]) -> bool:
    end = time.monotonic() + patience
    while not select.select([told], [], [], min(LOOK, patience))[0]:
        if time.monotonic() > end:
            return False
        meanwhile()
    return True


_helpers: OrderedDict[str, _Helper] = OrderedDict()
_lock = threading.Lock()
_pid = os.getpid()


@atexit.register
def end_all() -> None:
    """End every helper; they would end by themselves a moment later."""
    if os.getpid() == _pid:
        while _helpers:
            _helpers.popitem()[1].end()


@contextlib.contextmanager
def _helper_of(owner: str) -> Iterator[_Helper]:
    """Give a person's helper, which nobody ends as idle meanwhile."""
    global _pid
    with _lock:
        if os.getpid() != _pid:  # after a fork they are the parent's
            _helpers.clear()
            _pid = os.getpid()
        helper = _helpers.pop(owner, None) or _Helper()
        _helpers[owner] = helper
        helper.users += 1
        idle = [name for name, each in _helpers.items() if not each.users]
        for name in idle[: max(0, len(_helpers) - HELPERS)]:
            _helpers.pop(name).end()
    try:
        yield helper
    finally:
        with _lock:
            helper.users -= 1


def nothing() -> None:
    """Do nothing while an answer is awaited."""


def check_whole(
    sources: Mapping[str, str],
    *,
    policy: str,
    owner: str,
    seconds: int = WHOLE,
    meanwhile: Callable[[], None] = nothing,
) -> Checked:
    """Return everything that is found in a pack's files; call `meanwhile` about each second until then."""
    return _ask({"what": "whole"}, sources, policy, f"{owner} whole", seconds, meanwhile=meanwhile)


def check_saved(sources: Mapping[str, str], file: str, *, policy: str, owner: str) -> Checked:
    """Return what is found in a text that was saved; of the scenarios those of the file."""
    return _ask({"what": "typed", "file": file, "whole": False}, sources, policy, f"{owner} whole", LIVE)


def check_typed(sources: Mapping[str, str], file: str, *, policy: str, owner: str, whole: bool) -> Checked:
    """Return what is found in a text that is being typed, unless more has been typed since: Superseded."""
    job = {"what": "typed", "file": file, "whole": whole}
    return _ask(job, sources, policy, owner, WHOLE if whole else LIVE, replaces=True)


def read_head(sources: Mapping[str, str], *, policy: str, owner: str) -> Checked:
    """Return only whether the files can be read, and what their head says."""
    return _ask({"what": "head"}, sources, policy, f"{owner} whole", LIVE)


def check_quickly(sources: Mapping[str, str], *, policy: str, owner: str) -> Checked:
    """Return what the quick checks find in a text that was saved, its scenarios told."""
    return _ask({"what": "quick"}, sources, policy, f"{owner} whole", LIVE)


def tell_stories(sources: Mapping[str, str], *, policy: str, owner: str, name: str | None = None) -> Checked:
    """Return how the scenarios, or the one of that name, differ from what they expect: `differences`."""
    job = {"what": "stories", "names": None if name is None else [name]}
    return _ask(job, sources, policy, f"{owner} whole", LIVE if name is None else STORY)


def compare_stories(earlier: Mapping[str, str], sources: Mapping[str, str], *, policy: str, owner: str) -> Checked:
    """Return which scenarios of the earlier version end differently under the later one: `differing`."""
    return _ask({"what": "compared", "earlier": dict(earlier)}, sources, policy, f"{owner} whole", LIVE)


def _ask(
    job: dict[str, Any],
    sources: Mapping[str, str],
    policy: str,
    owner: str,
    seconds: int,
    *,
    replaces: bool = False,
    meanwhile: Callable[[], None] = nothing,
) -> Checked:
    """Return what a helper says to a job. Raises Superseded, and Failed where the checks did."""
    job |= {"sources": dict(sources), "policy": policy, "seconds": seconds, "bytes": BYTES}
    with _helper_of(owner) as helper:
        answer = helper.ask(job, replaces=replaces, meanwhile=meanwhile)
    if answer.get("failed"):
        raise Failed
    if "unreadable" in answer:
        return Checked(report=unpacked(answer["unreadable"]), is_all=True, head=None)
    if answer.get("ended"):
        found = finding("endless-check", place=None, values={"seconds": seconds})
        return Checked(
            report=Report(policy=policy, version="", findings=(found,)), is_all=True, head=None, is_ended=True
        )
    report = unpacked(answer["report"]) if "report" in answer else Report(policy=policy, version="", findings=())
    return Checked(
        report=report,
        is_all=answer.get("is_all", True),
        head=answer["head"],
        differences=answer.get("differences"),
        differing=unpacked_stories(answer["differing"]) if "differing" in answer else None,
    )
