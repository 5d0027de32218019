"""What attacks cost others: health, sign-in and the front page of a web process, asked all the while."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.request import urlopen

from bench import place
from bench.figures import percentile, table
from bench.siege_flood import flood

PATHS = ("/healthz", "/desk/sign-in/", "/")
LASTS = 13.0  # seconds of each attack: longer than a sender may be silent
HALF = b"POST /files/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 1000000\r\n"
ATTACKS: tuple[tuple[str, int, bytes, float], ...] = (  # what is opened how often, with what, and a byte each so often
    ("none", 0, b"", 0),
    ("60 slow uploads, five bytes each", 60, HALF + b"\r\nfive!", 0),
    ("60 heads that never end", 60, HALF, 0),
    ("60 bodies of a byte a second", 60, HALF + b"\r\n", 1),
)


def run() -> None:
    """Measure and print both tables, then what packs written to hurt take."""
    with place.scratch() as folder:
        env = {**place.environment(folder), "OMBUD_DEMO": "0"}
        for command in (["migrate"], ["publish", "customer-complaints"]):
            subprocess.run([sys.executable, "-m", "ombud.project", *command], env=env, check=True, capture_output=True)
        with _served(env) as port:
            rows = [_besieged(port, *attack) for attack in ATTACKS]
            flooded, others = flood(port)
    print(f"siege: {LASTS:.0f} s each from one address, while health, sign-in and the front page are asked in turn")
    print(table(("attack", "asked", "not 200", "median s", "slowest s", "what the attackers got"), rows))
    print(f"\nflood: 40 complaints from one address: {flooded}; one from another address meanwhile: {others}\n")
    with place.scratch() as folder:
        place.inside("siege_packs", [], place.environment(folder))


@contextmanager
def _served(env: Mapping[str, str]) -> Iterator[int]:
    """Yield the port of a web process behind a proxy that names its callers."""
    port = place.free_port()
    command = [sys.executable, "-m", "ombud.project", "serve", "--child", "web", "--port", str(port)]
    process = subprocess.Popen(command, env={**env, "OMBUD_BEHIND_PROXY": "1"}, cwd=place.ROOT)
    try:
        place.wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _besieged(port: int, name: str, many: int, sent: bytes, every: float) -> list[object]:
    """Return the row of one attack, begun once every page was asked for."""
    for path in PATHS * 4:
        urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).close()
    got: Counter[str] = Counter()
    attackers = [threading.Thread(target=_attack, args=(port, sent, every, got.update)) for _ in range(many)]
    for each in attackers:
        each.start()
    taken, wrong, end = [], 0, time.monotonic() + LASTS
    while time.monotonic() < end:
        for path in PATHS:
            began = time.monotonic()
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                wrong -= answer.status == 200
            wrong += 1
            taken.append(time.monotonic() - began)
        time.sleep(0.1)
    for each in attackers:
        each.join()
    told = ", ".join(f"{number} x {what}" for what, number in sorted(got.items()))
    return [name, len(taken), wrong, f"{percentile(taken, 0.5):.3f}", f"{max(taken):.2f}", told]


def _attack(port: int, sent: bytes, every: float, note: Callable[[list[str]], None]) -> None:
    """Open one connection, send that and then nothing or a byte now and then; note what came of it and when."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=every or 60) as connection:
        said = b""
        with suppress(ConnectionError):
            connection.sendall(sent)
            while not said:
                try:
                    said = connection.recv(64)
                    break
                except TimeoutError:
                    connection.sendall(b"x")
    status = said.split(b" ")[1].decode() if said.startswith(b"HTTP/") else "ended"
    note([f"{status} after {time.monotonic() - began:.0f} s"])


if __name__ == "__main__":
    run()
