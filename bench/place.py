"""Where a benchmark runs: a folder, keys and databases of its own, never those of the installation."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SQLITE, POSTGRESQL = "sqlite", "postgresql"


def environment(var: Path, database: str = "") -> dict[str, str]:
    """Return the environment of an installation in `var`, with nothing of the caller's installation."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("OMBUD_", "DATABASE_URL", "DJANGO_"))}
    return {
        **inherited,
        "OMBUD_VAR": str(var),
        "OMBUD_SECRET_KEY": "a secret that protects nothing but benchmarks",
        "OMBUD_MASTER_KEY": "be" * 32,  # one for all, so that a register filled once opens in every database
        "OMBUD_LOG_LEVEL": "WARNING",
        "OMBUD_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "ombud.project.settings",
        "PYTHONPATH": str(ROOT),
        **({"DATABASE_URL": database} if database else {}),
    }


def inside(module: str, arguments: list[str], env: Mapping[str, str]) -> None:
    """Run a module of this package as a program of its own in that environment."""
    subprocess.run([sys.executable, "-m", f"bench.{module}", *arguments], env=env, cwd=ROOT, check=True)


@contextlib.contextmanager
def scratch(keep: Path | None = None) -> Iterator[Path]:
    """Yield a folder: the one to keep, or one that is gone afterwards."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="ombud-bench-") as folder:
        # The server's own account must be able to reach its cluster in here.
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str | None]:
    """Yield the address of a PostgreSQL server in `folder`, as durable as in earnest; None where there is none."""
    found = programs()
    if found is None:
        print("(no PostgreSQL here: its figures are left out)", file=sys.stderr)
        yield None
        return
    data = folder / "cluster"
    if not data.exists():
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data, "postgres")
        run_server_program(found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
    port = free_port()
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=512MB"
    options += " -c effective_cache_size=2GB -c random_page_cost=1.1 -c max_wal_size=4GB"
    run_server_program(found / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
    try:
        yield f"postgres://postgres@127.0.0.1:{port}"
    finally:
        run_server_program(found / "pg_ctl", "-D", data, "-m", "fast", "stop")


def fresh_database(server: str, name: str) -> str:
    """Return the address of a database on that server, made where it is missing."""
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


def programs() -> Path | None:
    """Return where PostgreSQL's own programs lie, the newest ones; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def run_server_program(program: Path, *arguments: object) -> None:
    """Run a program of PostgreSQL's as whom it agrees to run."""
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, *, patience: float = 60, says: bool = False) -> None:
    """Wait until a server listens on that port of this machine; one that `says` something first has said it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            if not says or probe.recv(4):
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}")
