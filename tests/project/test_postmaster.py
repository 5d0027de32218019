"""The postmaster of PostgreSQL is killed under clients that file: each waits, tries again, and has filed once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest
from django.db import connection

from builders import COMPLAINT
from waiting import PATIENCE, is_running, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server"),
]

CLIENTS, EACH = 4, 12
BODY = json.dumps({"policy": "customer-complaints", "channel": "web", "language": "zh", "data": COMPLAINT}).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A PostgreSQL of the test's own."""

    def __init__(self, place: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "initdb")]
        self.programs, self.data, self.port = found[-1].parent, place / "pg", free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        place.chmod(0o755)
        self.data.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.data, "postgres")
        self.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()

    def run(self, program: str, *given: str) -> None:
        as_whom = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []  # the server refuses to run as root
        command = [*as_whom, str(self.programs / program), "-D", str(self.data), *given]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        options = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "-w", "-t", str(PATIENCE), "-l", str(self.data / "log"), "-o", options, "start")

    def kill(self) -> None:
        """Kill the postmaster alone, as a machine that lacks memory does; its backends find out by themselves."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        self.left = [pid for (pid,) in self.ask("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid))

    def is_gone(self) -> bool:
        """Return whether the last backend has gone: one that is busy, or finds a question first, answers it still."""
        return not any(map(is_running, self.left))

    def start_again(self) -> None:
        """Start as soon as the last backend of the one that was killed has gone."""

        def has_started() -> bool:
            try:
                self.start()
            except subprocess.CalledProcessError:
                return False
            return True

        wait_until(has_started)

    def ask(self, sql: str) -> Any:
        with psycopg.connect(self.url) as asked:
            return asked.execute(sql).fetchall()


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    place = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    made = Cluster(place)
    yield made
    made.run("pg_ctl", "-m", "immediate", "-w", "stop")
    shutil.rmtree(place)


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve a policy on the cluster; give the address and a key that may file."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "ombud.project.settings", "DATABASE_URL": cluster.url}
    env |= {"OMBUD_VAR": str(tmp_path), "OMBUD_DEMO": "0"}

    def ombud(*arguments: str) -> str:
        command = [sys.executable, "-m", "ombud.project", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    ombud("migrate")
    ombud("publish", "customer-complaints")
    many = ("--per-address", "100000", "--per-hour", "100000")
    key = ombud("token", "intake", "customer-complaints", "web", "--name", "a test", *many).strip()
    port = free_port()
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ombud.project", "serve", "--port", str(port)], env=env, stdout=log, stderr=log
        )
    yield f"http://127.0.0.1:{port}", key
    process.terminate()
    process.wait(PATIENCE)


def file(address: str, key: str, once: str) -> tuple[int, str | None]:
    """Return the status and Retry-After of one try; 0 where nobody answers at all."""
    headers = {"X-Intake-Key": key, "Idempotency-Key": once, "Content-Type": "application/json"}
    request = Request(f"{address}/api/v1/complaints", BODY, headers)
    try:
        with urlopen(request, timeout=30) as answer:
            return int(answer.status), None
    except HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"]
    except (OSError, HTTPException):
        return 0, None


def test_clients_are_told_when_to_try_again_and_have_filed_once(cluster: Cluster, site: tuple[str, str]) -> None:
    address, key = site
    wait_until(lambda: file(address, key, "first")[0] == 201)
    told: list[tuple[int, str | None]] = []
    filed: list[str] = ["first"]
    end = time.monotonic() + 3 * PATIENCE

    def work(name: int) -> None:
        for number in range(EACH):
            once = f"{name}-{number}"
            while time.monotonic() < end:
                answer = file(address, key, once)
                told.append(answer)
                if answer[0] == 201:
                    filed.append(once)
                    break
                time.sleep(0.3)

    clients = [threading.Thread(target=work, args=(name,)) for name in range(CLIENTS)]
    for each in clients:
        each.start()
    wait_until(lambda: len(filed) > CLIENTS)
    cluster.kill()
    wait_until(lambda: any(status == 503 for status, _wait in told))
    wait_until(cluster.is_gone)
    status, wait = file(address, key, "meanwhile")
    assert (status, wait) == (503, "5")
    with pytest.raises(HTTPError) as page:
        urlopen(f"{address}/readyz", timeout=30)
    with page.value as answer:
        assert answer.code == 503
    cluster.start_again()
    for each in clients:
        each.join(end - time.monotonic())
    assert sorted(filed) == sorted(
        {"first", *(f"{name}-{number}" for name in range(CLIENTS) for number in range(EACH))}
    )
    assert {status for status, _wait in told} <= {201, 503}, (
        "nobody is left without an answer, or told of a fault of ours"
    )
    assert all(wait == "5" for status, wait in told if status == 503)
    ((cases,),) = cluster.ask("SELECT count(*) FROM cases_case WHERE channel = 'web'")
    assert cases == len(filed)
