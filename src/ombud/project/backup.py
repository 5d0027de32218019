"""`ombud backup` and `ombud restore`: the embedded installation in one sealed file, or either in a series of them."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from ombud.cases.keeping import backups_made
from ombud.privacy import keys
from ombud.project import series_command
from ombud.project.backups.points import opened_by_any
from ombud.project.sealed_file import Reader, SealedFileError, Writer

DATABASE, MANIFEST, MEDIA = "ombud.sqlite3", "manifest.json", "media"
BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite keeps of one database
_FAULTS = (OSError, EOFError, tarfile.TarError, zlib.error, sqlite3.Error, SealedFileError)


class BackupError(Exception):
    """The backup cannot be written or put back."""


def backup(arguments: Sequence[str]) -> int:
    """Write the register and its evidence into one file while Ombud runs; the keys are not in it."""
    parser = argparse.ArgumentParser(
        prog="ombud backup",
        description="Write database and evidence into FILE, sealed under the master key, which is not in it.",
    )
    parser.add_argument(
        "--check", action="store_true", help="read FILE to its end instead, and say whether it is whole"
    )
    parser.add_argument(
        "--incremental", action="store_true", help="add to the series of backups in the folder FILE what is new since"
    )
    parser.add_argument("--list", action="store_true", help="say what lies in the folder FILE, and what each needs")
    parser.add_argument("--full-every", type=int, default=7, metavar="DAYS", help="begin the series anew so often (7)")
    parser.add_argument("--every", type=int, metavar="MINUTES", help="do not end, and add to the series so often")
    parser.add_argument("--keep", type=int, metavar="DAYS", help="let go of older ones that no younger one needs")
    parser.add_argument("file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.incremental:
        return series_command.add(options.file, full_every=options.full_every, keep=options.keep, every=options.every)
    if options.list or (options.check and options.file.is_dir()):
        return series_command.tell(options.file, reads_all=options.check)
    return _told(options.file, check if options.check else write, needs_files=not options.check)


def restore(arguments: Sequence[str]) -> int:
    """Put a backup into an installation that has no database yet."""
    parser = argparse.ArgumentParser(prog="ombud restore", description="Put a backup into an empty installation.")
    parser.add_argument("--until", metavar="TIME", help="of a series: as it was then, as 2026-11-29T14:05+08:00")
    parser.add_argument("file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.file.is_dir():
        return series_command.put_back(options.file, until=options.until)
    return _told(options.file, put_back, needs_files=True)


def _told(file: Path, work: Any, *, needs_files: bool) -> int:
    try:
        if needs_files and not settings.IS_EMBEDDED:
            raise BackupError("the data are on PostgreSQL: ombud backup --incremental FOLDER makes a series instead")
        print(work(file))
    except BackupError as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    except _FAULTS as error:
        print(f"ombud: {file}: {error}", file=sys.stderr)
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
        whole = Path(scratch) / "whole"
        with whole.open("wb") as out:
            whole.chmod(0o600)
            with (
                closing(Writer(out, keys.current("backup"))) as sealed,
                tarfile.open(fileobj=sealed, mode="w|gz") as archive,
            ):
                _fill(archive, members)
        whole.replace(file)
    with contextlib.suppress(DatabaseError):  # it is made, whether that can be written down or not
        backups_made.note(
            made_at=timezone.now(), kind="file", file=file.name, size=file.stat().st_size,
            generation=keys.ring()[0].generation,
        )  # fmt: skip
    return f"{file}: the database and {len(members) - 1} files. Keep {settings.OMBUD_VAR / 'master.key'} elsewhere."


def _fill(archive: tarfile.TarFile, members: Sequence[tuple[str, Path]]) -> None:
    sums = {}
    for name, path in members:
        archive.add(path, name, recursive=False)
        sums[name] = _sum(path)
    manifest = json.dumps({"made_at": timezone.now().isoformat(), "sha256": sums}, indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size = len(manifest)
    archive.addfile(info, BytesIO(manifest))


def check(file: Path) -> str:
    """Read a backup to its end and return what it holds; nothing is written. Raises BackupError, SealedFileError."""
    made_at, number = _read(file, None)
    return f"{file} is whole: the database and {number} files, made at {made_at}"


def put_back(file: Path) -> str:
    """Put a backup back and return what to do next; refuses to overwrite, and a file that is not whole."""
    database, media = _database(), settings.OMBUD_VAR / MEDIA
    there = [path for each in BESIDE if (path := database.with_name(database.name + each)).exists()]
    there += [media] if media.is_dir() and any(media.iterdir()) else []
    if there:
        raise BackupError(f"{there[0]} exists: restore into an empty OMBUD_VAR, or move it away first")
    settings.OMBUD_VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.OMBUD_VAR) as scratch:
        held = Path(scratch)
        _read(file, held)
        with closing(sqlite3.connect(held / DATABASE)) as copy:
            (state,) = copy.execute("PRAGMA quick_check").fetchone()
        if state != "ok":
            raise BackupError(f"{file}: its database is damaged: {state}")
        # Nothing was put anywhere so far; from here on nothing is read that could be wrong.
        if (held / MEDIA).is_dir():
            with contextlib.suppress(FileNotFoundError):
                media.rmdir()  # which was empty; where something has come since, it stays and this fails
            (held / MEDIA).replace(media)
        (held / DATABASE).replace(database)
    return f"{file} is put back. Now: ombud migrate; ombud verify"


def _read(file: Path, into: Path | None) -> tuple[str, int]:
    """Read a backup, keep its files in a folder if one is given, and return when it was made and how many files it has.

    Raises BackupError where a file is not what was backed up, SealedFileError where the file itself is damaged.
    """
    sums: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with file.open("rb") as sealed, closing(opened_by_any(sealed)) as opened, _archive(opened) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None or not _is_ours(member.name):
                raise BackupError(f"{file}: {member.name} does not belong into a backup")
            if member.name == MANIFEST:
                manifest = json.loads(content.read())
            else:
                sums[member.name] = _kept(content, into / member.name if into else None)
        while opened.read(1024 * 1024):  # to the very end: what was cut off there is damage too
            pass
    wrong = sorted(name for name, wanted in manifest.get("sha256", {}).items() if sums.get(name) != wanted)
    if not manifest or wrong or DATABASE not in sums:
        raise BackupError(f"{file} is damaged: {wrong[0] if wrong else MANIFEST} is not what was backed up")
    return str(manifest["made_at"]), len(sums) - 1


def _archive(opened: Reader) -> tarfile.TarFile:
    return tarfile.open(fileobj=opened, mode="r|gz")


def _is_ours(name: str) -> bool:
    parts = Path(name).parts
    return name in {DATABASE, MANIFEST} or (parts[:1] == (MEDIA,) and ".." not in parts)


def _kept(content: IO[bytes], path: Path | None) -> str:
    """Return the SHA-256 of what is read, and write it to the path if there is one."""
    digest = hashlib.sha256()
    if path is None:
        while part := content.read(1024 * 1024):
            digest.update(part)
        return digest.hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        path.chmod(0o600)
        shutil.copyfileobj(content, out, 1024 * 1024)
    return _sum(path)


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
