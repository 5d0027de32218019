"""Faults at random under load: what was acknowledged is there afterwards, once, and every case refolds.

    make soak                                    ten minutes on each database
    make soak MINUTES=1 ARGS="--seed 7 --databases sqlite"

Clients file, act and upload while processes and the database are killed, the disk fills up, mail is slow and the clock
jumps. A full disk needs the right to mount one (root); without it that fault is left out, and the table says so.
Everything happens in a folder and databases of its own. Exit code 1 where something was lost, doubled or diverged.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import urlopen

from bench import place, soak_faults
from bench.figures import table
from bench.soak_database import Cluster, Database, Embedded
from bench.soak_load import Client, Ledger
from bench.soak_mail import mail_server
from bench.soak_site import Site, environment, small_disk

CLIENTS = 4
PATIENCE = 300.0  # seconds for all to be up again once nothing is hurt any more
BETWEEN = 5  # things acknowledged between two faults: nothing is hurt that does no work
AFTERWARDS = 15.0  # seconds in which clients get their last answers and the clocks do what is due
DATABASES = (place.SQLITE, place.POSTGRESQL)


def main() -> int:
    """Soak each database, print what was found, and return 1 where anything was."""
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10, help="on each database")
    parser.add_argument("--seed", type=int, default=1, help="of the faults' order and of what clients do")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    options = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}
    for name in options.databases:
        got = soaked(name, seconds=options.minutes * 60, seed=options.seed)
        if got is not None:
            rows[name] = got
    print(f"soak: {options.minutes:g} minutes each, seed {options.seed}, {CLIENTS} clients\n")
    print(told(rows))
    for name, got in rows.items():
        for problem in got["problems"]:
            print(f"{name}: {problem}")
    return 0 if rows and all(is_proof(got) for got in rows.values()) else 1


def is_proof(got: Mapping[str, Any]) -> bool:
    """Return whether nothing was found where there was something to find: a site that did no work proves nothing."""
    if got["acknowledged"] < BETWEEN * max(1, got["faults"].total()):
        print("too little was acknowledged between the faults: a machine that is too busy shows nothing")
        return False
    return not sum(got["findings"].values())


def soaked(name: str, *, seconds: float, seed: int) -> dict[str, Any] | None:
    """Return what `soak_inside` counted after faults on one database, and what was done to it; None without it."""
    programs = place.programs()
    if name == place.POSTGRESQL and programs is None:
        print("(no PostgreSQL here: it is left out)", file=sys.stderr)
        return None
    with place.scratch() as folder, small_disk(folder / "disk") as has_disk, mail_server() as (mail, smtp_port):
        disk, var = folder / "disk", folder / "disk" / "var"
        var.mkdir()
        database: Database = Cluster(disk, programs) if name == place.POSTGRESQL and programs else Embedded()
        try:
            env = environment(folder, var, database.url)
            token = _inside(env, "prepare", str(smtp_port)).strip()
            site = Site(folder, env, database, mail, disk)
            return _hurt(site, token, seconds=seconds, dice=random.Random(seed), has_disk=has_disk)
        finally:
            database.stop()


def _hurt(site: Site, token: str, *, seconds: float, dice: random.Random, has_disk: bool) -> dict[str, Any]:
    """Hurt an installation under load for so long, let it recover, and count."""
    ledger, stop = Ledger(), threading.Event()
    site.start()
    try:
        _until(site, lambda: is_ready(site.port))
        clients = [Client(site.port, token, ledger, stop, random.Random(dice.random())) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        struck = strike(site, ledger, dice, has_disk=has_disk, until=time.monotonic() + seconds)
        _until(site, lambda: _heals(site))
        stop.set()
        for each in clients:
            each.join(PATIENCE)
        time.sleep(AFTERWARDS)
    finally:
        site.stop()
    written = site.folder / "ledger.json"
    written.write_text(ledger.written())
    got: dict[str, Any] = json.loads(_inside(site.env, "count", str(written)))
    return {
        **got,
        "faults": struck,
        "acknowledged": ledger.acknowledged,
        "unanswered": ledger.answers["none"],
        "refused": sum(count for status, count in ledger.answers.items() if status.startswith("5")),
        "turned away": sum(count for status, count in ledger.answers.items() if status.startswith("4")),
        "again": site.mail.again,
        "has_disk": has_disk,
    }


def strike(site: Site, ledger: Ledger, dice: random.Random, *, has_disk: bool, until: float) -> Counter[str]:
    """Strike a site with one fault after the other until then, each once it works; return how often with which."""
    struck: Counter[str] = Counter()
    for fault in soak_faults.drawn(dice, has_disk=has_disk):
        time.sleep(dice.uniform(1, 6))
        enough = ledger.acknowledged + BETWEEN
        while ledger.acknowledged < enough and time.monotonic() < until:
            time.sleep(0.2)
        if time.monotonic() >= until:
            break
        fault.strike(site, dice, time.sleep)
        struck[fault.name] += 1
        print(f"  {site.database.name}: {fault.name}", file=sys.stderr, flush=True)
        site.database.heal()
        site.start()
    return struck


def told(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what was done, and what came of it, as a table with a column for each database."""
    faults = [each.name for each in soak_faults.FAULTS]
    first: Mapping[str, Any] = next(iter(rows.values()), {"findings": {}})
    lines: list[list[object]] = [[each, *(_struck(each, got) for got in rows.values())] for each in faults]
    done = {
        "acknowledged to clients": "acknowledged", "tries that nobody answered": "unanswered",
        "tries answered with 5xx": "refused",
        "tries answered with 4xx": "turned away", "cases": "cases", "events": "events", "rungs passed": "rungs",
        "notices": "notices", "letters written": "letters", "mails taken": "sent",
        "mails that came again under their own id": "again",
    }  # fmt: skip
    lines += [[words, *(got[key] for got in rows.values())] for words, key in done.items()]
    lines += [[f"**{what}**", *(got["findings"][what] for got in rows.values())] for what in first["findings"]]
    return table(("", *rows), lines)


def _struck(fault: str, got: Mapping[str, Any]) -> object:
    is_left_out = fault == soak_faults.NEEDS_DISK and not got["has_disk"]
    return "left out: may not mount a disk" if is_left_out else got["faults"][fault]


def _heals(site: Site) -> bool:
    site.database.heal()
    site.start()
    return is_ready(site.port)


def is_ready(port: int) -> bool:
    """Return whether an installation takes complaints."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _until(site: Site, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"the installation does not come back; it said last:\n{site.said()}")
        time.sleep(0.5)


def _inside(env: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "bench.soak_inside", *arguments]
    return subprocess.run(command, env=env, cwd=place.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
