"""Clients that file complaints over HTTP, one after the other each, in a process apart from the server.

They stand for other machines but compute on this one, so they do no more than send and receive.

python -m bench.loader HOST PORT TOKEN CLIENTS SECONDS     prints {"seconds", "taken": [milliseconds], "failed"}
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
import uuid

# What a customer writes, in the words of the demo's complaints: about a hundred characters.
WORDS = (
    "The pump started to leak on the second day and the floor is wet. "
    "I called the hotline twice and nobody came; the receipt and three pictures are attached. "
)


class Client(threading.Thread):
    """Files complaints on one connection until the time is over."""

    def __init__(self, host: str, port: int, token: str, until: float) -> None:
        super().__init__()
        self.connection = socket.create_connection((host, port), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.connection.makefile("rb")
        self.head = (
            f"POST /api/v1/complaints HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Accept-Encoding: identity\r\nContent-Type: application/json\r\n"
        )
        self.until = until
        self.taken: list[float] = []
        self.failed: list[str] = []

    def run(self) -> None:
        dice = random.Random()
        while time.perf_counter() < self.until:
            body = complaint(dice)
            head = f"{self.head}Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
            began = time.perf_counter()
            self.connection.sendall(head.encode() + body)
            status, content = self._answer()
            self.taken.append((time.perf_counter() - began) * 1000)
            if status != b"201":
                self.failed.append(f"{status!r} {content[:300]!r}")

    def _answer(self) -> tuple[bytes, bytes]:
        """Return the status and content of one answer."""
        status, length = self.answers.readline().split(b" ")[1], 0
        while (line := self.answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self.answers.read(length)


def complaint(dice: random.Random) -> bytes:
    """Return one complaint as a client sends it."""
    number = dice.randrange(10**8)
    data = {
        "name": f"Customer {number % 997}",
        "phone": f"138{number:08d}",
        "subject": f"Washing machine leaks, order {number}",
        "narrative": WORDS + f"Order {number}.",
        "demand": "repair or refund",
        "loss": {"amount": f"{number % 4000}.00", "currency": "CNY"},
    }
    asked = {"policy": "customer-complaints", "channel": "hotline", "language": "zh", "data": data}
    return json.dumps(asked).encode()


def main() -> None:
    host, port, token, clients, seconds = sys.argv[1:]
    began = time.perf_counter()
    running = [Client(host, int(port), token, began + float(seconds)) for _ in range(int(clients))]
    for client in running:
        client.start()
    for client in running:
        client.join()
    taken = [each for client in running for each in client.taken]
    failed = [each for client in running for each in client.failed]
    json.dump({"seconds": time.perf_counter() - began, "taken": taken, "failed": failed[:3]}, sys.stdout)


if __name__ == "__main__":
    main()
