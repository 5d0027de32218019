"""Writers queue for SQLite's write lock, threads and processes alike; tried on a file of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

SCRATCH = "scratch"
HELD = 0.03  # seconds that each writer keeps the lock; SQLite's own waiting sleeps up to 0.1 between two tries


@pytest.fixture
def scratch(tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    connections.settings[SCRATCH] = {
        **connections.settings["default"],
        "ENGINE": "ombud.project.sqlite",
        "NAME": str(tmp_path / "scratch.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
    with django_db_blocker.unblock():
        with connections[SCRATCH].cursor() as cursor:
            cursor.execute("CREATE TABLE line (number integer)")
        yield
        connections[SCRATCH].close()
    del connections.settings[SCRATCH]
    del connections[SCRATCH]


def test_nobody_else_reads_the_file(tmp_path: Path, scratch: None) -> None:
    with connections[SCRATCH].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    write(1)
    files = list(tmp_path.glob("scratch.sqlite3*"))
    assert len(files) > 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_file_that_everybody_read_is_taken_from_them(tmp_path: Path, scratch: None) -> None:
    (tmp_path / "scratch.sqlite3").chmod(0o644)
    connections[SCRATCH].close()
    assert lines() == 0
    assert (tmp_path / "scratch.sqlite3").stat().st_mode & 0o777 == 0o600


def write(number: int) -> None:
    with transaction.atomic(using=SCRATCH), connections[SCRATCH].cursor() as cursor:
        cursor.execute("INSERT INTO line VALUES (%s)", [number])
        time.sleep(HELD)


def lines() -> int:
    with connections[SCRATCH].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM line")
        return int(cursor.fetchone()[0])


def run(*works: Any) -> float:
    """Return how long the works took together, each in a thread of its own."""

    def and_close(work: Any) -> None:
        work()
        connections[SCRATCH].close()

    threads = [threading.Thread(target=and_close, args=[work]) for work in works]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return time.perf_counter() - began


def test_writers_that_meet_all_write_one_after_the_other(scratch: None) -> None:
    taken = run(*[lambda number=number: [write(number) for _ in range(5)] for number in range(4)])
    assert lines() == 20
    assert taken >= 20 * HELD  # never two at once


def test_a_transaction_that_fails_gives_its_turn_back(scratch: None) -> None:
    def fail() -> None:
        with transaction.atomic(using=SCRATCH):
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            fail()
    assert run(lambda: write(1)) < 4  # a turn that was kept would be waited for twenty seconds
    assert lines() == 1


def test_a_statement_of_its_own_gets_its_turn_among_transactions(scratch: None) -> None:
    """SQLite tries again every tenth of a second, and finds the lock taken by whoever waited for it in the queue."""
    stop = threading.Event()

    def go_on(number: int) -> None:
        while not stop.is_set():
            write(number)

    def among() -> None:
        try:
            with connections[SCRATCH].cursor() as cursor:
                for number in range(100, 110):
                    cursor.execute("INSERT INTO line VALUES (%s)", [number])
                cursor.executemany("UPDATE line SET number = %s WHERE number = %s", [(200, 100), (201, 101)])
        finally:
            stop.set()

    connections.settings[SCRATCH]["OPTIONS"]["timeout"] = 2
    run(*[lambda number=number: go_on(number) for number in range(3)], among)
    with connections[SCRATCH].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM line WHERE number > 99")
        assert cursor.fetchone() == (10,)


HOLDER = """
import sys, time
from ombud.project.sqlite.base import _Turn
turn = _Turn(sys.argv[1])
assert turn.take(1)
print("taken", flush=True)
time.sleep(float(sys.argv[2]))
turn.give_back()
"""


def hold(tmp_path: Path, seconds: float) -> subprocess.Popen[str]:
    """Let another process have the turn for so long; return once it has it."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "scratch.sqlite3"), str(seconds)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "taken\n"
    return other


def test_a_writer_waits_for_one_of_another_process(scratch: None, tmp_path: Path) -> None:
    with hold(tmp_path, 1.0) as other:
        began = time.perf_counter()
        write(1)
        assert time.perf_counter() - began > 0.5
        assert other.wait(10) == 0
    assert lines() == 1


def test_a_process_that_dies_with_the_turn_keeps_nobody_waiting(scratch: None, tmp_path: Path) -> None:
    with hold(tmp_path, 60) as other:
        threading.Timer(0.5, other.kill).start()
        began = time.perf_counter()
        write(1)
        assert time.perf_counter() - began < 4  # else patience ended, not the other's life
    assert lines() == 1


@pytest.mark.parametrize("patience", [0.3, pytest.param(6.5, marks=pytest.mark.slow)])
def test_a_writer_waits_for_the_turn_as_long_as_is_set(scratch: None, tmp_path: Path, patience: float) -> None:
    connections[SCRATCH].settings_dict["OPTIONS"]["timeout"] = patience
    with hold(tmp_path, 60) as other:
        began = time.perf_counter()
        write(1)  # the database itself is free
        assert patience <= time.perf_counter() - began < patience + 4
        other.kill()
    assert lines() == 1


VISITOR = """
import sqlite3, sys
visiting = sqlite3.connect(sys.argv[1])
visiting.execute("SELECT count(*) FROM line").fetchone()
visiting.close()
"""


def test_a_second_connection_leaves_the_locks_of_the_first_alone(scratch: None, tmp_path: Path) -> None:
    """Else a program that leaves believes that it was the last, and removes the log that the others still write."""
    with connections[SCRATCH].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    write(1)
    run(lambda: write(2))  # a thread with a connection of its own
    subprocess.run([sys.executable, "-c", VISITOR, str(tmp_path / "scratch.sqlite3")], check=True)
    assert (tmp_path / "scratch.sqlite3-wal").exists()
    write(3)
    assert lines() == 3
