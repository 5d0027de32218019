"""`ombud backup` and `ombud restore`: the embedded installation in one file, the keys apart."""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.utils import timezone

DATABASE, MANIFEST, MEDIA = "ombud.sqlite3", "manifest.json", "media"


class BackupError(Exception):
    """The backup cannot be written or put back."""


def backup(arguments: Sequence[str]) -> int:
    """Write the register and its evidence into one file while Ombud runs; the keys are not in it."""
    about = "Write database and evidence into FILE; the master key is not in it: keep it elsewhere."
    return _run("ombud backup", about, arguments, write)


def restore(arguments: Sequence[str]) -> int:
    """Put a backup into an installation that has no database yet."""
    return _run("ombud restore", "Put a backup into an empty installation.", arguments, put_back)


def _run(program: str, about: str, arguments: Sequence[str], work: Callable[[Path], str]) -> int:
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        if not settings.IS_EMBEDDED:
            raise BackupError("the data are on PostgreSQL: see docs/how-to/back-up-and-keys.md")
        print(work(options.file))
    except (BackupError, OSError, tarfile.TarError, sqlite3.Error) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    return 0


def write(file: Path) -> str:
    """Write the backup and return what to say about it; the file appears only when it is whole."""
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as scratch:
        copy = Path(scratch) / DATABASE
        with closing(sqlite3.connect(_database())) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target)  # SQLite's own copy: consistent although others write meanwhile
        # Evidence after the database: a file that no case names does no harm, a case without its file does.
        members = [(DATABASE, copy), *_evidence()]
        whole = Path(scratch) / "whole.tar.gz"
        with tarfile.open(whole, "w:gz") as archive:
            sums = {}
            for name, path in members:
                archive.add(path, name, recursive=False)
                sums[name] = _sum(path)
            manifest = json.dumps({"made_at": timezone.now().isoformat(), "sha256": sums}, indent=1).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(manifest)
            archive.addfile(info, BytesIO(manifest))
        whole.chmod(0o600)
        whole.replace(file)
    return f"{file}: the database and {len(members) - 1} files. Keep {settings.OMBUD_VAR / 'master.key'} elsewhere."


def put_back(file: Path) -> str:
    """Put a backup back and return what to do next; refuses to overwrite, and a file that is not whole."""
    database = _database()
    if database.exists():
        raise BackupError(f"{database} exists: restore into an empty OMBUD_VAR, or move it away first")
    settings.OMBUD_VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.OMBUD_VAR) as scratch, tarfile.open(file) as archive:
        archive.extractall(scratch, filter="data")  # no absolute paths, no links out, no devices
        held = Path(scratch)
        if not (held / MANIFEST).is_file():
            raise BackupError(f"{file} is no backup of Ombud: it has no {MANIFEST}")
        for name, wanted in json.loads((held / MANIFEST).read_text("utf-8"))["sha256"].items():
            if not (held / name).is_file() or _sum(held / name) != wanted:
                raise BackupError(f"{file} is damaged: {name} is not what was backed up")
        for path in sorted((held / MEDIA).rglob("*")):
            if path.is_file():
                place = settings.OMBUD_VAR / path.relative_to(held)
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
        (held / DATABASE).replace(database)
    return f"{file} is put back. Put its master.key into {settings.OMBUD_VAR}, then: ombud migrate; ombud verify"


def _database() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _evidence() -> Iterator[tuple[str, Path]]:
    media = settings.OMBUD_VAR / MEDIA
    for path in sorted(media.rglob("*")):
        if path.is_file():
            yield f"{MEDIA}/{path.relative_to(media)}", path


def _sum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
