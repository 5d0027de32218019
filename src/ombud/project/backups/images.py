"""The database as one file, consistent although others write meanwhile, cut into blocks that a later one shares.

SQLite copies itself; blocks are as many of its pages. PostgreSQL writes statements (pg_dump, one snapshot), for which
any account may ask that owns the tables; blocks end at lines that their content chooses, so that a row more moves none
but its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

BLOCK = 32 * 1024  # bytes of SQLite's pages
_SHORTEST, _LONGEST = 16 * 1024, 512 * 1024  # bytes of lines
_ENDS = 0x1F  # a line ends a block where these bits of its sum are 0: one of 32
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class ImageError(Exception):
    """The database cannot be copied or put back; the message says why."""


class Block(NamedTuple):
    """A piece of an image: by what it is known, and how long it is."""

    mark: str
    size: int


def vendor() -> str:
    """Return which database this installation has."""
    return SQLITE if settings.IS_EMBEDDED else POSTGRESQL


def take(file: Path) -> None:
    """Write the database into a file. Raises ImageError."""
    if settings.IS_EMBEDDED:
        with closing(sqlite3.connect(_database())) as live, closing(sqlite3.connect(file)) as target:
            live.backup(target)
        return
    with file.open("wb") as out:
        _run("pg_dump", ["--format=plain", "--no-owner", "--no-privileges", "--encoding=UTF8"], stdout=out)


def blocks(file: Path, kind: str) -> Iterator[tuple[Block, bytes]]:
    """Yield the blocks of an image with what is in them."""
    with file.open("rb") as content:
        for part in _pages(content) if kind == SQLITE else _lines(content):
            yield Block(mark_of(part), len(part)), part


def mark_of(part: bytes) -> str:
    """Return by what a block is known."""
    return hashlib.blake2b(part, digest_size=16).hexdigest()


def _pages(content: Any) -> Iterator[bytes]:
    while part := content.read(BLOCK):
        yield part


def _lines(content: Any) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in content:
        held.append(line)
        size += len(line)
        if size >= _LONGEST or (size >= _SHORTEST and not zlib.crc32(line) & _ENDS):
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def need_empty() -> None:
    """Raise ImageError where a database, its log or a table is in the way of one that is put back."""
    if settings.IS_EMBEDDED:
        database = _database()
        for each in ("", "-wal", "-shm", "-journal"):
            if (path := database.with_name(database.name + each)).exists():
                raise ImageError(f"{path} exists: restore into an empty OMBUD_VAR, or move it away first")
        return
    question = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    if _run("psql", ["--no-psqlrc", "--tuples-only", "--no-align", "--command", question]).strip() != b"0":
        raise ImageError("the database holds tables already: restore into an empty one, made by createdb")


def put_back(file: Path) -> None:
    """Make an image the database, whole or not at all. Raises ImageError."""
    if settings.IS_EMBEDDED:
        with closing(sqlite3.connect(file)) as copy:
            (state,) = copy.execute("PRAGMA quick_check").fetchone()
        if state != "ok":
            raise ImageError(f"the database in it is damaged: {state}")
        file.chmod(0o600)
        shutil.move(file, _database())
        return
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    _run("psql", [*words, "--file", str(file)])


def _database() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _run(program: str, arguments: list[str], stdout: Any = subprocess.PIPE) -> bytes:
    if shutil.which(program) is None:
        raise ImageError(f"{program} is missing: install PostgreSQL's client, of the server's version or a newer one")
    done = subprocess.run(
        [program, "--no-password", *arguments], stdout=stdout, stderr=subprocess.PIPE, env=_environment(), check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ImageError(f"{program}: {said[-1] if said else done.returncode}")
    return done.stdout or b""


def _environment() -> Mapping[str, str]:
    """Return how PostgreSQL's own programs reach the database; a password stands in no list of processes."""
    held = settings.DATABASES["default"]
    said = {
        "PGHOST": held["HOST"],
        "PGPORT": held["PORT"],
        "PGUSER": held["USER"],
        "PGPASSWORD": held["PASSWORD"],
        "PGDATABASE": held["NAME"],
        "PGSSLMODE": held["OPTIONS"].get("sslmode", ""),
        "PGSSLROOTCERT": held["OPTIONS"].get("sslrootcert", ""),
    }
    return {**os.environ, **{name: str(value) for name, value in said.items() if value}}
