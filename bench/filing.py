"""Complaints filed over HTTP, full write path and durable commit, beside the bare transaction of the same rows.

python -m bench filing [--seconds N] [--rounds N]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import place
from bench.figures import middle, percentile, table

CLIENTS = (1, 4, 8)
AIM = "aim: >= 0.5 x bare with 4 clients, p95 < 40 ms"


def run(*, seconds: float = 8, rounds: int = 3) -> None:
    """Measure on both databases and print the table."""
    rows = []
    with place.scratch() as folder, place.cluster(folder) as server:
        databases = {place.SQLITE: ""}
        if server:
            databases[place.POSTGRESQL] = place.fresh_database(server, "filing")
        for name, database in databases.items():
            var = folder / name
            var.mkdir()
            rows += _measured(name, place.environment(var, database), var, seconds, rounds)
    print(f"filing: POST /api/v1/complaints, {AIM}")
    head = ("database, clients", "filed/s", "p50 ms", "p95 ms", "bare/s", "filed / bare")
    print(table(head, rows))


def rate(env: Mapping[str, str], *, clients: int, seconds: float) -> float:
    """Return how many complaints a second are filed over HTTP in an environment."""
    token = _output("filing_inside", [], env).strip()
    with _server(env) as port:
        _load(env, port, token, clients, 2)  # warm
        got = _load(env, port, token, clients, seconds)
    return float(len(got["taken"]) / got["seconds"])


def _measured(name: str, env: Mapping[str, str], var: Path, seconds: float, rounds: int) -> list[list[str]]:
    token = _output("filing_inside", [], env).strip()
    found = []
    for clients in CLIENTS:
        rates, p50, p95 = [], [], []
        with _server(env) as port:
            _load(env, port, token, clients, 2)  # warm: programs compiled, connections open
            for _ in range(rounds):
                got = _load(env, port, token, clients, seconds)
                rates.append(len(got["taken"]) / got["seconds"])
                p50.append(percentile(got["taken"], 0.5))
                p95.append(percentile(got["taken"], 0.95))
        bare = json.loads(_output("bare", [str(seconds / 2), "--clients", str(clients)], env))
        rate = middle(rates)
        found.append(
            [
                f"{name}, {clients}",
                f"{rate:.0f}",
                f"{middle(p50):.1f}",
                f"{middle(p95):.1f}",
                f"{bare['per_second']:.0f} ({bare['rows']} rows)",
                f"{rate / bare['per_second']:.2f}",
            ]
        )
        print("  " + ", ".join(found[-1]), file=sys.stderr, flush=True)
    return found


def _load(env: Mapping[str, str], port: int, token: str, clients: int, seconds: float) -> dict[str, Any]:
    got: dict[str, Any] = json.loads(
        _output("loader", ["127.0.0.1", str(port), token, str(clients), str(seconds)], env)
    )
    assert not got["failed"], got["failed"]
    return got


def _output(module: str, arguments: list[str], env: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    return subprocess.run(command, env=env, cwd=place.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _server(env: Mapping[str, str]) -> Iterator[int]:
    """Yield the port of a web process as `ombud serve` starts it."""
    port = place.free_port()
    command = [sys.executable, "-m", "ombud.project", "serve", "--child", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=place.ROOT, start_new_session=True)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)
