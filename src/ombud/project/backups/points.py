"""One backup of a series: a sealed file that says what the installation consisted of, and holds what is new in it."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from ombud.privacy import keys
from ombud.project.backups.images import Block, mark_of
from ombud.project.sealed_file import OtherKey, Reader, SealedFileError, Writer

SUFFIX, FORMAT = ".ombud", 1
STAMP = "%Y%m%dT%H%M%SZ"  # that names begin with: in UTC, in order of time
MANIFEST, BLOCKS, MEDIA = "manifest.json", "blocks", "media"
FULL, INCREMENT = "full", "increment"
FAULTS = (OSError, EOFError, tarfile.TarError, zlib.error, SealedFileError, ValueError, KeyError, TypeError)


class PointError(Exception):
    """A backup of a series cannot be used; the message names it."""


class ClosedPoint(PointError):
    """It was sealed under a master key that is not at hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    id: str
    made_at: str
    kind: str  # full, increment
    vendor: str  # of the database: sqlite, postgresql
    blocks: list[str]  # the marks of all blocks of the database, in order
    fresh: list[Block]  # those that this file holds, each once
    evidence: dict[str, list[Any]]  # name -> [sha256, size]: all that were there
    files: list[str]  # those that this file holds
    needs: dict[str, list[Any]]  # id -> [file name, size]: the others that hold the rest
    erased: dict[str, str]  # reference -> when its complainant was erased
    by: str  # version of Ombud
    generation: int  # of the master key that it is sealed under
    format: int = FORMAT

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A file of the series, and what it says of itself."""

    path: Path
    manifest: Manifest
    size: int = field(default=0)


def stamp_of(name: str) -> str:
    """Return when a file was made, to the second, as its name says."""
    return name.partition("-")[0]


def name_of(manifest: Manifest) -> str:
    """Return the name of its file: in order of time, to the second, and nobody else's."""
    return f"{manifest.at:{STAMP}}-{manifest.id[:6]}-{manifest.kind}{SUFFIX}"


def write(path: Path, manifest: Manifest, blocks: Path, media: Path) -> None:
    """Write a backup; the file appears only once it is whole."""
    draft = path.with_name(f".{path.name}.part")
    said = json.dumps(asdict(manifest)).encode()
    try:
        with draft.open("wb") as out:
            draft.chmod(0o600)
            with (
                closing(Writer(out, keys.current("backup"))) as sealed,
                tarfile.open(fileobj=sealed, mode="w|gz") as archive,
            ):
                info = tarfile.TarInfo(MANIFEST)
                info.size = len(said)
                archive.addfile(info, BytesIO(said))
                archive.add(blocks, BLOCKS, recursive=False)
                for name in manifest.files:
                    archive.add(media / name, f"{MEDIA}/{name}", recursive=False)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Reader, tarfile.TarFile]]:
    with (
        path.open("rb") as sealed,
        closing(opened_by_any(sealed)) as reader,
        tarfile.open(fileobj=reader, mode="r|gz") as archive,
    ):
        yield reader, archive


def opened_by_any(sealed: IO[bytes]) -> Reader:
    """Return what opens a sealed file, by whichever master key at hand it was sealed under. Raises SealedFileError."""
    tried = keys.every("backup")
    for place, key in enumerate(tried):
        sealed.seek(0)
        try:
            return Reader(sealed, key)
        except OtherKey:
            if place == len(tried) - 1:
                raise
    raise AssertionError("there is a master key")


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says of itself. Raises PointError."""
    try:
        with _opened(path) as (_reader, archive):
            return _manifest(archive)
    except OtherKey as error:
        raise ClosedPoint(f"{path.name}: {error}") from error
    except FAULTS as error:
        raise PointError(f"{path.name}: {error or type(error).__name__}") from error


def _manifest(archive: tarfile.TarFile) -> Manifest:
    member = archive.next()
    content = archive.extractfile(member) if member is not None and member.name == MANIFEST else None
    if content is None:
        raise SealedFileError("it does not say what it is")
    said = json.loads(content.read())
    if said["format"] != FORMAT:
        raise SealedFileError("it was made by a newer release")
    return Manifest(**{**said, "fresh": [Block(*each) for each in said["fresh"]]})


Taken = Callable[[str, IO[bytes]], None]


def read(path: Path, *, block: Callable[[Block, bytes], None] | None = None, file: Taken | None = None) -> Manifest:
    """Read a backup to its very end, and hand over what it holds. Raises PointError for whatever is not as it was."""
    try:
        with _opened(path) as (reader, archive):
            manifest = _manifest(archive)
            seen = set()
            while (member := archive.next()) is not None:
                content = archive.extractfile(member)
                if content is None:
                    raise SealedFileError(f"{member.name} does not belong there")
                if member.name == BLOCKS:
                    _read_blocks(content, manifest.fresh, block)
                else:
                    seen.add(_read_file(member.name, content, manifest.evidence, file))
            while reader.read(1024 * 1024):
                pass
            if missing := sorted({*manifest.files} - seen):
                raise SealedFileError(f"{missing[0]} is not in it")
            return manifest
    except FAULTS as error:
        raise PointError(f"{path.name}: {error or type(error).__name__}") from error


def _read_blocks(content: IO[bytes], fresh: Sequence[Block], take: Callable[[Block, bytes], None] | None) -> None:
    for each in fresh:
        part = content.read(each.size)
        if mark_of(part) != each.mark:
            raise SealedFileError("a block of the database is not what was backed up")
        if take is not None:
            take(each, part)


def _read_file(name: str, content: IO[bytes], known: Mapping[str, list[Any]], take: Taken | None) -> str:
    folder, _, rest = name.partition("/")
    if folder != MEDIA or rest not in known or ".." in Path(rest).parts or Path(rest).is_absolute():
        raise SealedFileError(f"{name} does not belong there")
    hashing = _Hashing(content)
    if take is not None:
        take(rest, hashing)  # type: ignore[arg-type]  # all that it needs to be
    while hashing.read(1024 * 1024):
        pass
    if hashing.sha256 != known[rest][0]:
        raise SealedFileError(f"{name} is not what was backed up")
    return rest


class _Hashing:
    """Reads and hashes."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self._hash = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._content.read(size)
        self._hash.update(part)
        return part

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
