"""Signs of life: what `ombud serve` runs tells it each second that it lives, and ends when its parent is gone.

A process can be there and do nothing: stopped, or in one endless computation that lets no other thread run. So each
sends a datagram each second from a thread of its own; whoever is silent for long is killed and started again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

from ombud.lifeline import die_with_parent

EVERY = 1.0  # seconds between two signs of life
SILENCE = 15.0  # seconds after which whoever has been heard of counts as hanging
PATIENCE = 8.0  # seconds that a process has to finish what it is doing once its parent is gone
LISTENER, PARENT = "OMBUD_LISTENER", "OMBUD_PARENT"


class Listener:
    """What the supervisor hears with: a datagram socket on this machine, and a word that only its children know."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.word = secrets.token_hex(16)
        self.heard: dict[int, float] = {}  # process -> when last

    @property
    def address(self) -> str:
        """What children are told in LISTENER."""
        return f"{self.socket.getsockname()[1]}:{self.word}"

    def silent(self) -> list[int]:
        """Return the processes that were heard of before, and not for SILENCE; each once."""
        now = time.monotonic()
        # What was sent while this process itself stood still is waiting here: nobody is blamed for that.
        self.heard.update(dict.fromkeys(self._arrived(), now))
        found = [pid for pid, at in self.heard.items() if now - at > SILENCE]
        for pid in found:
            del self.heard[pid]
        return found

    def _arrived(self) -> Iterator[int]:
        while True:
            try:
                word, _, pid = self.socket.recv(200).decode("ascii", "replace").partition(" ")
            except BlockingIOError:
                return
            if secrets.compare_digest(word.encode(), self.word.encode()) and pid.isdecimal():
                yield int(pid)


def begin(last_signal: int = signal.SIGTERM, is_well: Callable[[], bool] = lambda: True) -> None:
    """Follow the parent and send signs of life from now on, where `ombud serve` started this process.

    `last_signal` is what the process gets when its parent ends; a sign is sent only while `is_well` says so.
    """
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    die_with_parent(last_signal)  # where the system cannot, the thread looks each second
    threading.Thread(target=_go_on, args=(int(parent), last_signal, is_well), daemon=True).start()


def _go_on(parent: int, last_signal: int, is_well: Callable[[], bool]) -> None:
    port, _, word = os.environ.get(LISTENER, "").partition(":")
    sign = f"{word} {os.getpid()}".encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while os.getppid() == parent:  # it may have ended before the system was asked to tell
            if port and is_well():
                with contextlib.suppress(OSError):
                    sender.sendto(sign, ("127.0.0.1", int(port)))
            time.sleep(EVERY)
    os.kill(os.getpid(), last_signal)
    time.sleep(PATIENCE)
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)  # whoever leads a group takes it along
    os.kill(os.getpid(), signal.SIGKILL)
