"""An installation that `make soak` hurts: its processes, its disk, its clock."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import place
from bench.soak_database import Database
from bench.soak_mail import SlowMail

DISK = 1024  # MB
JUMPING = place.ROOT / "bench" / "jumping"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of 1 GB in memory on a folder; False, and nothing is mounted, where that is not allowed."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def environment(folder: Path, var: Path, url: str) -> dict[str, str]:
    """Return the environment of an installation whose clock adds what `folder`/offset says."""
    env = place.environment(var, url)
    return {
        **env,
        "OMBUD_DISK_FLOOR_MB": "0",  # the disk is to fill up to its last byte
        "OMBUD_LOG_LEVEL": "CRITICAL",
        "SOAK_OFFSET": str(folder / "offset"),
        "PYTHONPATH": f"{JUMPING}{os.pathsep}{env['PYTHONPATH']}",
    }


class Site:
    """Web, clock and a second clock beside it, as long as nobody kills them."""

    def __init__(self, folder: Path, env: Mapping[str, str], database: Database, mail: SlowMail, disk: Path) -> None:
        self.folder, self.env, self.database, self.mail, self.disk = folder, env, database, mail, disk
        self.port, self.offset = place.free_port(), 0.0
        self._log = (folder / "log").open("ab")
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.set_clock(0)

    def start(self) -> None:
        """Start what does not run: the supervised processes, and the second clock."""
        asked = {"served": ["serve", "--port", str(self.port)], "second clock": ["clock"]}
        for name, arguments in asked.items():
            if name not in self._running or self._running[name].poll() is not None:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "ombud.project", *arguments],
                    env=self.env, cwd=place.ROOT, stdout=self._log, stderr=self._log,
                )  # fmt: skip

    def stop(self) -> None:
        """End all processes in order."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        self._log.close()

    def said(self) -> str:
        """Return the last lines that its processes wrote."""
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-20:])

    def processes(self, child: str) -> list[int]:
        """Return the supervised processes of a kind, "web" or "clock", workers and all."""
        listed = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 1) for line in listed.splitlines()[1:]]
        return [int(pid) for pid, args in lines if f"--child {child}" in args and f"--port {self.port}" in args]

    def set_clock(self, offset: float) -> None:
        """Let the processes' clocks be so many seconds ahead of the machine's, from now on."""
        self.offset = offset
        fresh = self.folder / "offset.new"
        fresh.write_text(str(offset))
        fresh.replace(self.folder / "offset")

    def kill_one(self, child: str, dice: random.Random) -> None:
        """Kill one of the processes of a kind."""
        if found := self.processes(child):
            _kill(dice.choice(found))

    def kill_second_clock(self) -> None:
        """Kill the clock that nobody supervises."""
        self._running["second clock"].kill()
        self._running["second clock"].wait()

    def kill_all(self) -> None:
        """Kill every process at once, supervisor first."""
        for pid in [self._running["served"].pid, *self.processes("web"), *self.processes("clock")]:
            _kill(pid)
        self._running["served"].wait()
        self.kill_second_clock()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
