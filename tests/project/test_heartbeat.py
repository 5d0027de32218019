"""Who shows no sign of life is found, and nobody is blamed for what the supervisor itself did not hear."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ombud.project import heartbeat
from waiting import is_running, wait_until

CHILD = """
import time
from ombud.project import heartbeat
heartbeat.EVERY = 0.05
heartbeat.begin()
print("began", flush=True)
time.sleep(60)
"""
PARENT = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], env={{**os.environ, "OMBUD_PARENT": str(os.getpid())}},
                         stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def listener() -> Iterator[heartbeat.Listener]:
    made = heartbeat.Listener()
    yield made
    made.socket.close()


def test_a_process_that_stands_still_is_found_once(
    listener: heartbeat.Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "SILENCE", 0.5)
    environment = {**os.environ, heartbeat.PARENT: str(os.getpid()), heartbeat.LISTENER: listener.address}
    with subprocess.Popen([sys.executable, "-c", CHILD], env=environment, stdout=subprocess.PIPE) as child:
        wait_until(lambda: not listener.silent() and child.pid in listener.heard)
        child.send_signal(signal.SIGSTOP)
        wait_until(lambda: child.pid in listener.silent())
        assert listener.silent() == []
        child.kill()


def test_what_was_said_while_nobody_listened_counts(listener: heartbeat.Listener) -> None:
    listener.heard[7] = time.monotonic() - heartbeat.SILENCE - 1
    port, _, word = listener.address.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(f"{word} 7".encode(), ("127.0.0.1", int(port)))
    assert listener.silent() == []


def test_nobody_else_can_speak_for_a_process(listener: heartbeat.Listener) -> None:
    port = int(listener.address.partition(":")[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for said in (b"7", b"guess 7", b"\xff\xff", b"", listener.word.encode() + b" seven"):
            sender.sendto(said, ("127.0.0.1", port))
    assert listener.silent() == []
    assert listener.heard == {}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the child looks for its parent each second")
def test_a_child_ends_with_its_parent_even_where_no_thread_of_it_can_look() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
    wait_until(lambda: not is_running(child))
