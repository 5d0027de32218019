"""`ombud serve` as a process: what dies comes back, and nothing survives its supervisor."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

OWN = {**os.environ, "DJANGO_SETTINGS_MODULE": "ombud.project.settings"}  # not those of the tests


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(port: int, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen]:
    program = getattr(request, "param", ["-m", "ombud.project"])
    env = {**OWN, "OMBUD_VAR": str(tmp_path), "OMBUD_DEMO": "0"}
    env.pop("DATABASE_URL", None)
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, *program, "serve", "--port", str(port)],
            env=env, stdout=log, stderr=log,
        )  # fmt: skip
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def is_up(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def children(server: subprocess.Popen, port: int) -> dict[int, str]:
    """Return pid -> "web" or "clock" of everything that runs for this port."""
    listed = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        pid, _, args = line.strip().partition(" ")
        if "--child" in args and f"--port {port}" in args and int(pid) != server.pid:
            found[int(pid)] = "web" if "--child web" in args else "clock"
    return found


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_child_that_dies_comes_back_and_ctrl_c_ends_all_of_it(server, port):
    wait_until(lambda: is_up(port))
    web = [pid for pid, name in children(server, port).items() if name == "web"]
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_up(port) and not set(web) & set(children(server, port)))
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=PATIENCE) == 0
    wait_until(lambda: not children(server, port))


def test_nothing_survives_a_supervisor_that_was_killed(server, port):
    wait_until(lambda: is_up(port))
    server.kill()
    wait_until(lambda: not children(server, port) and not is_up(port))


def test_no_worker_goes_on_where_the_supervisor_and_its_web_process_are_killed_at_once(server, port):
    wait_until(lambda: is_up(port))
    mains = [pid for pid, name in children(server, port).items() if name == "web" and parent_of(pid) == server.pid]
    assert len(mains) == 1
    for pid in [server.pid, *mains]:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not children(server, port) and not is_up(port))


IMPATIENT = """
import sys
from ombud.project import command, heartbeat
heartbeat.SILENCE = 4.0
sys.exit(command.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("server", [["-c", IMPATIENT]], indirect=True)
def test_a_worker_and_a_clock_that_stand_still_are_replaced(server, port):
    wait_until(lambda: is_up(port))
    before = children(server, port)
    clock = next(pid for pid, name in before.items() if name == "clock")
    worker = next(pid for pid, name in before.items() if name == "web" and parent_of(pid) != server.pid)
    time.sleep(1.5)  # each has been heard of
    for pid in (clock, worker):
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: not {clock, worker} & set(children(server, port)))
    wait_until(lambda: len(children(server, port)) == len(before) and is_up(port))


def test_a_port_that_is_taken_is_named(tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "ombud.project", "serve", "--port", str(port)],
            env={**OWN, "OMBUD_VAR": str(tmp_path)},
            capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_wrong_setting_ends_the_program_with_its_name(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "ombud.project", "migrate"],
        env={**OWN, "OMBUD_VAR": str(tmp_path), "OMBUD_DEMO": "perhaps"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("ombud: OMBUD_DEMO: 'perhaps' is neither 1 nor 0")
