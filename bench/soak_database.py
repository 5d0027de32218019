"""The databases that `make soak` kills: a PostgreSQL server of its own, and the file that processes write."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from bench import place

OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=64MB -c max_wal_size=128MB"
PATIENCE = 60.0  # seconds


class Embedded:
    """SQLite: it has no process of its own, so killing it is killing at once all that write."""

    name, url = place.SQLITE, ""

    def kill(self) -> None:
        """Do nothing: who kills the database kills the processes, too."""

    def heal(self) -> None:
        """Do nothing: whoever opens the file next rolls back what was half written."""

    def stop(self) -> None:
        """Do nothing."""


class Cluster:
    """PostgreSQL, as durable as in earnest, with its files in `folder`."""

    name = place.POSTGRESQL

    def __init__(self, folder: Path, programs: Path) -> None:
        self.data, self._control, port = folder / "cluster", programs / "pg_ctl", place.free_port()
        self._options = f"-c port={port} {OPTIONS}"
        self.data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.data, "postgres")
        made = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        place.run_server_program(programs / "initdb", "-D", self.data, *made)
        self._start()
        self.url = place.fresh_database(f"postgres://postgres@127.0.0.1:{port}", "soak")

    def _start(self) -> None:
        log = self.data.parent.parent / "postgresql.log"  # on a disk that is not full
        log.touch()
        log.chmod(0o666)
        place.run_server_program(self._control, "-D", self.data, "-w", "-l", log, "-o", self._options, "-s", "start")

    def _postmaster(self) -> int | None:
        """Return the process that serves; None where there is none."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError, ValueError):
            return None
        return None if state == "Z" else pid

    def kill(self) -> None:
        """Kill the postmaster, as a machine that lacks memory does."""
        if (pid := self._postmaster()) is not None:
            os.kill(pid, signal.SIGKILL)

    def heal(self) -> None:
        """Start the server if it is down, as soon as the last backend of the one before has gone."""
        end = time.monotonic() + PATIENCE
        while self._postmaster() is None and time.monotonic() < end:
            with contextlib.suppress(subprocess.CalledProcessError):
                self._start()
                return
            time.sleep(0.5)

    def stop(self) -> None:
        """End the server at once."""
        with contextlib.suppress(subprocess.CalledProcessError):
            place.run_server_program(self._control, "-D", self.data, "-m", "immediate", "stop")


Database = Embedded | Cluster
