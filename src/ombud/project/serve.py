"""`ombud serve`: the web server and the clock as child processes that live and die with it."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from django.conf import settings

from ombud.project import heartbeat, listen_address, maintenance

CHILDREN = ("web", "clock")
# A child that dies at once again and again must not spin; one that lived for long starts again at once.
RESTART_PAUSES = (0.2, 1.0, 5.0, 15.0)
CONNECTIONS = 4096  # of one web process; those that send nothing are ended after HEADERS_WITHIN milliseconds
HEADERS_WITHIN = 10_000


def run(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; return 0."""
    parser = argparse.ArgumentParser(prog="ombud serve", description="Serve the pages, with the clock ticking.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--prepare", action="store_true", help="migrate first, and fill an empty demo installation")
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        return _be_child(options.child, options.host, options.port)
    if problem := _port_problem(options.host, options.port):
        print(f"ombud: {problem}", file=sys.stderr)
        return 2
    if options.prepare:
        maintenance.prepare()
    listen_address.address(options.host, options.port)
    supervisor = Supervisor(["--host", options.host, "--port", str(options.port)])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, supervisor.stop)
    return supervisor.run()


def _port_problem(host: str, port: int) -> str:
    """Return why the address cannot be listened on, and what to do; empty where it can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"cannot listen on {host}:{port} ({error.strerror}). Another port: make run PORT={port + 1000}"
    return ""


class Supervisor:
    """Keeps every child running until told to stop."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.is_stopping = False
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, int] = {}  # in a row, each soon after its start
        self.started: dict[str, float] = {}
        self.due: dict[str, float] = {}  # when a dead child starts again
        self.listener = heartbeat.Listener()

    def run(self) -> int:
        """Start all, restart what dies, and end all when told to."""
        for name in CHILDREN:
            self._start(name)
        while not self.is_stopping:
            time.sleep(0.2)
            for name in CHILDREN:
                self._look_after(name)
            for pid in self.listener.silent():
                self._replace(pid)
        self._end_all()
        return 0

    def _replace(self, pid: int) -> None:
        """Kill a process that shows no sign of life; what it was part of starts it again."""
        for name, child in self.running.items():
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                if os.getpgid(pid) == child.pid:
                    print(f"ombud: {name} ({pid}) hangs; it is replaced", file=sys.stderr, flush=True)
                    os.kill(pid, signal.SIGKILL)

    def _look_after(self, name: str) -> None:
        """Start a child again once its pause is over; a pause never keeps the others or Ctrl-C waiting."""
        child, now = self.running.get(name), time.monotonic()
        if child is None:
            if now >= self.due[name]:
                self._start(name)
        elif (code := child.poll()) is not None:
            _kill_group(child)  # what it left behind would still hold the port
            self.deaths[name] = 0 if now - self.started[name] > 60 else self.deaths.get(name, -1) + 1
            pause = RESTART_PAUSES[min(self.deaths[name], len(RESTART_PAUSES) - 1)]
            print(f"ombud: {name} ended with code {code}; it starts again in {pause:g} s", file=sys.stderr, flush=True)
            del self.running[name]
            self.due[name] = now + pause

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Take a signal: finish in order."""
        self.is_stopping = True

    def _start(self, name: str) -> None:
        self.started[name] = time.monotonic()
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "ombud.project", "serve", "--child", name, *self.arguments],
            env={
                **os.environ,
                heartbeat.PARENT: str(os.getpid()),
                heartbeat.LISTENER: self.listener.address,
            },
            # A group of its own: Ctrl-C reaches this process alone, which then ends the children in order.
            start_new_session=True,
        )

    def _end_all(self) -> None:
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        end = time.monotonic() + heartbeat.PATIENCE
        for child in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, end - time.monotonic()))
            _kill_group(child)
            child.wait()


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _be_child(name: str, host: str, port: int) -> int:
    if name == "clock":
        pulse = import_module("ombud.clock.pulse")
        pulse.move_on()
        heartbeat.begin(is_well=pulse.is_moving)
        return maintenance.clock([])
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    heartbeat.begin()
    os.environ[heartbeat.PARENT] = str(os.getpid())  # of the workers, each of which begins in wsgi.py
    Server(
        "ombud.project.rsgi:front",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=settings.OMBUD_WEB_PROCESSES,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.error,
    ).serve()
    return 0
